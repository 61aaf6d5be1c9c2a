/// What is added to what a register stands at, so that it goes on where it stood before it began to count anew.
///
/// Most registers never do, and there are very many readings in memory: so zero is nothing.
package struct RegisterBase: Hashable, Sendable {
  private final class Storage: Hashable, Sendable {
    let offset: Int128
    let breaks: Int

    init(offset: Int128, breaks: Int) {
      self.offset = offset
      self.breaks = breaks
    }

    static func == (left: Storage, right: Storage) -> Bool {
      left === right || left.offset == right.offset && left.breaks == right.breaks
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(offset)
      hasher.combine(breaks)
    }
  }

  private let storage: Storage?

  /// In millijoules.
  package var offset: Int128 { storage?.offset ?? 0 }
  /// How many times the energy between two readings was not known, or another meter took over.
  package var breaks: Int { storage?.breaks ?? 0 }

  package static let zero = RegisterBase(offset: 0, breaks: 0)

  package init(offset: Int128, breaks: Int) {
    storage = offset == 0 && breaks == 0 ? nil : Storage(offset: offset, breaks: breaks)
  }

  /// 2^96 mJ, as for a register: products of their sum with a loss factor or a time then fit 128 bits.
  package static let largestOffset = Int128(1) << 96

  /// The base on which a register reads a cumulative; nil where no meter can have come so far.
  init?(_ register: EnergyRegister, reads cumulative: Int128, breaks: Int) {
    let offset = cumulative - register.cumulative.millijoules
    guard offset.magnitude < Self.largestOffset.magnitude else { return nil }
    self.init(offset: offset, breaks: breaks)
  }
}

/// Two readings of one register that do not go on from each other, and what was decided of it (rule 5 of the accounts).
package struct RegisterTurn: Hashable, Sendable {
  /// The numbers are on disk.
  package enum Reason: UInt8, Hashable, Sendable, CaseIterable {
    /// It came to the end of its width and began anew: the energy is known.
    case rollover = 1
    /// It counts on from somewhere else: nothing is known of the energy between, which counts as none.
    case reset = 2
    /// It goes on where it was before its last reset, so that the energy since then is known after all.
    case returned = 3
    /// Another meter: as with a reset, and no run of readings is waited for.
    case replaced = 4
  }

  package var reason: Reason
  /// The last reading before it.
  package var lastOld: RegisterAtInstant
  /// The first reading after it, on the new base.
  package var firstNew: RegisterAtInstant

  package init(_ reason: Reason, lastOld: RegisterAtInstant, firstNew: RegisterAtInstant) {
    self.reason = reason
    self.lastOld = lastOld
    self.firstNew = firstNew
  }

  /// Whether the energy between the two readings is none because nothing is known of it.
  package var isUnknown: Bool { reason == .reset || reason == .replaced }

  /// Whether another one is the same turn, with readings that lie closer to it.
  func isRefined(by other: Self) -> Bool { reason == other.reason && lastOld.base == other.lastOld.base }
}

/// At which count a register begins anew.
package enum RegisterRollover: Hashable, Sendable {
  /// Not known, or never.
  case none
  /// After so many counts.
  case after(Int128)
  /// SunSpec's accumulators have 32 or 64 bits; which, their values tell.
  case sunSpec

  func period(holding raw: UInt64) -> Int128? {
    switch self {
    case .none: nil
    case .after(let period): period > Int128(raw) ? period : nil
    case .sunSpec: raw < 1 << 32 ? 1 << 32 : 1 << 64
    }
  }
}

/// What a register is judged by.
package struct RegisterTerms: Hashable, Sendable {
  package var nameplate: Power
  package var length: IntervalLength
  package var bridge: Milliseconds
  package var rollover: RegisterRollover

  package init(
    nameplate: Power, length: IntervalLength, bridge: Milliseconds, rollover: RegisterRollover = .none
  ) {
    self.nameplate = nameplate
    self.length = length
    self.bridge = bridge
    self.rollover = rollover
  }
}
