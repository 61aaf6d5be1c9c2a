import ArgumentParser
import MarketCore
import TelemetryCore

/// `dertelemetryd schedule list`.
struct ScheduleList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show what was submitted of the schedules and what became of it.",
    discussion: """
      Reads without a lock. With --json the folder of each revision is named, in which its payload, envelopes and answers \
      are.

      Exit status: 0, 64 usage, 69 nothing was ever submitted, 74 disk, 78 configuration.

      Example: dertelemetryd schedule list --trade-date 2026-11-27
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Option(help: ArgumentHelp("Those of one trade date.", valueName: "2026-11-23"))
  var tradeDate: String?

  @Flag(help: "Print JSON.")
  var json = false

  struct Line: Codable {
    var resource: String
    var tradeDate: String
    var revision: Int
    var state: String
    var receipt: String?
    var rules: [String]
    var reason: String?
    var created: String
    var changed: String
    var attempts: Int
    var payloadDigest: String
    var evidence: String
  }

  func validate() throws {
    guard let tradeDate, TradeDate(tradeDate) == nil else { return }
    throw ValidationError("--trade-date \(tradeDate): expected \(TradeDate.expectation)")
  }

  func run() throws {
    let settings = try configuration.settings()
    let found: ScheduleLedger?
    do throws(LogDiskError) {
      found = try ScheduleStore.read(stateDirectory: settings.stateDirectory)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
    guard let ledger = found, !ledger.all.isEmpty else {
      StandardError.write("no schedule was submitted from \(settings.stateDirectory)\n")
      throw ExitStatus.unavailable.exitCode
    }
    for fault in ledger.faults { StandardError.write("damaged: \(fault)\n") }
    let date = tradeDate.flatMap { TradeDate($0) }
    let bids = ledger.all.filter { bid in date.map { $0 == bid.id.tradeDate } ?? true }
    guard !json else {
      let evidence = ScheduleStore.evidence(settings.stateDirectory)
      return print(try JSONText.of(try bids.map { try Self.line($0, evidence) }))
    }
    let rows = bids.map { bid in
      ["\(bid.id.resource)", "\(bid.id.tradeDate)", "\(bid.id.revision)", bid.intent.created.text, bid.words]
    }
    print(
      TextTable(["RESOURCE", "TRADE DATE", "REVISION", "CREATED", "STATE"], rows: rows).lines.joined(separator: "\n"))
  }

  private static func line(_ bid: ScheduleLedger.Bid, _ evidence: EvidenceStore) throws -> Line {
    let payload = try evidence.path(of: .payload, of: bid.intent.stored)
    var rules: [String] = []
    if case .invalid(let failed) = bid.state { rules = failed }
    var reason = bid.reason
    if case .rejected(let why) = bid.state { reason = why }
    return Line(
      resource: bid.id.resource.name, tradeDate: "\(bid.id.tradeDate)", revision: bid.id.revision,
      state: bid.stateName, receipt: bid.receipt.isEmpty ? nil : bid.receipt, rules: rules,
      reason: reason.isEmpty ? nil : reason, created: bid.intent.created.text, changed: bid.changed.text,
      attempts: bid.attempts, payloadDigest: bid.intent.payload.text,
      evidence: payload.lastIndex(of: "/").map { String(payload[..<$0]) } ?? payload)
  }
}
