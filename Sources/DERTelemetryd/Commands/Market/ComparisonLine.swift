import MarketCore
import TelemetryCore

/// One interval of a comparison, as printed under names that stay; exact decimals, empty where something is not known.
struct ComparisonLine: Encodable, Equatable {
  var intervalEnding: String
  var pacific: String
  var hourEnding: Int
  var measuredMW: String
  var quality: String
  var scheduledMW: String
  var dispatchedMW: String
  var deviationMW: String
  var deviationPercent: String
  var price: String
  /// Dollars; negative is to be paid.
  var worth: String

  init(_ interval: ComparedInterval, in comparison: IntervalComparison, zone: TimeZoneTransitions) {
    let ending = interval.ending
    intervalEnding = ending.instant.text
    pacific = ending.instant.localText(in: zone)
    hourEnding = HourEnding(of: ending, in: zone).number
    let deviation = comparison.deviation(interval)
    measuredMW = interval.measured.map { comparison.power($0).roundedText } ?? ""
    quality = interval.measured == nil ? "" : interval.quality.name
    scheduledMW = interval.scheduled?.roundedText ?? ""
    dispatchedMW = interval.dispatched?.roundedText ?? ""
    deviationMW = deviation.map { comparison.power($0).roundedText } ?? ""
    deviationPercent = Self.percent(deviation, of: comparison.scheduledEnergy(interval))
    price = interval.price?.text ?? ""
    worth = comparison.worth(interval).map(DollarText.of) ?? ""
  }

  /// In tenths of a percent; empty where nothing was scheduled.
  private static func percent(_ deviation: Energy?, of scheduled: Energy?) -> String {
    guard let deviation, let scheduled, scheduled.millijoules != 0 else { return "" }
    let perMille = (Int128(deviation.millijoules) * 1_000).roundedQuotient(Int128(scheduled.millijoules.magnitude))
    return ExactDecimal.format(Int64(clamping: perMille), digits: 1)
  }

  static let keys = [
    "interval_ending", "pacific", "hour_ending", "measured_mw", "quality", "scheduled_mw", "dispatched_mw",
    "deviation_mw",
    "deviation_percent", "price", "worth",
  ]
  static let header = ["HE", "MEASURED MW", "QUALITY", "SCHEDULED", "DISPATCHED", "DEVIATION", "%", "$/MWH", "WORTH $"]
  var values: [String] {
    [
      intervalEnding, pacific, "\(hourEnding)", measuredMW, quality, scheduledMW, dispatchedMW, deviationMW,
      deviationPercent, price, worth,
    ]
  }
}

/// What `intervals --compare --format json` prints.
struct ComparisonReport: Encodable, Equatable {
  var resource: String
  var tradeDate: String
  var comparedCount: Int
  var measuredMWh: String
  var scheduledMWh: String
  var deviationMWh: String
  var deviationPercent: String?
  var pricedCount: Int
  var worth: String
  var intervals: [ComparisonLine]

  init(_ comparison: IntervalComparison, _ lines: [ComparisonLine]) {
    let totals = comparison.totals
    resource = comparison.resource.name
    tradeDate = "\(comparison.tradeDate)"
    comparedCount = totals.comparedCount
    measuredMWh = totals.measured.megawattHourText
    scheduledMWh = totals.scheduled.megawattHourText
    deviationMWh = totals.deviation.megawattHourText
    deviationPercent = totals.deviationPerMille.map { ExactDecimal.format($0, digits: 1) }
    pricedCount = totals.pricedCount
    worth = DollarText.of(totals.microdollars)
    intervals = lines
  }

  var text: String {
    let share = deviationPercent.map { ", \($0) %" } ?? ""
    return "\(resource) \(tradeDate), \(comparedCount) intervals compared: measured \(measuredMWh) MWh, scheduled "
      + "\(scheduledMWh) MWh, deviation \(deviationMWh) MWh\(share); worth $\(worth) in \(pricedCount) with a price"
  }
}

enum DollarText {
  /// An exact number of millionths of a dollar, rounded to hundredths of a cent.
  static func of(_ microdollars: Int128) -> String {
    ExactDecimal.format(Int64(clamping: microdollars.roundedQuotient(100)), digits: 4)
  }
}

extension Power {
  /// Megawatts, rounded to watts.
  fileprivate var roundedText: String { ExactDecimal.format(milliwatts.roundedQuotient(1_000), digits: 6) }
}
