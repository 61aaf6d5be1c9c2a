import ArgumentParser
import Foundation
import MarketCore
import MarketFiles
import Settings
import TelemetryCore

/// What `intervals` takes to set what was measured beside what was to be.
struct ComparingOptions: ParsableArguments {
  @Flag(help: "Compare what was measured with the schedule and the price at the node, for one resource.")
  var compare = false

  @Option(help: ArgumentHelp("Draw the comparison as SVG.", valueName: "file"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Option(
    help: ArgumentHelp("An SC_SCHEDULE document to compare with, in place of what was submitted.", valueName: "file"),
    completion: .file()
  )
  var schedule: String?

  @Option(help: "The pricing node, in place of the registered one.")
  var node: String?

  var isAsked: Bool { compare || plot != nil }

  func validate() throws {
    guard !isAsked, schedule != nil || node != nil else { return }
    throw ValidationError("--schedule and --node stand beside --compare or --plot")
  }

  func run(
    _ rows: [IntervalRow], _ settings: Settings, resource: String?, date: TradeDate, zone: TimeZoneTransitions,
    format: Intervals.Format, configuration: String
  ) throws {
    let chosen = try chosen(resource, settings)
    var comparison = IntervalComparison(
      resource: chosen.id, tradeDate: date, length: settings.intervalLength, zone: zone)
    let flows = chosen.measurements.map { ($0.type, $0.flow) }
    comparison.setMeasured(rows, flows: Dictionary(flows) { first, _ in first })
    if let schedule {
      try setSchedule(&comparison, schedule, zone, configuration)
    } else {
      try setSubmitted(&comparison, settings)
    }
    try setDispatched(&comparison, settings, zone)
    try setPrices(&comparison, settings, configuration, zone)
    if let plot {
      try WholeFile.write(Array(IntervalPlot(comparison, zone: zone).svg.utf8), to: plot)
      if !compare { return }
    }
    try write(comparison, format, zone)
  }

  private func chosen(_ resource: String?, _ settings: Settings) throws(ExitCode) -> ResourceSettings {
    let found = settings.resources.filter { resource == nil || $0.id.name == resource }
    if let only = found.first, found.count == 1 { return only }
    let names = settings.resources.map(\.id.name).joined(separator: ", ")
    StandardError.write("name one resource with --resource: \(names)\n")
    throw ExitStatus.usage.exitCode
  }

  private func setSchedule(
    _ comparison: inout IntervalComparison, _ path: String, _ zone: TimeZoneTransitions, _ configuration: String
  ) throws(ExitCode) {
    let rules = try MarketFile.load(beside: configuration).schedule
    var reading = ScheduleReading(zone: zone, rules: rules)
    var problems = ConfigurationProblems()
    ScheduleOptions.read(path, &reading, &problems)
    problems.append(reading.problems)
    guard problems.isEmpty else {
      StandardError.write(problems.sorted.scheduleReport)
      throw ExitStatus.data.exitCode
    }
    let mine = reading.schedules.filter {
      $0.resource == comparison.resource && $0.tradeDate == comparison.tradeDate
    }
    if mine.isEmpty {
      StandardError.write("note: \(path) has no schedule of \(comparison.resource) for \(comparison.tradeDate)\n")
    }
    for schedule in mine { comparison.setScheduled(schedule) }
  }

  /// The last revision that the receiver found valid or may yet; what it refused is no schedule.
  private func setSubmitted(_ comparison: inout IntervalComparison, _ settings: Settings) throws(ExitCode) {
    do throws(LogDiskError) {
      let ledger = try ScheduleStore.read(stateDirectory: settings.stateDirectory)
      let day = BidDay(resource: comparison.resource, tradeDate: comparison.tradeDate)
      guard let bid = ledger?.inForce(day) else { return }
      if bid.state != .valid { StandardError.write("note: \(bid.id.name) is \(bid.words)\n") }
      comparison.setScheduled(bid.intent)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// What `dispatch` has brought.
  private func setDispatched(
    _ comparison: inout IntervalComparison, _ settings: Settings, _ zone: TimeZoneTransitions
  ) throws(ExitCode) {
    guard DiskFiles().exists("\(settings.stateDirectory)/market.sqlite") else { return }
    let (resource, date) = (comparison.resource, comparison.tradeDate)
    let results = try ResultOutput.orExit { () throws in
      try ResultStore(stateDirectory: settings.stateDirectory)
        .results(of: ResultStore.dispatch, resource: resource, date: date, zone: zone)
    }
    var powers: [UTCInstant: Power] = [:]
    for result in results {
      if let start = UTCInstant(timestamp: result.start) { powers[start] = Power(megawatts: result.megawatts) }
    }
    comparison.setDispatched(powers)
  }

  /// Five-minute prices that `oasis prices` has brought; without them the comparison is of power alone.
  private func setPrices(
    _ comparison: inout IntervalComparison, _ settings: Settings, _ configuration: String, _ zone: TimeZoneTransitions
  ) throws(ExitCode) {
    let path = "\(settings.stateDirectory)/market.sqlite"
    let date = comparison.tradeDate
    let advice = "dertelemetryd oasis prices --trade-date \(date)"
    var place = node
    if place == nil { place = try registered(comparison.resource, configuration) }
    guard let place else {
      let advice = "\(comparison.resource) is not registered; name its node with --node"
      return StandardError.write("note: no prices: \(advice)\n")
    }
    guard DiskFiles().exists(path) else { return StandardError.write("note: no prices yet: \(advice)\n") }
    let (start, end) = (date.start(in: zone), date.advanced(by: 1).start(in: zone))
    var prices: [UTCInstant: EnergyPrice] = [:]
    do {
      let database = try MarketDatabase(path: path)
      for row in try database.rows(of: "PRC_INTVL_LMP", in: start.milliseconds..<end.milliseconds) {
        let cells = try JSONDecoder().decode([String: String].self, from: Data(row.json.utf8))
        guard cells["LMP_TYPE"] == "LMP", (cells["NODE"] ?? cells["NODE_ID"]) == place, let start = row.start else {
          continue
        }
        prices[UTCInstant(milliseconds: start)] = row.value.flatMap { EnergyPrice($0) }
      }
    } catch {
      return StandardError.write("note: no prices: \(error)\n")
    }
    if prices.isEmpty { StandardError.write("note: no prices of \(place) for \(date): \(advice)\n") }
    comparison.setPrices(prices, step: .seconds(300))
  }

  private func registered(_ resource: ResourceID, _ configuration: String) throws(ExitCode) -> String? {
    let path = RegistrationPath.beside(configuration)
    guard DiskFiles().exists(path) else { return nil }
    return try RegistrationPath.load(path).aggregations.first { $0.resource == resource }?.node.name
  }

  private func write(_ comparison: IntervalComparison, _ format: Intervals.Format, _ zone: TimeZoneTransitions) throws {
    let lines = comparison.intervals.map { ComparisonLine($0, in: comparison, zone: zone) }
    switch format {
    case .csv:
      _ = StandardOutput.write(([ComparisonLine.keys] + lines.map(\.values)).map { CSVText.line($0) }.joined())
    case .json: print(try JSONText.of(ComparisonReport(comparison, lines)))
    case .table:
      let rows = lines.map { $0.values.dropFirst(2).map { $0.isEmpty ? "-" : $0 } }
      print(TextTable(ComparisonLine.header, rows: rows).lines.joined(separator: "\n"))
      print(ComparisonReport(comparison, []).text)
    }
  }
}
