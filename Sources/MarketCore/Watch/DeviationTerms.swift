package import TelemetryCore

/// When measured and scheduled have parted for a person to know.
package struct DeviationTerms: Sendable, Hashable {
  /// Of what was scheduled, in ten-thousandths.
  package var share: Int64
  /// Less than this is never said: where nothing is scheduled every share is nothing.
  package var least: Power
  /// For how long without a break.
  package var hold: Milliseconds

  package static let one: Int64 = 10_000

  package init(share: Int64, least: Power, hold: Milliseconds) {
    self.share = share
    self.least = least
    self.hold = hold
  }

  init?(reading reader: inout ConfigurationReader) {
    share = reader.value("share", .decimal(digits: 4, 0...1_000_000, such: "0.20"), default: 2_000)
    let powers = Power(milliwatts: 0)...Power(milliwatts: 1_000_000_000_000_000)
    least = reader.value("least", .power(powers, such: "10 kW"), default: Power(milliwatts: 10_000_000))
    hold = reader.value("for", .duration(.seconds(1) ... .seconds(86_400), such: "30m"), default: .seconds(1_800))
  }

  /// Nil where one of both is not known.
  func isApart(_ interval: ComparedInterval, _ length: IntervalLength) -> Bool? {
    guard let measured = interval.measured, let scheduled = interval.scheduled else { return nil }
    let planned = Int128(scheduled.milliwatts) * Int128(length.seconds)
    let deviation = (Int128(measured.millijoules) - planned).magnitude
    let bySchedule = planned.magnitude * UInt128(max(0, share)) / UInt128(Self.one)
    let byLeast = UInt128(least.milliwatts.magnitude) * UInt128(length.seconds)
    return deviation > max(bySchedule, byLeast)
  }
}

/// The intervals through which measured and scheduled have been apart, without one between that is not known.
package struct DeviationRun: Sendable, Hashable {
  package var first: IntervalEnding
  package var last: IntervalEnding
  package var count: Int64
  package var measured: Energy
  package var scheduled: Energy
}

/// What a person is told of a resource, each once.
package enum DeviationFinding: Sendable, Hashable {
  case apart(DeviationRun)
  case together(IntervalEnding)
}

/// Judges each resource after each interval, and remembers of which a person has been told.
package struct DeviationWatch: Sendable {
  private let terms: DeviationTerms
  private var told: Set<ResourceID> = []

  package init(_ terms: DeviationTerms) { self.terms = terms }

  /// What is new by these intervals, which are in the order of time and end with the last one that was measured.
  ///
  /// An interval that is not known breaks a run and ends none: what nobody measured is no agreement.
  package mutating func judge(
    _ resource: ResourceID, _ intervals: [ComparedInterval], _ length: IntervalLength
  ) -> DeviationFinding? {
    guard let last = intervals.last(where: { $0.measured != nil }) else { return nil }
    guard let isApart = terms.isApart(last, length), isApart else {
      // Without a schedule there is nothing to part from.
      return told.remove(resource) == nil ? nil : .together(last.ending)
    }
    guard !told.contains(resource), let run = run(through: last, intervals, length),
      run.count * length.milliseconds.count >= terms.hold.count
    else { return nil }
    told.insert(resource)
    return .apart(run)
  }

  private func run(
    through last: ComparedInterval, _ intervals: [ComparedInterval], _ length: IntervalLength
  ) -> DeviationRun? {
    var run: DeviationRun?
    for interval in intervals.reversed() where interval.ending.seconds <= last.ending.seconds {
      guard terms.isApart(interval, length) == true, let measured = interval.measured,
        let scheduled = interval.scheduled
      else { break }
      let planned = Energy(millijoules: scheduled.milliwatts * length.seconds)
      guard var longer = run else {
        run = DeviationRun(
          first: interval.ending, last: interval.ending, count: 1, measured: measured, scheduled: planned)
        continue
      }
      guard longer.first == interval.ending.advanced(by: 1, length) else { break }
      longer.first = interval.ending
      longer.count += 1
      longer.measured = longer.measured + measured
      longer.scheduled = longer.scheduled + planned
      run = longer
    }
    return run
  }
}

extension DeviationRun {
  /// Such as `measured 0.125 MW and scheduled 0.5 MW on the mean of 6 intervals, from … on`.
  package func words(_ length: IntervalLength) -> String {
    let time = count * length.seconds
    func mean(_ energy: Energy) -> String {
      ExactDecimal.format(energy.millijoules.roundedQuotient(time).roundedQuotient(1_000), digits: 6)
    }
    return
      "measured \(mean(measured)) MW and scheduled \(mean(scheduled)) MW, on the mean of the \(count) intervals from "
      + "\(first.start(length).text) on"
  }
}
