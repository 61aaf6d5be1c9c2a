/// By when the market wants the meter data of each trade date.
///
/// All of it is data: the days on which its statements are made have changed before, and so do holidays.
package struct SettlementSettings: Hashable, Sendable {
  package struct Deadline: Hashable, Sendable {
    package var name: String
    /// Counted from the trade date, which is 0.
    package var businessDays: Int
    /// Minutes after midnight of that day, Pacific; nil for its end.
    package var minute: Int64?
    /// The first trade date that it holds for; nil for all until another of this name begins.
    package var from: TradeDate?

    package init(_ name: String, businessDays: Int, minute: Int64? = nil, from: TradeDate? = nil) {
      self.name = name
      self.businessDays = businessDays
      self.minute = minute
      self.from = from
    }
  }

  package var deadlines: [Deadline]
  /// No business days, beside Saturdays and Sundays.
  ///
  /// One that is not known makes a deadline come early, and never late.
  package var holidays: Set<TradeDate>
  /// What clocks in the market show; nil on a machine that does not know: then no deadline is told.
  package var zone: TimeZoneTransitions?

  /// The first statement is made of what is there after 8 business days; the last day for actual data is the 52nd.
  ///
  /// Source: a note on FERC's order in BP Energy v. CAISO of 2025: the initial statement comes 9 business days after the
  /// trading day, and actual data is due by the 52nd day. That the data for the former is due on the 8th, and that the
  /// latter counts business days, is unconfirmed.
  package static let standard = SettlementSettings(
    deadlines: [Deadline("first-statement", businessDays: 8), Deadline("actual-data", businessDays: 52)])

  package init(deadlines: [Deadline], holidays: Set<TradeDate> = [], zone: TimeZoneTransitions? = nil) {
    self.deadlines = deadlines
    self.holidays = holidays
    self.zone = zone
  }

  /// The deadlines that hold for a trade date: of those of one name the one that began last.
  package func deadlines(of date: TradeDate) -> [Deadline] {
    var inForce: [Deadline] = []
    for deadline in deadlines where deadline.from.map({ $0 <= date }) ?? true {
      guard let place = inForce.firstIndex(where: { $0.name == deadline.name }) else {
        inForce.append(deadline)
        continue
      }
      let isLater = (deadline.from?.days ?? .min) >= (inForce[place].from?.days ?? .min)
      if isLater { inForce[place] = deadline }
    }
    return inForce
  }

  /// When a deadline of a trade date has passed.
  package func due(_ deadline: Deadline, of date: TradeDate, in zone: TimeZoneTransitions) -> UTCInstant {
    var day = date
    var left = deadline.businessDays
    while left > 0 {
      day = day.advanced(by: 1)
      if isBusinessDay(day) { left -= 1 }
    }
    return deadline.minute.map { zone.instant(localSeconds: day.days * 86_400 + $0 * 60) }
      ?? day.advanced(by: 1).start(in: zone)
  }

  private func isBusinessDay(_ day: TradeDate) -> Bool {
    // 1970-01-01 was a Thursday: 0 is Sunday.
    let weekday = (day.days + 4).flooredRemainder(7)
    return weekday != 0 && weekday != 6 && !holidays.contains(day)
  }
}

/// Reads `settlement:` of `dertelemetryd.yaml`.
extension SettlementSettings {
  static func read(_ reader: inout ConfigurationReader, zone: TimeZoneTransitions?) -> Self? {
    var settings = standard
    settings.zone = zone
    if reader.contains("deadlines") {
      guard let deadlines = reader.mappings("deadlines", readDeadline) else { return nil }
      settings.deadlines = deadlines
    }
    if reader.contains("holidays") {
      guard let holidays = reader.list("holidays", of: .tradeDate) else { return nil }
      settings.holidays = Set(holidays)
    }
    if zone == nil {
      reader.report("deadlines", "needs the time zone database that this machine does not have: install tzdata")
    }
    return settings
  }

  private static func readDeadline(_ reader: inout ConfigurationReader) -> Deadline? {
    let name = reader.required("name", .name(such: "first-statement"))
    let days = reader.required("business_days", .integer(0...1_000, such: 8))
    let minute = reader.optional("time", .minuteOfDay)
    let from = reader.optional("from", .tradeDate)
    guard let name, let days else { return nil }
    return Deadline(name, businessDays: days, minute: minute, from: from)
  }
}

extension ConfigurationForm<TradeDate> {
  fileprivate static var tradeDate: Self { Self(TradeDate.expectation) { TradeDate($0) } }
}

extension ConfigurationForm<Int64> {
  fileprivate static var minuteOfDay: Self {
    Self("a time of day in Pacific time, such as \"17:00\"") { ConfigurationForm<SubmissionCadence>.minute($0[...]) }
  }
}
