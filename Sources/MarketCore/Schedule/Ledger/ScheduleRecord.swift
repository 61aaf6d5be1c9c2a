package import TelemetryCore

/// What a record of the submitted schedules is about.
///
/// The numbers are on disk: never reused, never changed, and none is one of the ledger's `RecordKind`, so that a record
/// that got into the other log means nothing there.
package enum ScheduleRecordKind: UInt8, Sendable, CaseIterable {
  case intended = 48
  case answered = 49
  case attempt = 60
  case notSent = 61
  case unknown = 62
  case verdict = 63
  case absent = 64
}

/// One revision of the schedule of a resource and trade date: what is submitted, and answered, as a whole.
package struct BidID: Hashable, Sendable {
  package var resource: ResourceID
  package var tradeDate: TradeDate
  /// From 1.
  package var revision: Int

  package init(resource: ResourceID, tradeDate: TradeDate, revision: Int) {
    self.resource = resource
    self.tradeDate = tradeDate
    self.revision = revision
  }

  /// What the receiver is told, and the folder of its evidence: `EXAMPL_7_DERA1-20261127-1`.
  package var name: String { "\(resource)-\("\(tradeDate)".filter { $0 != "-" })-\(revision)" }

  var day: BidDay { BidDay(resource: resource, tradeDate: tradeDate) }
}

/// What the revisions of a schedule have in common.
package struct BidDay: Hashable, Sendable {
  package var resource: ResourceID
  package var tradeDate: TradeDate

  package init(resource: ResourceID, tradeDate: TradeDate) {
    self.resource = resource
    self.tradeDate = tradeDate
  }
}

/// To whom a schedule goes.
///
/// The numbers are on disk.
package enum BidRoute: UInt8, Sendable, CaseIterable {
  /// CAISO's application for bids.
  case sibr = 0
  /// A scheduling coordinator's own gateway.
  case gateway = 1

  package init?(name: String) {
    guard let route = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = route
  }

  package var name: String {
    switch self {
    case .sibr: "sibr"
    case .gateway: "gateway"
    }
  }
}

/// That a schedule is to be submitted, and with which bytes.
package struct BidIntent: Hashable, Sendable {
  package struct Hour: Hashable, Sendable {
    package var ending: IntervalEnding
    package var power: Power

    package init(ending: IntervalEnding, power: Power) {
      self.ending = ending
      self.power = power
    }
  }

  package var id: BidID
  package var coordinator: SchedulingCoordinatorID
  package var created: UTCInstant
  package var hours: [Hour]
  /// Of the payload, which is kept before this is written.
  package var payload: Digest

  /// Whom it went to, who alone can tell what became of it.
  package var route: BidRoute

  package init(
    id: BidID, coordinator: SchedulingCoordinatorID, created: UTCInstant, hours: [Hour], payload: Digest,
    route: BidRoute = .sibr
  ) {
    self.route = route
    self.id = id
    self.coordinator = coordinator
    self.created = created
    self.hours = hours
    self.payload = payload
  }

  package func isSame(as schedule: DaySchedule) -> Bool {
    id.resource == schedule.resource && id.tradeDate == schedule.tradeDate
      && hours == schedule.hours.map { Hour(ending: $0.ending, power: $0.power) }
  }
}

/// The answer to a submission.
package enum BidAnswer: Hashable, Sendable {
  /// Taken in for validation, with the receiver's name for the batch where it gave one.
  case taken(receipt: String)
  /// Refused as a whole: the same bytes will be refused again.
  case rejected(reason: String)
}

/// What became of a schedule that was taken in.
package enum BidVerdict: Hashable, Sendable {
  case valid
  /// With the rules that failed.
  case invalid([String])
}

/// One fact about submitted schedules.
package enum ScheduleRecord: Hashable, Sendable {
  case intended(BidIntent)
  /// Durable before the first byte leaves.
  case attempt(BidID, number: Int, envelope: Digest, at: UTCInstant)
  /// The receiver cannot have seen it, or says that it did not look at it; then with the digest of what it said.
  case notSent(BidID, reason: String, answer: Digest?, at: UTCInstant)
  /// It may have arrived and may not.
  case unknown(BidID, reason: String, answer: Digest?, at: UTCInstant)
  case answered(BidID, BidAnswer, answer: Digest, at: UTCInstant)
  case verdict(BidID, BidVerdict, answer: Digest, at: UTCInstant)
  /// The receiver was asked, and does not hold it.
  case absent(BidID, answer: Digest, at: UTCInstant)

  package var id: BidID {
    switch self {
    case .intended(let intent): intent.id
    case .attempt(let id, _, _, _), .notSent(let id, _, _, _), .unknown(let id, _, _, _), .answered(let id, _, _, _),
      .verdict(let id, _, _, _), .absent(let id, _, _):
      id
    }
  }
}
