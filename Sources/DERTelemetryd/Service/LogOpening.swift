import TelemetryCore

/// Opens both logs and the reserve, and brings a pipeline to where the last process stopped.
struct LogOpening: ~Copyable {
  var pipeline: Pipeline
  var store: LogStore<PosixLogDisk>
  /// What the ledger has lost and does not say yet.
  var damages: [Pipeline.Damage]
  /// What the readings log has lost: its intervals are in the ledger all the same.
  var readingsDamage: [LogDamage]
  /// What the daemon runs on, now that the accounts are known.
  var configuration: ConfigurationInForce

  /// - Throws: `LogOpeningProblem`, with the log at fault.
  init(
    _ directory: borrowing StateDirectory, reserveByteCount: Int,
    choosing choose: (LedgerState) throws(LogOpeningProblem) -> ConfigurationInForce
  ) throws(LogOpeningProblem) {
    var reserve = try Self.open("reserve") { () throws(LogDiskError) in
      try DiskReserve(on: directory.reserveDisk(), byteCount: reserveByteCount)
    }
    let progress = StartProgress()
    let ledger = try Self.withRoom("ledger", &reserve) { () throws(LogDiskError) in
      try LedgerOpening(directory.ledgerDisk(), makeEpoch: Self.epoch) { progress.step("accounts") }
    }
    let state = ledger.replay.state
    let configuration = try choose(state)
    let settings = configuration.settings
    let isShortOfRoom = try Self.open("reserve") { () throws(LogDiskError) in try reserve.isShortOfRoom() }
    let fresh = ledger.pipeline(
      settings, boot: HostIdentity.boot, isShortOfRoom: isShortOfRoom, configuration: configuration.kept)
    var pipeline = fresh
    let needed = state.neededReadings(settings.intervalLength)
    let readings = try Self.withRoom("readings", &reserve) { () throws(LogDiskError) in
      pipeline = fresh
      return try ReadingsLog(
        opening: directory.readingsDisk(), sites: settings.sites.map(\.id), needed: needed, makeEpoch: Self.epoch,
        restored: {
          progress.step("readings")
          pipeline.restore($0)
        })
    }
    pipeline.restoreReadings(from: readings.firstRecord)
    damages = LedgerDamage.new(ledger.log.contents, known: state.damages)
    let found = readings.contents.plan
    readingsDamage = found.damage + [found.tornTail].compactMap(\.self)
    self.pipeline = pipeline
    self.configuration = configuration
    store = LogStore(ledger: ledger.takeLog(), readings: readings, reserve: reserve)
  }

  private static func epoch() -> UInt64 { UInt64.random(in: .min ... .max) }

  private static func open<Part: ~Copyable>(
    _ name: String, _ work: () throws(LogDiskError) -> Part
  ) throws(LogOpeningProblem) -> Part {
    do throws(LogDiskError) {
      return try work()
    } catch {
      throw .disk(name, error)
    }
  }

  /// Tries once more without the reserve where a full disk stands in the way of recovery.
  private static func withRoom<Part: ~Copyable>(
    _ name: String, _ reserve: inout DiskReserve<PosixLogDisk>, _ work: () throws(LogDiskError) -> Part
  ) throws(LogOpeningProblem) -> Part {
    do throws(LogDiskError) {
      return try work()
    } catch {
      guard error.cause == .noSpace else { throw .disk(name, error) }
      guard try open("reserve", { () throws(LogDiskError) in try reserve.release() }) else { throw .disk(name, error) }
      return try open(name, work)
    }
  }
}

/// Why the daemon cannot begin.
enum LogOpeningProblem: Error {
  case disk(String, LogDiskError)
  case configuration(String)
}
