import TelemetryCore

/// A meter that counts exactly: counts of 3,600 mJ, a whole number of them each second.
struct ScriptedSite: Sendable {
  /// One count is 10^-3 Wh.
  static let scale: Int8 = -3

  private(set) var raw: UInt64
  private var rate: UInt64
  private(set) var isUp = true
  /// What it stood at at each step, by second of the clock; what is between two steps rises evenly.
  private var marks: [Int64: UInt64] = [:]
  private var step: Int64 = 1

  init(at second: Int64, _ random: inout SeededRandom) {
    raw = UInt64.random(in: 0..<1_000_000, using: &random)
    rate = UInt64.random(in: 1...40, using: &random)
    marks[second] = raw
  }

  /// Time passes, and the rate may change with it.
  mutating func pass(seconds: Int64, to second: Int64) {
    raw += rate * UInt64(seconds)
    marks[second] = raw
    step = seconds
  }

  mutating func changeRate(_ random: inout SeededRandom) { rate = UInt64.random(in: 0...40, using: &random) }
  mutating func toggle() { isUp.toggle() }
  mutating func comeBack() { isUp = true }

  /// What it showed some seconds before the last step's end.
  func register(secondsAgo age: Int64) -> EnergyRegister? {
    EnergyRegister(raw: raw - rate * UInt64(age), scale: Self.scale)
  }

  /// What it truly stood at; nil before its first step and after its last.
  func cumulative(at second: Int64) -> CumulativeEnergy? {
    let (earlier, later) = (
      (0..<step).first { marks[second - $0] != nil }, (0..<step).first { marks[second + $0] != nil }
    )
    guard let earlier, let later, let from = marks[second - earlier], let through = marks[second + later] else {
      return nil
    }
    // The rise of a step is its rate times its seconds: it divides evenly.
    let rise = earlier == 0 ? 0 : (through - from) / UInt64(earlier + later) * UInt64(earlier)
    return EnergyRegister(raw: from + rise, scale: Self.scale)?.cumulative
  }
}
