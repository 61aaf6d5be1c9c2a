import TelemetryCore

/// What the readings log must hold: every reading that was reported durable and not removed by rule, in its order.
struct StoredReadings {
  private(set) var readings: [StoredReading] = []
  /// The youngest one that ever was durable.
  private(set) var through = UTCInstant(milliseconds: .min)
  /// Of each site, the youngest one that was stored when it was read, and not refused.
  private(set) var latest: [SiteID: UTCInstant] = [:]
  private var firstRecord = LogSequence(1)
  private var knownDamage: Set<String> = []

  /// A frame is durable; `accepted` is the youngest reading of a site that was not refused.
  mutating func note(_ frame: ReadingsFrame, by sites: [SiteID], accepted: (SiteID) -> UTCInstant?) {
    let named = frame.named(by: sites)
    readings += named
    for reading in named {
      through = max(through, reading.instant)
      guard frame.clock.moment.utc < reading.instant + .seconds(60), let youngest = accepted(reading.site),
        reading.instant <= youngest
      else { continue }
      latest[reading.site] = max(latest[reading.site] ?? reading.instant, reading.instant)
    }
  }

  /// The oldest were removed by rule; returns what was removed otherwise than it was said.
  mutating func note(_ shed: ReadingsShed) -> String? {
    firstRecord = LogSequence(shed.lastRecord.number + 1)
    let gone = readings.prefix(shed.readingCount)
    readings.removeFirst(gone.count)
    forget(gone)
    guard gone.allSatisfy({ shed.from <= $0.instant && $0.instant <= shed.through }) else {
      return "readings are removed that are not from \(shed.from.text) through \(shed.through.text)"
    }
    return nil
  }

  /// Compares with what a start finds, and goes on from that; returns what is not as promised.
  ///
  /// Frames in the block that was being written when the power went may be lost, where the disk leaves garbage, and the
  /// log then says so.
  mutating func compare(with disk: FaultyDisk) throws(LogDiskError) -> [String] {
    var found: [StoredReading] = []
    var replay = ReadingsReplay()
    let contents = try LogContents(of: disk, recovered: { replay.take($0, $1) { found.append($0) } })
    var wrong = replay.problems.map { "a record of readings cannot be read: \($0.problem)" }
    let begins = contents.segments.first?.segmentFirstSequence
    if let begins, begins > firstRecord, let oldest = found.first {
      // The process ended between the removal and its report.
      let gone = readings.prefix { $0 != oldest }
      if gone.count < readings.count {
        readings.removeFirst(gone.count)
        forget(gone)
      }
    }
    firstRecord = begins ?? firstRecord
    let damage = contents.plan.damage + [contents.plan.tornTail].compactMap(\.self)
    let new = damage.filter { knownDamage.insert($0.description).inserted }
    if !found.starts(with: readings) {
      latest = [:]
      wrong += explain(found, new, leavesGarbage: disk.faults.leavesGarbage)
    }
    readings = found
    through = found.reduce(through) { max($0, $1.instant) }
    return wrong
  }

  private mutating func forget(_ gone: ArraySlice<StoredReading>) {
    for reading in gone where latest[reading.site] == reading.instant { latest[reading.site] = nil }
  }

  private func explain(_ found: [StoredReading], _ damage: [LogDamage], leavesGarbage: Bool) -> [String] {
    guard leavesGarbage, !damage.isEmpty else { return ["stored readings are lost, and nothing says so"] }
    let byteCount = damage.reduce(0) { $0 + $1.byteRange.count }
    guard byteCount <= 2 * Self.blockByteCount else {
      return ["\(byteCount) bytes of stored readings are lost at once"]
    }
    var rest = readings[...]
    for reading in found where readings.contains(reading) {
      guard let place = rest.firstIndex(of: reading) else { return ["stored readings come back in another order"] }
      rest = rest[(place + 1)...]
    }
    return []
  }

  private static let blockByteCount = 4_096
}
