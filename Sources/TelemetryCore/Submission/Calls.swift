/// One value to submit, in steps of a wire unit's last digit.
package struct SubmissionRow: Hashable, Sendable {
  package var resource: ResourceID
  package var measurement: MeasurementType
  package var intervalEnding: IntervalEnding
  package var value: Int64
  /// What the value was sealed in, where that is another unit than the wire profile's.
  package var unit: WireUnit?

  package init(
    resource: ResourceID, measurement: MeasurementType, intervalEnding: IntervalEnding, value: Int64,
    unit: WireUnit? = nil
  ) {
    self.unit = unit
    self.resource = resource
    self.measurement = measurement
    self.intervalEnding = intervalEnding
    self.value = value
  }
}

/// What one submission says.
///
/// The same content gives the same payload, byte for byte (P9).
package struct SubmissionContent: Hashable, Sendable {
  package var id: SubmissionID
  /// A ledger record, never the clock at the time of writing.
  package var created: UTCInstant
  package var schedulingCoordinator: SchedulingCoordinatorID
  package var intervalLength: IntervalLength
  /// In the order of resource, measurement, interval ending.
  package var rows: [SubmissionRow]

  package init(
    id: SubmissionID, created: UTCInstant, schedulingCoordinator: SchedulingCoordinatorID,
    intervalLength: IntervalLength, rows: [SubmissionRow]
  ) {
    self.id = id
    self.created = created
    self.schedulingCoordinator = schedulingCoordinator
    self.intervalLength = intervalLength
    self.rows = rows
  }
}

/// What we ask when we want to know which values the operator holds.
package struct RetrieveQuestion: Hashable, Sendable {
  package var schedulingCoordinator: SchedulingCoordinatorID
  package var resource: ResourceID
  package var measurement: MeasurementType
  package var intervalLength: IntervalLength
  /// First and last interval ending that are asked for, both included.
  package var first: IntervalEnding
  package var last: IntervalEnding

  package init(
    schedulingCoordinator: SchedulingCoordinatorID, resource: ResourceID, measurement: MeasurementType,
    intervalLength: IntervalLength, first: IntervalEnding, last: IntervalEnding
  ) {
    self.schedulingCoordinator = schedulingCoordinator
    self.resource = resource
    self.measurement = measurement
    self.intervalLength = intervalLength
    self.first = first
    self.last = last
  }
}

/// Why a call told us nothing about the values it was about.
package enum CallFailure: Hashable, Sendable {
  /// The operator asks for fewer calls.
  ///
  /// It did not look at what we sent.
  case throttled
  /// The operator does not accept who we are or what we may do.
  ///
  /// It did not look at what we sent.
  case refused(reason: String)
  /// An answer that says nothing we know.
  ///
  /// What the operator did is unknown.
  case unreadable(reason: String)
}

/// The operator's answer to a submission.
package enum SubmitAnswer: Hashable, Sendable {
  /// Taken in.
  ///
  /// Without a batch ID there is nothing to ask about later.
  case taken(OperatorBatchID?)
  /// Refused for good.
  ///
  /// The same bytes will be refused again; a person must look.
  case rejected(reason: String)
  case failed(CallFailure)
}

/// The operator's answer to the question what became of a batch.
package enum StatusAnswer: Hashable, Sendable {
  /// Not yet decided.
  case pending
  case accepted
  /// Not accepted as a whole.
  ///
  /// Rows that the operator names are rejected; of the others nothing is known.
  case errors(rows: [RowError], general: [String])
  case failed(CallFailure)
}

/// One row that the operator's validation found fault with.
package struct RowError: Hashable, Sendable {
  package var resource: ResourceID
  package var measurement: MeasurementType
  package var intervalEnding: UTCInstant
  package var message: String

  package init(
    resource: ResourceID, measurement: MeasurementType, intervalEnding: UTCInstant, message: String
  ) {
    self.resource = resource
    self.measurement = measurement
    self.intervalEnding = intervalEnding
    self.message = message
  }
}

/// The operator's answer to the question which values it holds.
package enum RetrieveAnswer: Hashable, Sendable {
  /// Empty when it holds none of those we asked for.
  case held([HeldValue])
  case failed(CallFailure)
}

/// A value that the operator holds.
package struct HeldValue: Hashable, Sendable {
  package var resource: ResourceID
  package var measurement: MeasurementType
  package var intervalEnding: UTCInstant
  /// In steps of the unit's last digit; nil where the operator's value is no whole number of millijoules.
  package var value: Int64?
  /// Where it is another one than the wire profile's: values of an earlier one stay with the operator.
  package var unit: WireUnit?

  package init(
    resource: ResourceID, measurement: MeasurementType, intervalEnding: UTCInstant, value: Int64?,
    unit: WireUnit? = nil
  ) {
    self.unit = unit
    self.resource = resource
    self.measurement = measurement
    self.intervalEnding = intervalEnding
    self.value = value
  }
}

/// How a call over the network ended.
package enum CallOutcome<Answer: Hashable & Sendable>: Hashable, Sendable {
  /// It failed before the first byte of the body was written: the operator cannot have seen it.
  case notSent(reason: String)
  /// A whole answer came.
  case answered(Answer)
  /// It may have arrived; no whole answer came back.
  case noAnswer(reason: String)
}
