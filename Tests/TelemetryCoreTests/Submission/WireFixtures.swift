import TelemetryCore

/// A receiver that exists nowhere, so that a test sets all that matters to it.
enum WireFixtures {
  static let watts = WireUnit(symbol: "MWh", digits: 6)
  static let length = IntervalLength.fiveMinutes
  static let created = UTCInstant(seconds: 1_748_977_200)

  static func row(
    _ value: Int64, resource: String = "EXAMPL_7_DERA1", measurement: String = "GEN", interval: Int64 = 0
  ) -> SubmissionRow {
    SubmissionRow(
      resource: ResourceID(resource), measurement: MeasurementType(measurement),
      intervalEnding: IntervalEnding(seconds: 1_748_847_900 + 300 * interval, length: length), value: value)
  }

  static func content(_ rows: [SubmissionRow]) -> SubmissionContent {
    SubmissionContent(
      id: SubmissionID("S1"), created: created, schedulingCoordinator: SchedulingCoordinatorID("EXSC"),
      intervalLength: length, rows: rows)
  }

  static func profile(submit: WireElement = meterData, answers: AnswerRules = answers) -> WireProfile? {
    watts.map {
      WireProfile(
        name: "test", unit: $0, unitCode: "MWH", source: "A&B", measurementCodes: [MeasurementType("LOAD"): "L"],
        messages: WireMessages(
          submit: submit, status: WireElement(name: "Ask", text: .field(.batchID, .seconds)),
          retrieve: WireElement(
            name: "Request",
            attributes: [WireAttribute(name: "of", text: .field(.measurementType, .seconds))],
            children: [
              WireElement(name: "From", text: .field(.firstStart, .seconds)),
              WireElement(name: "First", text: .field(.firstEnding, .seconds)),
              WireElement(name: "Last", text: .field(.lastEnding, .milliseconds)),
              WireElement(name: "Minutes", text: .field(.intervalMinutes, .seconds)),
            ])),
        answers: answers)
    }
  }

  static let meterData = WireElement(
    name: "Data", namespace: "urn:data",
    children: [
      WireElement(name: "Source", text: .field(.source, .seconds)),
      WireElement(
        name: "Series", repeatedFor: .series,
        children: [
          WireElement(name: "Type", text: .field(.measurementType, .seconds)),
          WireElement(
            name: "V", repeatedFor: .interval,
            attributes: [WireAttribute(name: "end", text: .field(.intervalEnding, .seconds))],
            text: .field(.energy, .seconds)),
          WireElement(name: "ID", text: .field(.resourceID, .seconds)),
        ]),
    ])

  static let answers = AnswerRules(
    throttled: SignalRules(statuses: [429], texts: ["Acceptable Use Policy Violation"]),
    refused: SignalRules(statuses: [403], texts: ["Signature validation status: false"]),
    submit: SubmitRules(takenResults: ["SCSS0001"], rejectedSeverities: ["ERROR"]),
    status: StatusRules(accepted: ["SUCCESS"], errors: ["ERROR"]), retrieve: RetrieveRules(noData: ["No data found"]))
}
