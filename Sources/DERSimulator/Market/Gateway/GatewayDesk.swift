import Foundation
import MarketCore
import TelemetryCore

/// The judgement of the stand-in for a coordinator's gateway and for RIMS's registrar: JSON goes in, JSON comes out.
///
/// It reads and writes with Foundation, so that it shares no JSON of ours.
struct GatewayDesk: Sendable {
  var resource: String
  var capacity: Power
  /// How long a transaction is not judged.
  var validationDelay: Milliseconds
  /// For the next submissions, in this order.
  var faults: [ScheduleFault]
  private var transactions: [String: (content: Transaction, received: UTCInstant, receipt: String, rules: [String])] =
    [:]
  private var registrations: [String: (resource: String, project: String)] = [:]
  private var count = 0

  init(resource: String, capacity: Power, validationDelay: Milliseconds, faults: [ScheduleFault]) {
    self.resource = resource
    self.capacity = capacity
    self.validationDelay = validationDelay
    self.faults = faults
  }

  struct Hour: Codable, Hashable, Sendable {
    var hour_ending: Int
    var interval_start: String
    var interval_end: String
    var mw: String
  }

  /// What comes: a schedule, a registration, or a question about one of them.
  struct Transaction: Codable, Sendable {
    var transaction: String?
    var query: String?
    var id: String
    var scheduling_coordinator: String?
    var resource: String
    var trading_date: String?
    var hours: [Hour]?
    var form: String?
    var ders: String?
  }

  mutating func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    let asked: Transaction
    do {
      guard call.contentType == "application/json" else { throw Refusal("The body is not application/json.") }
      asked = try JSONDecoder().decode(Transaction.self, from: Data(call.body))
    } catch {
      return Self.refusal("not understood: \(error)", "unknown", status: 400)
    }
    switch (asked.transaction, asked.query) {
    case ("SC_SCHEDULE", nil): return schedule(asked, at: now)
    case ("DER_AGGREGATION", nil): return registration(asked, at: now)
    case (nil, "SC_SCHEDULE"): return results(asked, at: now)
    case (nil, "DER_AGGREGATION"): return registered(asked)
    default: return Self.refusal("no such transaction", "unknown", status: 400)
    }
  }

  // MARK: Answers

  private static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do { return Array(try encoder.encode(value)) } catch { return Array("{}".utf8) }
  }

  private static func refusal(_ reason: String, _ service: String, status: Int) -> OperatorAnswer {
    OperatorAnswer(
      status: status, body: encoded(["error": reason]),
      note: CallNote(service: service, outcome: .rejected, reason: reason), contentType: "application/json")
  }

  private static func answer(_ status: Int, _ value: some Encodable, _ note: CallNote) -> OperatorAnswer {
    OperatorAnswer(status: status, body: encoded(value), note: note, contentType: "application/json")
  }

  /// The answer as it would be, and what a fault makes of it.
  private func disturbed(_ answer: OperatorAnswer, _ fault: ScheduleFault?, _ service: String) -> OperatorAnswer {
    guard let fault else { return answer }
    var answer = answer
    fault.disturb(&answer)
    switch fault {
    case .throttle: answer = answer.page(429, "Too many requests")
    case .denied: answer = answer.page(403, "Forbidden")
    case .breakdown: answer = answer.page(500, "Internal error")
    case .refuse:
      answer = Self.refusal("The transaction is refused.", service, status: 422)
      answer.note.fault = fault.rawValue
    case .loseAnswer, .halfAnswer, .drop, .hang, .hangTaken, .invalid: break
    }
    return answer
  }

  private mutating func nextFault() -> ScheduleFault? { faults.isEmpty ? nil : faults.removeFirst() }

  // MARK: Schedules

  private mutating func schedule(_ asked: Transaction, at now: UTCInstant) -> OperatorAnswer {
    guard let hours = asked.hours, (23...25).contains(hours.count), asked.scheduling_coordinator != nil,
      asked.trading_date.flatMap({ TradeDate($0) }) != nil
    else { return Self.refusal("scheduling_coordinator, trading_date and its hours are needed", "submit", status: 422) }
    let fault = nextFault()
    if fault == nil || fault?.isTaken == true {
      count += 1
      let told = fault == .invalid ? ["G-0099: the stand-in was told to find this invalid"] : []
      transactions[asked.id] = (asked, now, "GW-\(count)", rules(asked, hours) + told)
    }
    let note = CallNote(service: "submit", outcome: .accepted, batch: asked.id, rows: hours.count)
    return disturbed(Self.answer(202, ["receipt": "GW-\(count)"], note), fault, "submit")
  }

  private func rules(_ asked: Transaction, _ hours: [Hour]) -> [String] {
    var rules = asked.resource == resource ? [] : ["G-0001: resource \(asked.resource) is not registered"]
    for hour in hours {
      guard let power = ExactDecimal.parse(hour.mw, digits: 9) else {
        rules.append("G-0003: \(hour.mw) is no number of MW")
        continue
      }
      if power.magnitude > capacity.milliwatts.magnitude {
        rules.append(
          "G-0002: \(hour.mw) MW in hour ending \(hour.hour_ending) is more than \(capacity.megawattText) MW")
      }
    }
    return rules
  }

  private struct Held: Encodable {
    var id: String
    var receipt: String
    var status: String
    var rules: [String]
    var hours: [Hour]
  }

  private func results(_ asked: Transaction, at now: UTCInstant) -> OperatorAnswer {
    let mine = transactions.values.filter {
      $0.content.resource == asked.resource && $0.content.trading_date == asked.trading_date
    }
    let held = mine.sorted { $0.content.id < $1.content.id }.map { item in
      let isJudged = item.received + validationDelay <= now
      let status = !isJudged ? "pending" : item.rules.isEmpty ? "valid" : "invalid"
      return Held(
        id: item.content.id, receipt: item.receipt, status: status, rules: isJudged ? item.rules : [],
        hours: item.content.hours ?? [])
    }
    let note = CallNote(
      service: "results", outcome: held.isEmpty ? .nothing : .held, batch: asked.id, rows: held.count)
    return Self.answer(200, ["transactions": held], note)
  }

  // MARK: Registrations

  private mutating func registration(_ asked: Transaction, at now: UTCInstant) -> OperatorAnswer {
    guard asked.form?.isEmpty == false, let list = asked.ders, list.split(separator: "\n").count > 1 else {
      return Self.refusal("the form and the list of DERs are needed", "register", status: 422)
    }
    let fault = nextFault()
    if fault == nil || fault?.isTaken == true {
      count += 1
      registrations[asked.id] = (asked.resource, "26GEN\(1_000 + count)")
    }
    let note = CallNote(
      service: "register", outcome: .accepted, batch: asked.id, rows: list.split(separator: "\n").count - 1)
    let project = registrations[asked.id]?.project ?? ""
    return disturbed(Self.answer(201, ["project": project], note), fault, "register")
  }

  private func registered(_ asked: Transaction) -> OperatorAnswer {
    let held = registrations.filter { $0.value.resource == asked.resource }
      .map { ["id": $0.key, "project": $0.value.project] }
    let note = CallNote(
      service: "registered", outcome: held.isEmpty ? .nothing : .held, batch: asked.id, rows: held.count)
    return Self.answer(200, ["registrations": held], note)
  }
}
