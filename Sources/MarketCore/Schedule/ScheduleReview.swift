package import TelemetryCore

/// Whether schedules can be submitted: for a registered resource, within its capacity, before the market closes.
package struct ScheduleReview: Sendable {
  package private(set) var problems = ConfigurationProblems()

  /// Judges them all; when the market opens and closes does not matter for one that is submitted already.
  package init(
    _ schedules: [DaySchedule], of registration: Registration, rules: ScheduleRules, now: UTCInstant,
    zone: TimeZoneTransitions, isSubmitted: (DaySchedule) -> Bool = { _ in false }
  ) {
    let aggregations = Dictionary(registration.aggregations.map { ($0.resource, $0) }) { first, _ in first }
    var first: [String: ConfigurationPlace] = [:]
    for schedule in schedules {
      let name = "\(schedule.resource) \(schedule.tradeDate)"
      if let place = first[name] {
        report(schedule, "trading_date", "is a second schedule of \(name); the first is at \(place)")
      } else {
        first[name] = schedule.place
      }
      if let aggregation = aggregations[schedule.resource] {
        review(schedule, capacity: aggregation.capacity)
      } else {
        report(schedule, "resource", "is \(schedule.resource), which registration.yaml does not have")
      }
      if !isSubmitted(schedule) { review(schedule, rules, now, zone) }
    }
    problems = problems.sorted
  }

  package var isAccepted: Bool { problems.isEmpty }

  private mutating func review(_ schedule: DaySchedule, capacity: Power) {
    for hour in schedule.hours where abs(hour.power.milliwatts) > capacity.milliwatts {
      report(
        schedule, "hours.\(hour.hourEnding)",
        "is \(hour.power.exactText): expected at most the registered capacity of \(capacity.exactText)")
    }
  }

  private mutating func review(
    _ schedule: DaySchedule, _ rules: ScheduleRules, _ now: UTCInstant, _ zone: TimeZoneTransitions
  ) {
    let market = "the day-ahead market of \(schedule.tradeDate)"
    guard let deadline = rules.deadline(of: schedule.tradeDate, in: zone) else {
      return report(schedule, "trading_date", "is before \(market) began")
    }
    if now >= deadline {
      report(schedule, "trading_date", "\(market) closed at \(deadline.localText(in: zone)), \(deadline.text)")
    }
    let opening = rules.opening(of: schedule.tradeDate, in: zone)
    if now < opening {
      report(schedule, "trading_date", "\(market) opens at \(opening.localText(in: zone)), \(opening.text)")
    }
  }

  private mutating func report(_ schedule: DaySchedule, _ key: String, _ message: String) {
    let path = schedule.key.isEmpty ? key : "\(schedule.key).\(key)"
    problems.append(ConfigurationProblem(place: schedule.place, key: path, message: message))
  }
}
