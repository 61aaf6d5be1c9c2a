package import TelemetryCore

/// What SIBR, or another receiver of schedules, wants to be told.
package struct BidProfile: Sendable, Equatable {
  /// Whether somebody has run it against the receiver that it describes.
  package var isVerified: Bool
  package var source: String
  package var payload: MarketTemplate
  /// Digits of a megawatt behind the point.
  package var digits: Int
  /// How it travels and what the answers mean; nil where the profile tells of the payload alone.
  package var wire: Wire?

  /// The way to the receiver and back.
  package struct Wire: Sendable, Equatable {
    /// Its submission is not that of the profile: the payload is made of the schedule.
    package var profile: WireProfile
    package var results: BidResultRules
  }

  package static func read(_ node: ConfigurationNode) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .oneOf(["1": 1]))
      let isVerified = reader.required("verified", .boolean)
      let source = reader.required("source", .text(such: "DERGW1"))
      let digits = reader.value("digits", .integer(0...6, such: 3), default: 3)
      let payload = reader.requiredMapping("payload") { MarketTemplate.read(&$0) }
      guard let isVerified, let source, let payload else { return nil }
      var profile = Self(isVerified: isVerified, source: source, payload: payload, digits: digits)
      guard reader.contains("envelope") else { return profile }
      guard let wire = readWire(&reader, profile) else { return nil }
      profile.wire = wire
      return profile
    }
  }

  private static func readWire(_ reader: inout ConfigurationReader, _ profile: Self) -> Wire? {
    let question = reader.requiredMapping("question", WireElement.readQuestion)
    let envelope = reader.requiredMapping("envelope", WireEnvelope.read)
    let answers = reader.requiredMapping("answers", AnswerRules.read)
    let results = reader.requiredMapping("results", BidResultRules.read)
    // MW for an hour are MWh of that hour.
    guard let question, let envelope, let answers, let results,
      let unit = WireUnit(symbol: "MWh", digits: profile.digits)
    else { return nil }
    let wire = WireProfile(
      name: "sibr", unit: unit, isVerified: profile.isVerified, source: profile.source,
      messages: WireMessages(retrieve: question), envelope: envelope, answers: answers)
    return Wire(profile: wire, results: results)
  }
}

/// What is handed over for the schedules of one scheduling coordinator: the same bytes for the same arguments (P9).
package struct SchedulePayload: Sendable {
  /// In the order of resource and trade date.
  private let schedules: [DaySchedule]
  private let coordinator: SchedulingCoordinatorID
  private let created: UTCInstant
  /// Stands behind the name of each bid; nil leaves it out.
  private let revision: Int?

  package init(
    _ schedules: [DaySchedule], coordinator: SchedulingCoordinatorID, created: UTCInstant, revision: Int? = nil
  ) {
    self.revision = revision
    self.schedules = schedules.sorted { ($0.resource, $0.tradeDate) < ($1.resource, $1.tradeDate) }
    self.coordinator = coordinator
    self.created = created
  }

  /// As a receiver's profile wants it.
  package func xml(_ profile: BidProfile) -> [UInt8] {
    let values: MarketTemplate.Values = [
      .created: created.text, .source: profile.source, .schedulingCoordinator: coordinator.name,
    ]
    let rows = schedules.map { schedule in
      (values: self.values(schedule), hours: schedule.hours.map { Self.values($0, digits: profile.digits) })
    }
    return profile.payload.render(values, MarketTemplate.Rows(schedules: rows))
  }

  private static func start(_ hour: DaySchedule.Hour) -> UTCInstant {
    hour.ending.instant - Milliseconds.seconds(3_600)
  }

  private func values(_ schedule: DaySchedule) -> MarketTemplate.Values {
    var values: MarketTemplate.Values = [
      .resourceID: schedule.resource.name, .tradeDate: "\(schedule.tradeDate)",
      .bidName: "\(schedule.resource)-\("\(schedule.tradeDate)".filter { $0 != "-" })"
        + (revision.map { "-\($0)" } ?? ""),
    ]
    values[.dayStart] = schedule.hours.first.map { Self.start($0).text }
    values[.dayEnd] = schedule.hours.last.map { $0.ending.instant.text }
    return values
  }

  private static func values(_ hour: DaySchedule.Hour, digits: Int) -> MarketTemplate.Values {
    [
      .hourEnding: "\(hour.hourEnding)", .hourStart: start(hour).text, .hourEnd: hour.ending.instant.text,
      .megawatts: hour.power.megawattText(digits: digits),
    ]
  }

  // MARK: JSON

  /// The values of its first schedule and of that one's hours, by their names in a profile.
  var jsonValues: ([String: String], [[String: String]])? {
    guard let schedule = schedules.first else { return nil }
    var all = values(schedule)
    all[.created] = created.text
    all[.schedulingCoordinator] = coordinator.name
    func named(_ values: MarketTemplate.Values) -> [String: String] {
      Dictionary(values.map { ($0.key.rawValue, $0.value) }) { first, _ in first }
    }
    return (named(all), schedule.hours.map { named(Self.values($0, digits: 3)) })
  }

  /// As the transactions `SC_SCHEDULE` that a coordinator's gateway can take: a list, one for each resource and day.
  ///
  /// Names are letters, digits, `_`, `-` and `.`: nothing in them needs to be escaped.
  package func json() -> [UInt8] {
    let days = schedules.map { schedule in
      let hours = schedule.hours.map { hour in
        "    { \"hour_ending\": \(hour.hourEnding), \"interval_start\": \"\(Self.start(hour).text)\", "
          + "\"interval_end\": \"\(hour.ending.instant.text)\", \"mw\": \"\(hour.power.megawattText(digits: 3))\" }"
      }
      return """
        {
          "transaction": "\(DaySchedule.transaction)",
          "scheduling_coordinator": "\(coordinator)",
          "resource": "\(schedule.resource)",
          "trading_date": "\(schedule.tradeDate)",
          "hours": [
        \(hours.joined(separator: ",\n"))
          ]
        }
        """
    }
    return Array("[\(days.joined(separator: ", "))]\n".utf8)
  }
}

extension Power {
  /// As an exact decimal of megawatts with at least so many digits after the point, such as `0.500`.
  package func megawattText(digits: Int) -> String {
    let text = megawattText
    guard digits > 0 else { return text }
    let point = text.firstIndex(of: ".")
    let count = point.map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    return text + (point == nil ? "." : "") + String(repeating: "0", count: max(0, digits - count))
  }
}
