/// The requests that read a map: as few as can be, across the gaps between its points.
///
/// No block has more than 125 registers, and none ends between the words of a point or between a point and its scale
/// factor.
package struct ReadPlan: Hashable, Sendable {
  package struct Block: Hashable, Sendable {
    package let request: ModbusRequest
    /// What it holds and cannot be cut, in the order of their first registers.
    fileprivate let atoms: [ClosedRange<Int>]

    package var first: Int { Int(request.start) }
    package var end: Int { first + Int(request.count) }
    package var isWhole: Bool { atoms.count == 1 }
  }

  /// In the order of their first registers.
  package private(set) var blocks: [Block]

  /// Nil where a point and its scale factor lie further apart than one request reaches, or outside of the table.
  package init?(_ map: MeterMap) {
    blocks = []
    var atoms: [ClosedRange<Int>] = []
    for atom in map.atoms.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard atom.lowerBound >= 0, atom.upperBound < ModbusRequest.addressCount, atom.count <= Self.longest else {
        return nil
      }
      if let first = atoms.first, Self.span(atoms + [atom]).upperBound - first.lowerBound >= Self.longest {
        blocks.append(Self.block(atoms, of: map))
        atoms = []
      }
      atoms.append(atom)
    }
    guard !atoms.isEmpty else { return nil }
    blocks.append(Self.block(atoms, of: map))
  }

  /// Reads in two what one block held, cut between its points; false where it cannot be cut.
  package mutating func split(_ index: Int) -> Bool {
    let block = blocks[index]
    guard !block.isWhole else { return false }
    let cut = Self.middle(block.atoms)
    let halves = [Array(block.atoms[..<cut]), Array(block.atoms[cut...])]
    blocks.replaceSubrange(index...index, with: halves.map { Self.block($0, table: block.request.table) })
    return true
  }

  private static let longest = Int(ModbusRequest.registerCounts.upperBound)

  private static func span(_ atoms: [ClosedRange<Int>]) -> ClosedRange<Int> {
    let first = atoms.map(\.lowerBound).min() ?? 0
    return first...(atoms.map(\.upperBound).max() ?? first)
  }

  private static func block(_ atoms: [ClosedRange<Int>], of map: MeterMap) -> Block { block(atoms, table: map.table) }

  private static func block(_ atoms: [ClosedRange<Int>], table: ModbusRequest.Table) -> Block {
    let span = span(atoms)
    return Block(
      request: ModbusRequest(table: table, start: UInt16(span.lowerBound), count: UInt16(span.count)), atoms: atoms)
  }

  /// Where to cut so that the longer part is as short as can be, for a device that does not answer long reads well.
  private static func middle(_ atoms: [ClosedRange<Int>]) -> Int {
    let lengths = (1..<atoms.count).map { cut in
      (cut, max(span(Array(atoms[..<cut])).count, span(Array(atoms[cut...])).count))
    }
    return lengths.min { $0.1 < $1.1 }?.0 ?? 1
  }
}
