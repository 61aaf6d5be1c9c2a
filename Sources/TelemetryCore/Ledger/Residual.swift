/// What rounding to the wire unit has left over in one series (P3).
///
/// Sealing and revising are the same operation: the difference between the exact energy now and the exact energy last
/// accounted for, plus the residual, is rounded to whole wire units; what is left is the new residual. So at every
/// position of the ledger the submitted values times the unit plus the residual equal the exact energies.
package struct Residual: Hashable, Sendable {
  /// At most half a wire unit either way.
  package private(set) var energy: Energy

  package static let zero = Residual(energy: .zero)

  private init(energy: Energy) { self.energy = energy }

  /// A residual as a seal in the ledger says it is.
  package init(replayed energy: Energy) { self.energy = energy }

  package func isAtMostHalf(of unit: WireUnit) -> Bool {
    Int128(energy.millijoules.magnitude) * 2 <= Int128(unit.millijoules)
  }

  /// Accounts for a change of exact energy and returns by how many wire units the interval's value changes.
  package mutating func account(for change: Energy, unit: WireUnit) -> Int64 {
    let exact = Int128(change.millijoules) + Int128(energy.millijoules)
    let steps = exact.roundedQuotient(Int128(unit.millijoules))
    let left = exact - steps * Int128(unit.millijoules)
    energy = Energy(millijoules: Int64(left))
    return Int64(clamping: steps)
  }
}
