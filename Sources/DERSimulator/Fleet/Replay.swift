import TelemetryCore

/// Plays recorded power back as a pure function of the wall time.
///
/// At the epoch the record stands at its start minute. From there recorded time runs `speed` times faster than wall time
/// and power is `speed` times higher, so that registers and power agree in wall time; the record begins again at its end.
/// Power is constant within a recorded minute, so energy is an exact sum in integers: milliwatts times milliseconds are
/// microjoules. The same parameters give the same energy at the same time, in whatever process.
struct Replay: Sendable {
  /// Microjoules that each flow has moved.
  struct Flows: Equatable, Sendable {
    var exported: Int128
    var imported: Int128

    static func - (later: Self, earlier: Self) -> Self {
      Self(exported: later.exported - earlier.exported, imported: later.imported - earlier.imported)
    }

    static func * (flows: Self, factor: Int64) -> Self {
      Self(exported: flows.exported * Int128(factor), imported: flows.imported * Int128(factor))
    }
  }

  let record: RecordedPower
  let epoch: UTCInstant
  let speed: Int64
  let startMinute: Int
  /// What was moved before each minute of the record, and at the end what the whole record moves.
  private let movedBefore: [Flows]

  /// - Precondition: the speed is at least 1, the start minute lies in the record.
  init(record: RecordedPower, epoch: UTCInstant, speed: Int64, startMinute: Int) {
    precondition(speed >= 1, "recorded time runs forwards")
    precondition(record.milliwatts.indices.contains(startMinute), "the record is entered inside of it")
    self.record = record
    self.epoch = epoch
    self.speed = speed
    self.startMinute = startMinute
    var moved = Flows(exported: 0, imported: 0)
    movedBefore =
      [moved]
      + record.milliwatts.map { milliwatts in
        moved.exported += Int128(max(milliwatts, 0) * RecordedPower.millisecondsPerMinute)
        moved.imported += Int128(max(-milliwatts, 0) * RecordedPower.millisecondsPerMinute)
        return moved
      }
  }

  /// Power at an instant, positive when it leaves the site.
  func milliwatts(at instant: UTCInstant) -> Int64 { record.milliwatts[position(at: instant).minute] * speed }

  /// What was moved from the epoch to an instant; nothing before the epoch.
  func moved(at instant: UTCInstant) -> Flows { total(at: instant) - total(at: epoch) }

  /// How far the record is played: how often to its end, then how far into which minute.
  private func position(at instant: UTCInstant) -> (loops: Int64, minute: Int, milliseconds: Int64) {
    let played = Int128(max(0, (instant - epoch).count)) * Int128(speed)
    let sinceFirst = Int128(Int64(startMinute) * RecordedPower.millisecondsPerMinute) + played
    let length = Int64(record.milliwatts.count) * RecordedPower.millisecondsPerMinute
    let (loops, inRecord) = sinceFirst.quotientAndRemainder(dividingBy: Int128(length))
    let (minute, milliseconds) = Int64(inRecord).quotientAndRemainder(
      dividingBy: RecordedPower.millisecondsPerMinute)
    return (Int64(loops), Int(minute), milliseconds)
  }

  private func total(at instant: UTCInstant) -> Flows {
    let (loops, minute, milliseconds) = position(at: instant)
    let milliwatts = record.milliwatts[minute]
    var moved = movedBefore[movedBefore.count - 1] * loops
    moved.exported += movedBefore[minute].exported + Int128(max(milliwatts, 0) * milliseconds)
    moved.imported += movedBefore[minute].imported + Int128(max(-milliwatts, 0) * milliseconds)
    return moved
  }
}
