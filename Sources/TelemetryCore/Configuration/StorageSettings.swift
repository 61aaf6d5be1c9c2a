/// What is kept on the disk, and for how long.
package struct StorageSettings: Hashable, Sendable {
  package struct Readings: Hashable, Sendable {
    /// Older readings are removed, where the rules allow it.
    package var keep: Milliseconds
    /// Bytes of the whole readings log.
    package var cap: Int
    /// How long readings are collected before they are written: what a power cut can cost.
    package var commit: Milliseconds

    package init(keep: Milliseconds, cap: Int, commit: Milliseconds) {
      self.keep = keep
      self.cap = cap
      self.commit = commit
    }
  }

  package var readings: Readings
  /// How long the accounts are kept.
  package var ledgerKeep: Milliseconds
  /// Bytes of the file that keeps room for a full disk; 0 for none.
  package var reserve: Int

  /// 120 days: the last day for actual data is 72 to 82 calendar days after the trade date.
  package static let standard = StorageSettings(
    readings: Readings(keep: .days(120), cap: 20_000_000_000, commit: .seconds(1)), ledgerKeep: .days(4 * 365),
    reserve: 64_000_000)

  package init(readings: Readings, ledgerKeep: Milliseconds, reserve: Int) {
    self.readings = readings
    self.ledgerKeep = ledgerKeep
    self.reserve = reserve
  }
}

extension Settings {
  /// How often the pipeline wants to know that time has passed: often enough for intervals to leave within a second of
  /// their grace, and for readings to be written in time.
  package var tick: Milliseconds { min(.seconds(1), storage.readings.commit) }
}

extension Milliseconds {
  fileprivate static func days(_ days: Int64) -> Self { .seconds(days * 24 * 3_600) }
}

/// Reads `storage:` of `dertelemetryd.yaml`.
extension StorageSettings {
  static func read(_ reader: inout ConfigurationReader) -> Self? {
    var settings = standard
    if reader.contains("readings") {
      guard let readings = reader.optionalMapping("readings", readReadings) else { return nil }
      settings.readings = readings
    }
    if reader.contains("ledger") {
      guard let keep = reader.optionalMapping("ledger", readLedgerKeep) else { return nil }
      settings.ledgerKeep = keep
    }
    settings.reserve = reader.value(
      "reserve", .byteCount(0...1_000_000_000_000, such: "64MB"), default: settings.reserve)
    return settings
  }

  private static func readReadings(_ reader: inout ConfigurationReader) -> Readings? {
    Readings(
      keep: reader.value("keep", .duration(.days(1) ... .days(3_650), such: "120d"), default: standard.readings.keep),
      cap: reader.value(
        "cap", .byteCount(64_000_000...100_000_000_000_000, such: "20GB"), default: standard.readings.cap),
      commit: reader.value(
        "commit", .duration(Milliseconds(100) ... .seconds(60), such: "1s"), default: standard.readings.commit))
  }

  private static func readLedgerKeep(_ reader: inout ConfigurationReader) -> Milliseconds? {
    reader.value("keep", .duration(.days(365) ... .days(36_500), such: "4y"), default: standard.ledgerKeep)
  }
}
