import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// Whatever a register does, the energies are those that the meter truly counted, but for what nobody can know.
@Suite struct RegisterPropertyTests {
  /// A meter's life: what it truly counted, what it showed, and what of that can be known.
  private struct Life {
    enum Event: CaseIterable { case none, reset, swap, bounce, zeros, gap }

    /// What is told, in the order of the instants; a part is what may come in any order.
    var parts: [[RegisterAtInstant]] = []
    /// The instants of swaps, each before the part of its number.
    var swaps: [Int: UTCInstant] = [:]
    /// What is known of the meter: instant, energy since the first reading, and how often energy was lost.
    var known: [(instant: UTCInstant, energy: Int128, breaks: Int)] = []
    var rollover = RegisterRollover.none

    static let scale: Int8 = -3
    /// 200 kW, and a count of 3,600 mJ.
    static let nameplate = Power(milliwatts: 200_000_000)
    static let length = IntervalLength.fiveMinutes
  }

  private static func life(_ random: inout SeededRandom) -> Life {
    var life = Life()
    let rolls = Int.random(in: 0..<3, using: &random) == 0
    let period: UInt64 = 1 << 32
    life.rollover = .after(Int128(period))
    var milliseconds = Int64.random(in: 0..<300_000, using: &random)
    var shown =
      rolls
      ? period - UInt64.random(in: 1...60_000, using: &random)
      : UInt64.random(in: 1_000_000_000...2_000_000_000, using: &random)
    var energy: Int128 = 0
    var breaks = 0
    let scan = Int64.random(in: 1...20, using: &random) * 1_000

    /// Time passes, and the meter counts at most half of what is plausible.
    func pass(_ elapsed: Int64) {
      let count = UInt64.random(in: 0...UInt64(elapsed / 1_000 * 25 + 1), using: &random)
      milliseconds += elapsed
      shown = (shown + count) % period
      energy += Int128(count) * 3_600
    }
    func told(_ raw: UInt64) -> RegisterAtInstant? {
      EnergyRegister(raw: raw, scale: Life.scale).map {
        RegisterAtInstant(instant: UTCInstant(milliseconds: milliseconds), register: $0)
      }
    }
    func tell() {
      guard let reading = told(shown) else { return }
      life.parts[life.parts.count - 1].append(reading)
      life.known.append((reading.instant, energy, breaks))
    }

    life.parts.append([])
    tell()
    for _ in 0..<Int.random(in: 3...8, using: &random) {
      // Just below its end a reset looks like a rollover, and another meter may come before three readings have decided.
      let events: [Life.Event] = rolls ? [.none, .gap] : Life.Event.allCases
      let event = events[Int.random(in: 0..<events.count, using: &random)]
      life.parts.append([])
      for _ in 0..<Int.random(in: 4...40, using: &random) {
        pass(scan)
        tell()
      }
      switch event {
      case .none: break
      case .gap: milliseconds += Int64.random(in: 60...20_000, using: &random) * 1_000
      case .reset:
        // Nobody knows what it counted up to its reset and since.
        pass(scan)
        energy = life.known.last?.energy ?? 0
        // Each epoch counts in a range of its own: where two overlap nobody can tell which one a late reading is of.
        breaks += 1
        shown = UInt64(9 - breaks) * 100_000_000 + UInt64.random(in: 0...1_000, using: &random)
        tell()
      case .swap:
        life.swaps[life.parts.count - 1] = UTCInstant(milliseconds: milliseconds + 1)
        pass(scan)
        energy = life.known.last?.energy ?? 0
        breaks += 1
        shown = 2_200_000_000 + UInt64(breaks) * 100_000_000 + UInt64.random(in: 0...1_000, using: &random)
        tell()
      case .bounce:
        milliseconds += scan
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          let lie = Bool.random(using: &random) ? 0 : UInt64.random(in: 3_500_000_000...4_000_000_000, using: &random)
          if let reading = told(lie) { life.parts[life.parts.count - 1].append(reading) }
          milliseconds += scan
        }
      case .zeros:
        for _ in 0..<min(200, 800_000 / scan) {
          milliseconds += scan
          if let reading = told(0) { life.parts[life.parts.count - 1].append(reading) }
        }
      }
      for _ in 0..<Int.random(in: 4...40, using: &random) {
        pass(scan)
        tell()
      }
    }
    // So that what happened last is decided.
    for _ in 0..<2 {
      milliseconds += scan
      tell()
    }
    return life
  }

  /// What a history makes of a life, told part by part, each in an order of its own.
  private static func history(of life: Life, _ order: ([RegisterAtInstant]) -> [RegisterAtInstant]) -> RegisterHistory {
    let terms = RegisterTerms(
      nameplate: Life.nameplate, length: Life.length, bridge: .seconds(60), rollover: life.rollover)
    var history = RegisterHistory()
    for (number, part) in life.parts.enumerated() {
      if let instant = life.swaps[number] { history.replace(at: instant) }
      for reading in order(part) { _ = history.accept(reading, terms) }
    }
    return history
  }

  /// The energy at a boundary by the two known readings around it, and whether it is whole.
  private static func truth(_ life: Life, at boundary: IntervalEnding) -> (energy: Int128, isWhole: Bool)? {
    let index = life.known.partitioningIndex { $0.instant >= boundary.instant }
    guard index > 0, index < life.known.count else { return nil }
    let (before, after) = (life.known[index - 1], life.known[index])
    let span = Int128((after.instant - before.instant).count)
    let elapsed = Int128((boundary.instant - before.instant).count)
    // Floored, as is everything that telescopes.
    let product = (after.energy - before.energy) * elapsed
    return (before.energy + product / span, before.breaks == after.breaks)
  }

  private static func boundaries(_ life: Life) -> [IntervalEnding] {
    guard let first = life.known.first?.instant, let last = life.known.last?.instant else { return [] }
    return (0..<100_000).lazy.map {
      IntervalEnding(containing: first + Milliseconds(1), length: Life.length).advanced(by: $0, Life.length)
    }.prefix { $0.instant <= last }.map(\.self)
  }

  private static func check(_ history: RegisterHistory, _ life: Life, _ seed: UInt64, _ what: String) {
    guard let begun = life.parts.first?.first?.register.cumulative.millijoules else { return }
    #expect(
      history.baseline?.cumulative.millijoules == life.known.last.map { begun + $0.energy },
      "seed \(seed), \(what): in all")
    for boundary in boundaries(life) {
      guard let truth = truth(life, at: boundary) else { continue }
      let register = history.register(at: boundary)
      guard register?.cumulative.millijoules == begun + truth.energy else {
        Issue.record("seed \(seed), \(what): \(boundary.instant.text) \(String(describing: register)) and not \(truth)")
        return
      }
      #expect(truth.isWhole || register?.quality == .estimated, "seed \(seed), \(what): \(boundary.instant.text)")
    }
  }

  @Test(arguments: UInt64(0)..<500)
  func energiesAddUpToWhatTheMeterCounted(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let life = Self.life(&random)
    Self.check(Self.history(of: life) { $0 }, life, seed, "in order")
  }

  @Test(arguments: UInt64(0)..<500)
  func theSameReadingsInAnotherOrderGiveTheSameEnergies(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let life = Self.life(&random)
    let shuffled = Self.history(of: life) { part in
      part.flatMap { Int.random(in: 0..<5, using: &random) == 0 ? [$0, $0] : [$0] }.shuffled(using: &random)
    }
    Self.check(shuffled, life, seed, "in another order")
  }
}
