import Foundation
import MarketCore
import TelemetryCore

/// Tells records one by one, in their order: readings by the names of their sites.
struct RecordWords {
  /// A record, told.
  struct Line: Encodable {
    /// `ledger`, `readings`, or the name of the file or folder.
    var log: String
    var sequence: UInt64
    var kind: String
    var fields: RecordFields

    var text: String {
      let parts = if case .object(let fields) = fields { RecordFields.text(fields) } else { fields.text }
      return "\(sequence) \(kind) \(parts)".controlsEscaped
    }

    var json: String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do {
        return String(decoding: try encoder.encode(self), as: UTF8.self)
      } catch {
        preconditionFailure("texts, numbers and lists can be written as JSON: \(error)")
      }
    }
  }

  private var sites: [SiteID] = []

  mutating func line(_ sequence: LogSequence, _ record: LogRecord, of log: String) -> Line {
    let (kind, fields) = tell(record)
    return Line(log: log, sequence: sequence.number, kind: kind, fields: .object(fields))
  }

  private typealias Fields = [(name: String, value: RecordFields)]

  private mutating func tell(_ record: LogRecord) -> (String, Fields) {
    do {
      if let kind = ScheduleRecordKind(rawValue: record.kind), let known = try ScheduleCodec.decode(record) {
        return ("\(kind)", RecordFields.payload(of: known))
      }
      guard let kind = ReadingsRecordKind(rawValue: record.kind) else {
        let known = try LedgerRecord(record)
        return ("\(known.kind)", RecordFields.payload(of: known))
      }
      switch try ReadingsRecord(record) {
      case .sites(let names):
        sites = names
        return ("\(kind)", [("sites", .list(names.map { .text($0.name) }))])
      case .readings(let frame): return ("\(kind)", tell(frame))
      }
    } catch {
      return ("unreadable", [("number", .number(Int64(record.kind))), ("reason", .text("\(error)"))])
    }
  }

  private func tell(_ frame: ReadingsFrame) -> Fields {
    [
      ("at", .text(frame.clock.moment.utc.timestamp(.milliseconds))),
      ("uptimeMilliseconds", .number(frame.clock.moment.uptime.milliseconds)),
      ("boot", .text(frame.clock.boot.text)), ("clock", .text(frame.clock.synchronisation.name)),
      ("readings", .list(frame.readings.map { .object(tell($0)) })),
    ]
  }

  private func tell(_ reading: SiteReading) -> Fields {
    let place = reading.site.position
    var fields: Fields = [
      ("site", .text(place < sites.count ? sites[place].name : "place \(place)")),
      ("instant", .text(reading.instant.timestamp(.milliseconds))),
    ]
    if let power = reading.power { fields.append(("powerMilliwatts", .number(power.milliwatts))) }
    for (name, register) in [("export", reading.export), ("import", reading.import)] {
      guard let register else { continue }
      let count = Int64(exactly: register.raw).map(RecordFields.number) ?? .text("\(register.raw)")
      fields.append((name, .object([("count", count), ("scale", .number(Int64(register.scale)))])))
    }
    return fields
  }
}
