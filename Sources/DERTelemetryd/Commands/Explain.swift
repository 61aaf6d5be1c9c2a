import ArgumentParser
import Foundation
import TelemetryCore

/// `dertelemetryd explain`: one value from the registers to the receipt.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain one value: each site's registers, the seal, the submissions and the receipt.",
    discussion: """
      Reads the ledger without a lock and tells every record that is about one interval. What was sent and answered \
      lies byte for byte in the evidence folder of the state directory, under the submission's name.

      Exit status: 0, 1 the interval is not owed, 64 usage, 69 no ledger yet, 78 the configuration is not valid.

      Example: dertelemetryd explain EXAMPL_7_DERA1 2026-11-23T08:05:00Z --measurement GEN
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Argument(help: "The resource ID.")
  var resource: String

  @Argument(help: ArgumentHelp("The interval ending, with Z or an offset.", valueName: "interval-ending"))
  var intervalEnding: String

  @Option(help: "Only this measurement type.")
  var measurement: String?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let settings = try configuration.settings()
    guard let instant = UTCInstant(timestamp: intervalEnding), instant.milliseconds.isMultiple(of: 1_000),
      let ending = IntervalEnding(unchecked: instant.seconds, length: settings.intervalLength)
    else {
      let expectation =
        "an interval ending on the grid of \(settings.intervalLength.seconds) s, such as 2026-11-23T08:05:00Z"
      throw ValidationError("\(intervalEnding): expected \(expectation)")
    }
    let reports = try measurements(settings).map { type in
      let key = SeriesKey(resource: ResourceID(resource), measurement: type)
      return ExplanationReport(try LedgerReading.explanation(of: key, ending, stateDirectory: settings.stateDirectory))
    }
    let owed = reports.filter(\.isOwed)
    guard !owed.isEmpty else {
      StandardError.write("\(resource): the interval ending \(instant.text) is not owed\n")
      throw ExitCode(1)
    }
    print(json ? try JSONText.of(owed) : owed.map(\.text).joined(separator: "\n\n"))
  }

  /// Those of the resource now or at any time before, unless one is asked for.
  private func measurements(_ settings: Settings) throws -> [MeasurementType] {
    if let measurement { return [MeasurementType(measurement)] }
    let state = try LedgerReading(stateDirectory: settings.stateDirectory).replay.state
    return state.seriesInOrder.compactMap { state.series[$0]?.key }
      .filter { $0.resource.name == resource }.map(\.measurement)
  }
}

/// An explanation as people and programs read it, under names that stay.
struct ExplanationReport: Encodable {
  struct Reading: Encodable {
    var instant: String
    var count: UInt64
    /// One count is 10^scale Wh.
    var scale: Int8
    /// What is added to the count since the register began anew; none before.
    var offsetMillijoules: String?
  }

  struct Register: Encodable {
    var boundary: String
    /// Before losses.
    var millijoules: String
    var quality: String
    var earlier: Reading
    var later: Reading
  }

  struct Share: Encodable {
    var site: String
    var millijoules: Int64
    var quality: String
    /// In ten-thousandths.
    var lossFactor: Int64
    var start: Register?
    var end: Register
  }

  struct Step: Encodable {
    var record: UInt64
    var kind: String
    var sentence: String
    var sites: [Share]
  }

  var resource: String
  var measurement: String
  var intervalEnding: String
  var state: String
  var steps: [Step]
  private(set) var isOwed: Bool

  private enum CodingKeys: String, CodingKey { case resource, measurement, intervalEnding, state, steps }

  init(_ explanation: Explanation) {
    resource = explanation.key.resource.name
    measurement = explanation.key.measurement.name
    intervalEnding = explanation.ending.instant.text
    state = explanation.obligation?.state.name ?? ""
    isOwed = explanation.obligation != nil
    steps = explanation.steps.map { step in
      Step(
        record: step.record.number, kind: "\(step.kind)", sentence: step.sentence, sites: step.shares.map(Share.init))
    }
  }

  var text: String {
    let head = "\(resource) \(measurement), interval ending \(intervalEnding): \(state)"
    return ([head] + steps.flatMap { ["  record \($0.record): \($0.sentence)"] + $0.sites.flatMap(\.lines) })
      .joined(separator: "\n")
  }
}

extension ExplanationReport.Share {
  init(_ share: Explanation.Share) {
    site = share.site.name
    millijoules = share.energy.millijoules
    quality = share.quality.name
    lossFactor = share.lossFactor
    start = share.start.map(ExplanationReport.Register.init)
    end = ExplanationReport.Register(share.end)
  }

  fileprivate var lines: [String] {
    let losses = lossFactor == LossFactors.one ? "" : " after losses (factor \(lossFactor)/10000)"
    let registers = [("start", start), ("end", end)].map { name, register in
      "      \(name): \(register?.line ?? "no longer in the ledger")"
    }
    return ["    \(site): \(millijoules) mJ \(quality)\(losses)"] + registers
  }
}

extension ExplanationReport.Register {
  init(_ register: BoundaryRegister) {
    boundary = register.boundary.instant.text
    millijoules = "\(register.cumulative.millijoules)"
    quality = register.quality.name
    earlier = ExplanationReport.Reading(register.earlier)
    later = ExplanationReport.Reading(register.later)
  }

  fileprivate var line: String { "\(millijoules) mJ at \(boundary), between \(earlier.text) and \(later.text)" }
}

extension ExplanationReport.Reading {
  init(_ reading: RegisterAtInstant) {
    instant = reading.instant.timestamp(.milliseconds)
    count = reading.register.raw
    scale = reading.register.scale
    offsetMillijoules = reading.base == .zero ? nil : "\(reading.base.offset)"
  }

  fileprivate var text: String {
    "\(count) x 10^\(scale) Wh\(offsetMillijoules.map { ", and \($0) mJ from before it began anew," } ?? "") at \(instant)"
  }
}
