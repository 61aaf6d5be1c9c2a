package import TelemetryCore

/// A comparison as a picture: SVG 1.1, with the same bytes for the same comparison.
///
/// Power on the left, price on the right, Pacific time below. Places are in tenths of a pixel, by integer arithmetic.
package struct IntervalPlot: Sendable {
  private let comparison: IntervalComparison
  private let zone: TimeZoneTransitions
  private let power: PlotAxis
  private let price: PlotAxis

  private static let width: Int64 = 12_000
  private static let height: Int64 = 5_400
  private static let left: Int64 = 800
  private static let right: Int64 = 11_200
  private static let top: Int64 = 900
  private static let bottom: Int64 = 4_700

  package init(_ comparison: IntervalComparison, zone: TimeZoneTransitions) {
    self.comparison = comparison
    self.zone = zone
    let powers = comparison.intervals.flatMap { interval in
      [
        interval.measured.map { comparison.power($0).milliwatts }, interval.scheduled?.milliwatts,
        interval.dispatched?.milliwatts,
      ].compactMap { $0 }
    }
    power = PlotAxis(powers)
    price = PlotAxis(comparison.intervals.compactMap { $0.price?.microdollars })
  }

  package var svg: String {
    let parts = [shading, grid, hours, series, legend].flatMap { $0 }
    let size = "\(Self.width / 10) \(Self.height / 10)"
    let title = "\(comparison.resource) on \(comparison.tradeDate), Pacific time"
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" font-family=\"sans-serif\" font-size=\"12\">"
    let lines = [
      head, "<title>\(title)</title>", "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      text(title, x: Self.left, y: 350, size: 16),
    ]
    return (lines + parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  // MARK: Places

  /// The start of the slot, or the end of the last one.
  private func x(_ index: Int) -> Int64 {
    Self.left + Int64(index) * (Self.right - Self.left) / Int64(max(1, comparison.intervals.count))
  }

  private func y(_ value: Int64, _ scale: PlotAxis) -> Int64 {
    let share = (Int128(value - scale.least) * Int128(Self.bottom - Self.top)).roundedQuotient(Int128(scale.span))
    return Self.bottom - Int64(clamping: share)
  }

  /// Tenths of a pixel as SVG writes them.
  private static func text(_ tenths: Int64) -> String { ExactDecimal.format(tenths, digits: 1) }

  private func text(
    _ content: String, x: Int64, y: Int64, anchor: String = "start", size: Int = 12, colour: String = "#333"
  ) -> String {
    "<text x=\"\(Self.text(x))\" y=\"\(Self.text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" "
      + "fill=\"\(colour)\">\(content)</text>"
  }

  private func line(_ x1: Int64, _ y1: Int64, _ x2: Int64, _ y2: Int64, _ colour: String) -> String {
    "<line x1=\"\(Self.text(x1))\" y1=\"\(Self.text(y1))\" x2=\"\(Self.text(x2))\" y2=\"\(Self.text(y2))\" "
      + "stroke=\"\(colour)\"/>"
  }

  // MARK: Parts

  /// A rectangle for each run of intervals without a measured value.
  private var shading: [String] {
    var parts: [String] = []
    var first: Int?
    for index in 0...comparison.intervals.count {
      let isMissing = index < comparison.intervals.count && comparison.intervals[index].measured == nil
      if isMissing { first = first ?? index }
      guard !isMissing, let start = first else { continue }
      first = nil
      let (from, to) = (x(start), x(index))
      parts.append(
        "<rect class=\"missing\" x=\"\(Self.text(from))\" y=\"\(Self.text(Self.top))\" "
          + "width=\"\(Self.text(to - from))\" height=\"\(Self.text(Self.bottom - Self.top))\" fill=\"#eee\"/>")
    }
    return parts
  }

  private var grid: [String] {
    let powers = power.ticks.flatMap { tick in
      let y = y(tick, power)
      let label = Power(milliwatts: tick).megawattText
      return [
        line(Self.left, y, Self.right, y, tick == 0 ? "#888" : "#ddd"),
        text(label, x: Self.left - 80, y: y + 40, anchor: "end"),
      ]
    }
    let prices =
      price.isEmpty
      ? []
      : price.ticks.map { tick in
        text(EnergyPrice(microdollars: tick).text, x: Self.right + 80, y: y(tick, price) + 40)
      }
    return powers + prices + [
      text("MW", x: Self.left - 80, y: Self.top - 150, anchor: "end"),
      text("$/MWh", x: Self.right + 80, y: Self.top - 150),
    ]
  }

  /// What clocks show at each hour: a day has 23, 24 or 25 of them.
  private var hours: [String] {
    let length = comparison.length.seconds
    return comparison.intervals.indices.flatMap { index -> [String] in
      let start = comparison.intervals[index].ending.start(comparison.length)
      guard start.seconds.flooredRemainder(3_600) == 0, length <= 3_600 else { return [] }
      let shown = zone.localSeconds(at: start).flooredRemainder(86_400) / 3_600
      return [
        line(x(index), Self.bottom, x(index), Self.bottom + 60, "#888"),
        text((shown < 10 ? "0" : "") + "\(shown)", x: x(index), y: Self.bottom + 220, anchor: "middle"),
      ]
    } + [
      text(
        "hour of day, Pacific; shaded: no measured value", x: (Self.left + Self.right) / 2, y: Self.bottom + 450,
        anchor: "middle")
    ]
  }

  private struct Series {
    var name: String
    var colour: String
    var dash: String
    var scale: PlotAxis
    var values: [Int64?]
  }

  private var all: [Series] {
    let intervals = comparison.intervals
    return [
      Series(
        name: "measured", colour: "#1f77b4", dash: "", scale: power,
        values: intervals.map { $0.measured.map { comparison.power($0).milliwatts } }),
      Series(
        name: "scheduled", colour: "#222", dash: " stroke-dasharray=\"6 3\"", scale: power,
        values: intervals.map { $0.scheduled?.milliwatts }),
      Series(
        name: "dispatched", colour: "#e67e00", dash: "", scale: power,
        values: intervals.map { $0.dispatched?.milliwatts }),
      Series(
        name: "price", colour: "#2a9d4a", dash: " stroke-dasharray=\"1 2\"", scale: price,
        values: intervals.map { $0.price?.microdollars }),
    ]
  }

  private var series: [String] { all.map(path).filter { !$0.isEmpty } }

  /// Steps: a value holds for its whole interval; where there is none the line has a gap.
  private func path(_ series: Series) -> String {
    var steps = ""
    var isDrawing = false
    for (index, value) in series.values.enumerated() {
      guard let value else {
        isDrawing = false
        continue
      }
      let y = Self.text(y(value, series.scale))
      steps += isDrawing ? "V\(y)" : "M\(Self.text(x(index))) \(y)"
      steps += "H\(Self.text(x(index + 1)))"
      isDrawing = true
    }
    guard !steps.isEmpty else { return "" }
    return "<path class=\"\(series.name)\" d=\"\(steps)\" fill=\"none\" stroke=\"\(series.colour)\" "
      + "stroke-width=\"1.5\"\(series.dash)/>"
  }

  private var legend: [String] {
    all.enumerated().flatMap { index, series in
      let x = Self.left + Int64(index) * 2_400
      let isKnown = series.values.contains { $0 != nil }
      let unit = series.name == "price" ? "$/MWh" : "MW"
      let label = "\(series.name), \(unit)\(isKnown ? "" : " (none known)")"
      return [
        "<path d=\"M\(Self.text(x)) 58H\(Self.text(x + 300))\" stroke=\"\(series.colour)\" stroke-width=\"2\"\(series.dash)/>",
        text(label, x: x + 380, y: 620),
      ]
    }
  }
}

/// The values of an axis: from a round number below the least to one above the most.
package struct PlotAxis: Sendable, Hashable {
  package let least: Int64
  package let most: Int64
  let step: Int64
  let isEmpty: Bool

  var span: Int64 { most - least }

  /// Zero is always on it; values beyond what an axis can hold are drawn at its end.
  package init(_ values: [Int64]) {
    let limit: Int64 = 1 << 60
    let low = max(-limit, min(0, values.min() ?? 0))
    let high = min(limit, max(0, values.max() ?? 0))
    isEmpty = values.isEmpty
    step = Self.step(for: max(1, high - low))
    least = low.flooredQuotient(step) * step
    most = max(least + step, -(-high).flooredQuotient(step) * step)
  }

  /// 1, 2 or 5 times a power of ten, so that there are four to ten of them.
  private static func step(for span: Int64) -> Int64 {
    var power: Int64 = 1
    while power < span / 50 + 1, power < 1 << 56 { power *= 10 }
    for step in [power / 2, power, power * 2, power * 5] where step > 0 && span / step <= 8 { return step }
    return power * 5
  }

  package var tickCount: Int { ticks.count }

  var ticks: [Int64] { Array(stride(from: least, through: most, by: Int(step))) }
}
