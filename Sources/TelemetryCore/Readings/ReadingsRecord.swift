/// What a record of the readings log is about.
///
/// The numbers are on disk: never reused, never changed, and none of them is a number of the ledger's.
package enum ReadingsRecordKind: UInt8, Sendable, CaseIterable {
  case sites = 128
  case readings = 129
}

/// A record of the readings log.
package enum ReadingsRecord: Equatable, Sendable {
  /// The sites by their places, from here on: at the head of each segment, and wherever the list has changed.
  case sites([SiteID])
  case readings(ReadingsFrame)

  private static let format: UInt8 = 1
  /// More sites than any configuration has.
  package static let siteLimit = 1 << 20

  /// Reads a record back, whatever its bytes are.
  package init(_ record: LogRecord) throws(ReadingsDecodingProblem) {
    var decoder = ReadingsDecoder()
    try self.init(record, &decoder)
  }

  /// The same, with a decoder whose room is used again.
  init(_ record: LogRecord, _ decoder: inout ReadingsDecoder) throws(ReadingsDecodingProblem) {
    guard let kind = ReadingsRecordKind(rawValue: record.kind) else { throw .unknownKind(record.kind) }
    do throws(DecodingProblem) {
      var reader = ByteReader(record.payload)
      guard try reader.readUInt8() == Self.format else { throw DecodingProblem(.invalidValue, at: 0) }
      switch kind {
      case .sites: self = .sites(try reader.readSites())
      case .readings: self = .readings(try decoder.read(&reader))
      }
      try reader.expectEnd()
    } catch {
      throw .bytes(kind, error)
    }
  }

  /// The record that names the sites.
  package static func encode(_ sites: [SiteID]) -> LogRecord {
    var writer = ByteWriter()
    writer.writeUInt8(format)
    writer.writeList(sites) { $0.writeText($1.name) }
    return LogRecord(kind: ReadingsRecordKind.sites.rawValue, payload: writer.bytes)
  }
}

extension LogRecord {
  /// When the readings in this record were given to the log; nil where it is no record of readings.
  ///
  /// Reads the first few bytes only.
  var storedAt: UTCInstant? {
    guard kind == ReadingsRecordKind.readings.rawValue else { return nil }
    do throws(DecodingProblem) {
      var reader = ByteReader(payload)
      _ = try reader.readUInt8()
      _ = try reader.readUInt64()
      _ = try reader.readVarint()
      return try reader.readInstant()
    } catch {
      return nil
    }
  }
}

extension ByteReader {
  fileprivate mutating func readSites() throws(DecodingProblem) -> [SiteID] {
    try readList { reader throws(DecodingProblem) in SiteID(try reader.readString()) }
  }
}

/// Why a record of the readings log cannot be read although its frame is whole.
package enum ReadingsDecodingProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownKind(UInt8)
  case bytes(ReadingsRecordKind, DecodingProblem)

  package var description: String {
    switch self {
    case .unknownKind(let kind): "kind \(kind) is not known here"
    case .bytes(let kind, let problem): "\(kind): \(problem.cause) at byte \(problem.byteOffset)"
    }
  }
}
