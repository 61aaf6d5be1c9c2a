import MarketCore
import SignedXML
import TelemetryCore

/// The judgement of the stand-in for SIBR: a call goes in, an answer comes out.
///
/// Rules and their numbers are its own: CAISO's could not be read.
struct ScheduleDesk: Sendable {
  let gate: OperatorGate
  /// Those that have bids.
  var resource: String
  var capacity: Power
  /// How long a bid is not judged.
  var validationDelay: Milliseconds
  /// For the next submissions, in this order.
  var faults: [ScheduleFault]
  /// The current bid of each resource and trade date, as the start of its day tells.
  private var bids: [String: ReceivedBid] = [:]
  private var count = 0

  init(
    gate: OperatorGate, resource: String, capacity: Power, validationDelay: Milliseconds, faults: [ScheduleFault]
  ) {
    self.gate = gate
    self.resource = resource
    self.capacity = capacity
    self.validationDelay = validationDelay
    self.faults = faults
  }

  mutating func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    var service = "unknown"
    do throws(Refusal) {
      let message = try MessageParts(call)
      let envelope = try Envelope(message.envelope)
      _ = try gate.admit(envelope, from: try Self.client(call), at: now)
      let payload = try Payload(envelope, beside: message.attachment)
      switch payload.root.name {
      case "RawBidSet":
        service = "submit"
        let fault = faults.isEmpty ? nil : faults.removeFirst()
        let bid = try ReceivedBid(payload.root, digest: payload.digest ?? "")
        return submit(bid, fault, at: now)
      case "RequestBidResults":
        service = "results"
        return try results(payload.root, at: now)
      default: throw Refusal("The payload \(payload.root.name) is unknown.")
      }
    } catch {
      return Self.refusal(error.reason, service, at: now)
    }
  }

  private static func client(_ call: OperatorCall) throws(Refusal) -> ClientCertificate {
    do {
      return try ClientCertificate(der: call.clientCertificate)
    } catch {
      throw Refusal("The client's certificate cannot be read.")
    }
  }

  private static func refusal(_ reason: String, _ service: String, at now: UTCInstant) -> OperatorAnswer {
    OperatorAnswer(
      status: 500, body: OperatorWords.fault(reason, at: now),
      note: CallNote(service: service, outcome: .rejected, reason: reason))
  }

  // MARK: Submissions

  private mutating func submit(_ bid: ReceivedBid, _ fault: ScheduleFault?, at now: UTCInstant) -> OperatorAnswer {
    if fault == nil || fault?.isTaken == true { take(bid, fault, at: now) }
    let batch = "SIBR-\(count)"
    var answer = OperatorAnswer(
      status: 200, body: OperatorWords.taken(batch: batch, at: now),
      note: CallNote(service: "submit", outcome: .accepted, batch: bid.name, rows: bid.hours.count))
    guard let fault else { return answer }
    fault.disturb(&answer)
    switch fault {
    case .throttle: answer = answer.page(429, "CAISO Acceptable Use Policy Violation")
    case .denied: answer = answer.page(403, "You are not authorized to access this page")
    case .breakdown:
      answer.status = 500
      answer.body = OperatorWords.breakdown("internal error")
    case .refuse:
      answer = Self.refusal("The bid set is refused.", "submit", at: now)
      answer.note.fault = fault.rawValue
    case .loseAnswer, .halfAnswer, .drop, .hang, .hangTaken, .invalid: break
    }
    return answer
  }

  private mutating func take(_ bid: ReceivedBid, _ fault: ScheduleFault?, at now: UTCInstant) {
    count += 1
    var bid = bid
    bid.received = now
    bid.rules = rules(of: bid) + (fault == .invalid ? ["S-0099: the stand-in was told to find this bid invalid"] : [])
    bids[Self.key(bid.resource, bid.start)] = bid
  }

  private static func key(_ resource: String, _ start: UTCInstant) -> String { "\(resource) \(start.text)" }

  private func rules(of bid: ReceivedBid) -> [String] {
    var rules: [String] = []
    if bid.resource != resource { rules.append("S-0001: resource \(bid.resource) is not registered") }
    for hour in bid.hours where abs(hour.power.milliwatts) > capacity.milliwatts {
      rules.append("S-0002: \(hour.megawatts) MW at \(hour.start.text) is more than \(capacity.megawattText) MW")
    }
    var next = bid.start
    for hour in bid.hours {
      if hour.start != next || hour.ending - hour.start != Milliseconds.seconds(3_600) {
        rules.append("S-0003: the hour at \(hour.start.text) does not follow the one before it")
      }
      next = hour.ending
    }
    if next != bid.stop { rules.append("S-0004: the hours do not end with the trade date") }
    return rules
  }

  // MARK: Results

  private func results(_ root: XMLElement, at now: UTCInstant) throws(Refusal) -> OperatorAnswer {
    guard root.namespace == ReceivedBid.requestNamespace,
      root.children.map(\.name) == ["MessageHeader", "MessagePayload"]
    else { throw Refusal("The question is none of ours.") }
    let asked = Dictionary(root.children[1].children.map { ($0.name, $0.text) }) { first, _ in first }
    guard let resource = asked["mrid"], let start = asked["MarketStartTime"].flatMap({ UTCInstant(timestamp: $0) }),
      asked["SCID"] != nil, asked["MarketEndTime"].flatMap({ UTCInstant(timestamp: $0) }) != nil
    else { throw Refusal("SCID, mrid, MarketStartTime and MarketEndTime are needed.") }
    guard let bid = bids[Self.key(resource, start)], bid.coordinator == asked["SCID"] else {
      var answer = Self.refusal(OperatorWords.nothingHeld, "results", at: now)
      answer.note.outcome = .nothing
      return answer
    }
    let isJudged = bid.received + validationDelay <= now
    let status = !isJudged ? "RP" : bid.rules.isEmpty ? "V" : "I"
    let note = CallNote(
      service: "results", outcome: isJudged ? .held : .pending, batch: bid.name, rows: bid.hours.count,
      reason: isJudged && !bid.rules.isEmpty ? bid.rules.joined(separator: "; ") : nil)
    return OperatorAnswer(
      status: 200, body: OperatorWords.attached(Self.document(bid, status, isJudged ? bid.rules : [])), note: note)
  }

  private static func document(_ bid: ReceivedBid, _ status: String, _ rules: [String]) -> [UInt8] {
    let errors = rules.map { rule in
      let parts = rule.split(separator: ":", maxSplits: 1)
      return "<BidError><ruleID>\(parts[0])</ruleID><errMessage>\(OperatorWords.escape(rule))</errMessage></BidError>"
    }
    let hours = bid.hours.map { hour in
      "<BidSelfSched><timeIntervalStart>\(hour.start.text)</timeIntervalStart><timeIntervalEnd>\(hour.ending.text)"
        + "</timeIntervalEnd><selfSchedMw>\(hour.megawatts)</selfSchedMw><selfSchedType>PT</selfSchedType></BidSelfSched>"
    }
    let text = """
      <BidResults xmlns="http://www.caiso.com/soa/BidResults_v1.xsd#"><MessagePayload><GeneratingBid>\
      <name>\(OperatorWords.escape(bid.name))</name><status>\(status)</status>\(errors.joined())\
      <RegisteredGenerator><mrid>\(OperatorWords.escape(bid.resource))</mrid></RegisteredGenerator><ProductBid>\
      <MarketProduct><marketProductType>EN</marketProductType></MarketProduct>\(hours.joined())</ProductBid>\
      </GeneratingBid></MessagePayload></BidResults>
      """
    return Array(text.utf8)
  }
}
