package import TelemetryCore

/// A price in millionths of a dollar for a megawatt-hour.
package struct EnergyPrice: Sendable, Hashable {
  package var microdollars: Int64

  package init(microdollars: Int64) { self.microdollars = microdollars }

  /// Reads an exact decimal of dollars; nil for anything else.
  ///
  /// OASIS gives five digits after the point.
  package init?(_ text: String) {
    guard let value = ExactDecimal.parse(text, digits: 6) else { return nil }
    microdollars = value
  }

  package var text: String { ExactDecimal.format(microdollars, digits: 6) }
}

/// One interval: what was measured, and what it is compared with.
package struct ComparedInterval: Sendable, Hashable {
  package var ending: IntervalEnding
  /// Net, export less import; nil where nothing is sealed yet, or a flow is missing.
  package var measured: Energy?
  /// The worst of the flows.
  package var quality: QualityClass
  package var scheduled: Power?
  package var dispatched: Power?
  package var price: EnergyPrice?

  package init(ending: IntervalEnding, measured: Energy?, quality: QualityClass) {
    self.ending = ending
    self.measured = measured
    self.quality = quality
  }
}

/// A trade date of one resource: measured, scheduled, dispatched and the price, interval by interval.
package struct IntervalComparison: Sendable, Hashable {
  package let resource: ResourceID
  package let tradeDate: TradeDate
  package let length: IntervalLength
  package private(set) var intervals: [ComparedInterval]

  package init(resource: ResourceID, tradeDate: TradeDate, length: IntervalLength, zone: TimeZoneTransitions) {
    self.resource = resource
    self.tradeDate = tradeDate
    self.length = length
    intervals = tradeDate.intervalEndings(length, in: zone).map {
      ComparedInterval(ending: $0, measured: nil, quality: .missing)
    }
  }

  // MARK: Filling in

  /// What the accounts say of each flow; a measurement whose flow is not known here is left out.
  package mutating func setMeasured(_ rows: [IntervalRow], flows: [MeasurementType: Flow]) {
    let mine = rows.filter { $0.resource == resource && flows[$0.measurement] != nil }
    let byEnding = Dictionary(grouping: mine) { $0.intervalEnding }
    for index in intervals.indices {
      let rows = byEnding[intervals[index].ending] ?? []
      let energies = rows.compactMap { row in flows[row.measurement].flatMap { Self.energy(row, $0) } }
      // A flow that is missing makes no sum of the others.
      guard !rows.isEmpty, energies.count == rows.count, rows.count == flows.count else { continue }
      intervals[index].measured = energies.reduce(.zero, +)
      intervals[index].quality = rows.map(\.quality).max() ?? .missing
    }
  }

  private static func energy(_ row: IntervalRow, _ flow: Flow) -> Energy? {
    guard let value = row.value, row.quality != .missing,
      let unit = WireUnit(symbol: row.unit, digits: 0)?.finest,
      let steps = ExactDecimal.parse(value, digits: unit.digits),
      let millijoules = Int64(exactly: unit.millijoules(steps)), millijoules != .min
    else { return nil }
    return Energy(millijoules: flow == .export ? millijoules : -millijoules)
  }

  package mutating func setScheduled(_ schedule: DaySchedule) {
    guard schedule.resource == resource, schedule.tradeDate == tradeDate else { return }
    for hour in schedule.hours { setScheduled(hour.power, through: hour.ending) }
  }

  /// What was submitted.
  package mutating func setScheduled(_ intent: BidIntent) {
    guard intent.id.resource == resource, intent.id.tradeDate == tradeDate else { return }
    for hour in intent.hours { setScheduled(hour.power, through: hour.ending) }
  }

  private mutating func setScheduled(_ power: Power, through ending: IntervalEnding) {
    let start = ending.seconds - 3_600
    for index in intervals.indices where intervals[index].ending.seconds > start {
      guard intervals[index].ending.seconds <= ending.seconds else { break }
      intervals[index].scheduled = power
    }
  }

  /// Dispatch by the start of its interval of five minutes.
  package mutating func setDispatched(_ powers: [UTCInstant: Power]) {
    for index in intervals.indices {
      let start = intervals[index].ending.start(length).milliseconds
      let begin = UTCInstant(milliseconds: start - start.flooredRemainder(300_000))
      intervals[index].dispatched = powers[begin]
    }
  }

  /// Prices by the start of the interval that they hold for, all of one length.
  package mutating func setPrices(_ prices: [UTCInstant: EnergyPrice], step: Milliseconds) {
    precondition(step.count > 0, "prices hold for a time")
    for index in intervals.indices {
      let start = intervals[index].ending.start(length).milliseconds
      let begin = UTCInstant(milliseconds: start - start.flooredRemainder(step.count))
      intervals[index].price = prices[begin]
    }
  }

  // MARK: What it comes to

  /// What was scheduled, as energy of the interval.
  package func scheduledEnergy(_ interval: ComparedInterval) -> Energy? {
    interval.scheduled.map { Energy(millijoules: $0.milliwatts * length.seconds) }
  }

  /// Measured less scheduled.
  package func deviation(_ interval: ComparedInterval) -> Energy? {
    guard let measured = interval.measured, let scheduled = scheduledEnergy(interval) else { return nil }
    return measured - scheduled
  }

  /// What a deviation is worth at the interval's price, in millionths of a dollar; negative is to be paid.
  package func worth(_ interval: ComparedInterval) -> Int128? {
    guard let deviation = deviation(interval), let price = interval.price else { return nil }
    return (Int128(deviation.millijoules) * Int128(price.microdollars)).roundedQuotient(Self.millijoulesPerMegawattHour)
  }

  private static let millijoulesPerMegawattHour: Int128 = 3_600_000_000_000

  /// The mean power of an energy over one interval.
  package func power(_ energy: Energy) -> Power {
    Power(milliwatts: energy.millijoules.roundedQuotient(length.seconds))
  }

  /// Sums over the intervals that can be compared.
  package struct Totals: Sendable, Hashable {
    package var comparedCount = 0
    package var measured = Energy.zero
    package var scheduled = Energy.zero
    package var deviation: Energy { measured - scheduled }
    /// Of those that have a price too.
    package var pricedCount = 0
    package var microdollars: Int128 = 0

    /// Of what was scheduled, in tenths of a percent; nil where nothing was.
    package var deviationPerMille: Int64? {
      let whole = Int128(scheduled.millijoules.magnitude)
      guard whole > 0 else { return nil }
      return Int64(clamping: (Int128(deviation.millijoules) * 1_000).roundedQuotient(whole))
    }
  }

  package var totals: Totals {
    intervals.reduce(into: Totals()) { totals, interval in
      guard let measured = interval.measured, let scheduled = scheduledEnergy(interval) else { return }
      totals.comparedCount += 1
      totals.measured = totals.measured + measured
      totals.scheduled = totals.scheduled + scheduled
      guard let worth = worth(interval) else { return }
      totals.pricedCount += 1
      totals.microdollars += worth
    }
  }
}

extension Energy {
  /// As an exact decimal of megawatt-hours, cut to millionths: watt-hours.
  package var megawattHourText: String {
    ExactDecimal.format(millijoules.roundedQuotient(Energy.millijoulesPerWattHour), digits: 6)
  }
}
