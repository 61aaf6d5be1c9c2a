import Foundation
import TelemetryCore

/// An audit as people and programs read it, under names that stay.
struct AuditReport: Encodable {
  struct Series: Encodable {
    var resource: String
    var measurement: String
    /// The end of the first interval that was ever owed.
    var firstIntervalEnding: String
    var owed: Int64
    var states: [String: Int64]
    var unit: String
    /// The sum of all values, in the unit.
    var submittedValue: String
    /// The sum of all exact energies, in millijoules: the values times the unit and the residual.
    var exactMillijoules: String
    var residualMillijoules: Int64
  }

  struct Fault: Encodable {
    var kind: String
    var record: UInt64?
    var resource: String?
    var measurement: String?
    var intervalEnding: String?
    var explanation: String
  }

  /// What a replay from the first record on has read and compared.
  struct Deep: Encodable {
    var segments: Int
    /// Those of them that are compressed.
    var archivedSegments: Int
    /// Checkpoints that tell what the records before them tell.
    var checkpoints: Int
    /// Checkpoints that are not whole or of another version's form: no start reads them.
    var unreadCheckpoints: Int
  }

  /// `holds` or `broken`.
  var law: String
  var stateDirectory: String
  var records: Int
  var judgedThrough: String?
  var series: [Series]
  var faults: [Fault]
  /// Losses that earlier starts found and wrote down.
  var recovered: [String]
  /// Damage in the files that no start has written down yet.
  var damage: [String]
  /// Faults beyond those that are listed.
  var unlistedFaults: Int
  /// The last record of the checkpoint that the reading began with.
  var checkpoint: UInt64?
  var deep: Deep?

  init(_ audit: Audit, directory: String, damage: [String]) {
    law = audit.isLawful && damage.isEmpty ? "holds" : "broken"
    stateDirectory = directory
    records = audit.recordCount
    judgedThrough = audit.judgedThrough?.instant.text
    series = audit.series.map(Series.init)
    faults = audit.faults.map(Fault.init)
    recovered = audit.damages
    self.damage = damage
    unlistedFaults = audit.unlistedFaultCount
  }

  // MARK: For people

  var text: String {
    var lines = ["audit of \(stateDirectory): \(records) records, judged through \(judgedThrough ?? "nothing yet")"]
    if let checkpoint { lines.append("read from the checkpoint on that ends with record \(checkpoint)") }
    if let deep {
      lines.append(
        "read from the first record on: \(deep.segments) segments, \(deep.archivedSegments) of them archived; "
          + "\(deep.checkpoints) checkpoints tell the same, \(deep.unreadCheckpoints) are not whole or of another form")
    }
    lines += TextTable(header, rows: series.map(row)).lines
    for entry in series {
      lines.append(
        "\(entry.resource) \(entry.measurement): \(entry.submittedValue) \(entry.unit), residual "
          + "\(entry.residualMillijoules) mJ, exact \(entry.exactMillijoules) mJ")
    }
    lines += recovered.map { "recovered: \($0)" }
    lines += damage.map { "damage: \($0)" }
    lines += faults.map(\.text)
    if unlistedFaults > 0 { lines.append("and \(unlistedFaults) faults more") }
    lines.append(law == "holds" ? "the law holds: no hole, no double" : "the law is broken")
    return lines.joined(separator: "\n")
  }

  /// The states that occur, in the order in which intervals go through them.
  private var states: [String] {
    ObligationState.allCases.map(\.name).filter { state in series.contains { ($0.states[state] ?? 0) != 0 } }
  }

  private var header: [String] { ["RESOURCE", "TYPE", "OWED"] + states.map { $0.uppercased() } }

  private func row(_ series: Series) -> [String] {
    [series.resource, series.measurement, "\(series.owed)"] + states.map { "\(series.states[$0] ?? 0)" }
  }
}

extension AuditReport.Series {
  init(_ report: Audit.SeriesReport) {
    resource = report.key.resource.name
    measurement = report.key.measurement.name
    firstIntervalEnding = report.first.instant.text
    owed = report.owed
    let counts = ObligationState.allCases.map { ($0.name, report.count($0)) }
    states = Dictionary(counts, uniquingKeysWith: +)
    unit = report.unit.symbol
    submittedValue = report.unit.text(Int64(clamping: report.value))
    exactMillijoules = "\(report.energy)"
    residualMillijoules = report.residual.millijoules
  }
}

extension AuditReport.Fault {
  init(_ fault: LedgerFault) {
    kind = "\(fault.kind)"
    record = fault.sequence?.number
    resource = fault.series?.resource.name
    measurement = fault.series?.measurement.name
    intervalEnding = fault.intervalEnding?.instant.text
    explanation = fault.explanation
  }

  fileprivate var text: String {
    let subject = [resource, measurement, intervalEnding, record.map { "record \($0)" }].compactMap(\.self)
    return "\(kind): \(subject.joined(separator: " ")): \(explanation)"
  }
}
