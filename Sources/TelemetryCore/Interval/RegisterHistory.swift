/// What is known of one register of one site: where it was last, and what it stood at on the boundaries that still matter.
///
/// Fed by readings while the daemon runs and by ledger records when it starts, with the same result.
package struct RegisterHistory: Sendable, Equatable {
  /// The last register that was accepted: what the next one is judged against.
  package private(set) var baseline: RegisterAtInstant?
  /// The first boundary after the first reading.
  ///
  /// Before it the site does not contribute.
  package private(set) var firstBoundary: IntervalEnding?
  /// In ascending order of boundary.
  private var registers: [BoundaryRegister] = []
  /// The last two readings that the ledger tells of.
  private var bracket: Bracket?

  package init() {}

  /// Why a register was not accepted.
  package enum Refusal: Error, Hashable, Sendable {
    /// Not after the one that was accepted last.
    case notLater
    /// Less than the one that was accepted last.
    case wentBack(from: EnergyRegister, to: EnergyRegister)
    /// More than the site can have moved since.
    case tooFast(rise: Energy?, atMost: Energy)
  }

  /// The largest power a site may show, as a share of its nameplate: 125 %.
  private static let plausibleShare = (numerator: Int128(5), denominator: Int128(4))

  /// Takes a register and returns the boundaries that it closed, or says why it was not accepted.
  package mutating func accept(
    _ reading: RegisterAtInstant, nameplate: Power, length: IntervalLength, bridge: Milliseconds
  ) -> Result<[BoundaryRegister], Refusal> {
    guard let last = baseline else {
      begin(with: reading, length: length)
      return .success([])
    }
    if let refusal = Self.refusal(of: reading, after: last, nameplate: nameplate) { return .failure(refusal) }
    baseline = reading
    var closed: [BoundaryRegister] = []
    var boundary = Self.firstBoundary(after: last.instant, length)
    while boundary.instant <= reading.instant {
      closed.append(BoundaryRegister(at: boundary, from: last, to: reading, bridge: bridge))
      boundary = boundary.advanced(by: 1, length)
    }
    closed.forEach { insert($0) }
    return .success(closed)
  }

  private static func refusal(
    of reading: RegisterAtInstant, after last: RegisterAtInstant, nameplate: Power
  ) -> Refusal? {
    guard reading.instant > last.instant else { return .notLater }
    let before = last.register.cumulative
    let now = reading.register.cumulative
    guard now >= before else { return .wentBack(from: last.register, to: reading.register) }
    let rise = now.millijoules - before.millijoules
    let limit = plausibleRise(from: last, to: reading, nameplate: nameplate)
    guard rise <= limit else {
      return .tooFast(rise: now.energy(since: before), atMost: Energy(millijoules: Int64(clamping: limit)))
    }
    return nil
  }

  /// Nameplate times elapsed times 125 %, and one count of the register at each end.
  private static func plausibleRise(
    from last: RegisterAtInstant, to reading: RegisterAtInstant, nameplate: Power
  ) -> Int128 {
    let elapsed = Int128((reading.instant - last.instant).count)
    let moved = Int128(nameplate.milliwatts) * elapsed / 1_000
    let count = EnergyRegister(raw: 1, scale: reading.register.scale)?.cumulative.millijoules ?? 0
    return moved * plausibleShare.numerator / plausibleShare.denominator + 2 * count
  }

  /// Takes the first register there ever was.
  package mutating func begin(with reading: RegisterAtInstant, length: IntervalLength) {
    let boundary = Self.firstBoundary(after: reading.instant, length)
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    if baseline == nil { baseline = reading }
  }

  private static func firstBoundary(after instant: UTCInstant, _ length: IntervalLength) -> IntervalEnding {
    IntervalEnding(containing: instant + Milliseconds(1), length: length)
  }

  /// Takes what the ledger says about a boundary.
  ///
  /// The two readings around it may have closed later boundaries too, which were not due when the daemon stopped. No reading
  /// after the baseline closes them again, so they are derived from the same two readings when they are asked for.
  package mutating func restore(_ register: BoundaryRegister, bridge: Milliseconds) {
    if baseline.map({ $0.instant < register.later.instant }) ?? true { baseline = register.later }
    if bracket.map({ $0.later.instant < register.later.instant }) ?? true {
      bracket = Bracket(earlier: register.earlier, later: register.later, bridge: bridge)
    }
    insert(register)
  }

  private mutating func insert(_ register: BoundaryRegister) {
    firstBoundary = min(firstBoundary ?? register.boundary, register.boundary)
    let index = registers.partitioningIndex { $0.boundary >= register.boundary }
    if index < registers.count, registers[index].boundary == register.boundary {
      registers[index] = register
    } else {
      registers.insert(register, at: index)
    }
  }

  package func register(at boundary: IntervalEnding) -> BoundaryRegister? {
    let index = registers.partitioningIndex { $0.boundary >= boundary }
    guard index < registers.count, registers[index].boundary == boundary else {
      return bracket?.register(at: boundary)
    }
    return registers[index]
  }

  /// Forgets the boundaries before one, which no open interval needs any more.
  package mutating func forget(before boundary: IntervalEnding) {
    registers.removeFirst(registers.partitioningIndex { $0.boundary >= boundary })
  }
}

/// Two readings in a row, which give every boundary between them.
private struct Bracket: Sendable, Equatable {
  var earlier: RegisterAtInstant
  var later: RegisterAtInstant
  var bridge: Milliseconds

  func register(at boundary: IntervalEnding) -> BoundaryRegister? {
    guard earlier.instant < boundary.instant, boundary.instant <= later.instant else { return nil }
    return BoundaryRegister(at: boundary, from: earlier, to: later, bridge: bridge)
  }
}

extension Array {
  /// The first index whose element fulfils a claim that holds for all elements from there on.
  func partitioningIndex(where claim: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if claim(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
