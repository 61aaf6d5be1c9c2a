import Testing

import TelemetryCore

/// Each configuration that a start takes is kept in the ledger, once.
@Suite struct KeptConfigurationTests {
  private static func configuration(_ bytes: [UInt8], _ digest: UInt8) -> Pipeline.Configuration {
    Pipeline.Configuration(
      files: ConfigurationFiles(
        path: "/etc/dertelemetryd.yaml", files: [.init(role: .main, name: "dertelemetryd.yaml", bytes: bytes)]),
      digest: Digest(Array(repeating: digest, count: Digest.byteCount)) ?? Digest())
  }

  /// Starts on a log and gives what was written and said, when everything is durable.
  private func start(
    _ configuration: Pipeline.Configuration?, on log: inout [LogRecord], at instant: UTCInstant = House.noon
  ) throws -> (records: [LedgerRecord], said: [Announcement]) {
    var replay = LedgerReplay()
    for (index, record) in log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
    var pipeline = Pipeline(
      settings: .fixture(), ledger: replay.state, nextSequence: LogSequence(UInt64(log.count + 1)),
      configuration: configuration)
    let now = Moment(utc: instant, uptime: UptimeInstant(milliseconds: 0))
    var written: [LogRecord] = []
    var said: [Announcement] = []
    for action in pipeline.handle(.started(version: "test", damages: []), at: now) {
      guard case .commit(let records, let through) = action else { continue }
      written += records
      for case .announce(let announcement) in pipeline.handle(.committed(through: through), at: now) {
        said.append(announcement)
      }
    }
    log += written
    return (try written.map { try LedgerRecord($0) }, said)
  }

  private func kept(_ records: [LedgerRecord]) -> [AcceptedConfiguration] {
    records.compactMap { if case .configuration(let accepted) = $0 { accepted } else { nil } }
  }

  @Test func aConfigurationIsKeptWhenItIsNotTheOneOfTheStartBefore() throws {
    var log: [LogRecord] = []
    let (a, b) = (Self.configuration([1], 1), Self.configuration([2], 2))
    #expect(kept(try start(a, on: &log).records).map(\.files) == [a.files])
    #expect(kept(try start(a, on: &log).records).isEmpty, "it is kept already")
    #expect(kept(try start(b, on: &log).records).map(\.files) == [b.files])
    #expect(kept(try start(a, on: &log).records).map(\.files) == [a.files], "the last one counts, not any one")
    #expect(kept(try start(nil, on: &log).records).isEmpty)
  }

  @Test func whatIsKeptIsInTheAccountsOfTheNextStartWithItsInstant() throws {
    var log: [LogRecord] = []
    let configuration = Self.configuration(Array(repeating: 7, count: 100_000), 1)
    _ = try start(configuration, on: &log)
    _ = try start(configuration, on: &log, at: House.noon + .seconds(3_600))
    var replay = LedgerReplay()
    for (index, record) in log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
    #expect(replay.state.configuration?.files == configuration.files)
    #expect(replay.state.configuration?.since == House.noon)
    #expect(replay.state.faults.isEmpty)
  }

  /// The one before it is no longer the last one that was accepted, and must not be taken for it.
  @Test func oneThatIsTooLargeIsNotKeptAndTakesThePlaceOfTheOneBefore() throws {
    var log: [LogRecord] = []
    _ = try start(Self.configuration([1], 1), on: &log)
    let huge = Self.configuration(Array(repeating: 0x23, count: AcceptedConfiguration.byteLimit), 2)
    let (records, said) = try start(huge, on: &log)
    #expect(kept(records).map(\.files) == [nil])
    #expect(said.contains { $0.priority == .warning && $0.message.contains("more than the 4194304") })
    #expect(kept(try start(huge, on: &log).records).isEmpty, "it is not told at each start")
  }

  @Test func theLargestOneThatIsKeptFitsTheLog() throws {
    var log: [LogRecord] = []
    let size = AcceptedConfiguration.byteLimit - 100
    let largest = Self.configuration(Array(repeating: 0x23, count: size), 2)
    let records = try start(largest, on: &log).records
    #expect(kept(records).map { $0.files?.byteCount } == [size])
    let last = try #require(log.last)
    #expect(try LedgerRecord(last).logRecord == last)
    #expect(last.payload.count < FrameHeader.payloadByteLimit)
  }
}
