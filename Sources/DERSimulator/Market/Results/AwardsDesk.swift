import SignedXML
import TelemetryCore

/// The judgement of the stand-in for CMRI: awards of one resource for each hour, or each quarter of one.
struct AwardsDesk: Sendable {
  let gate: OperatorGate
  var resource: String

  func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    do throws(Refusal) {
      let message = try MessageParts(call)
      let envelope = try Envelope(message.envelope)
      let client: ClientCertificate
      do { client = try ClientCertificate(der: call.clientCertificate) } catch { throw Refusal("No certificate.") }
      _ = try gate.admit(envelope, from: client, at: now)
      let payload = try Payload(envelope, beside: message.attachment)
      guard payload.root.name == "RequestMarketAwards", payload.root.children.count == 1 else {
        throw Refusal("The payload \(payload.root.name) is unknown.")
      }
      let asked = Dictionary(payload.root.children[0].children.map { ($0.name, $0.text) }) { first, _ in first }
      return try awards(asked)
    } catch {
      let isNone = error.reason == OperatorWords.nothingHeld
      return OperatorAnswer(
        status: 500, body: OperatorWords.fault(error.reason, at: now),
        note: CallNote(service: "awards", outcome: isNone ? .nothing : .rejected, reason: error.reason))
    }
  }

  private func awards(_ asked: [String: String]) throws(Refusal) -> OperatorAnswer {
    let step: Int64
    switch (asked["marketType"], asked["executionType"]) {
    case ("DAM", "IFM"): step = 3_600
    case ("RTM", "RTUC"): step = 900
    default: throw Refusal("marketType and executionType do not belong together.")
    }
    guard let start = asked["dateTimeStart"].flatMap({ UTCInstant(timestamp: $0) }),
      let end = asked["dateTimeEnd"].flatMap({ UTCInstant(timestamp: $0) }), asked["schedulingCoordinator"] != nil,
      end > start, end - start <= Milliseconds.seconds(90_000)
    else { throw Refusal("schedulingCoordinator, dateTimeStart and dateTimeEnd of one day are needed.") }
    guard asked["resource"] == resource else { throw Refusal(OperatorWords.nothingHeld) }
    let rows = stride(from: start.seconds, to: end.seconds, by: Int(step)).flatMap { second in
      // Beside what is wanted, as CMRI has them: another product, and the self-scheduled part.
      [("EN", "CLEARED"), ("EN", "SELF"), ("SR", "CLEARED")].map { product, kind in
        record(UTCInstant(seconds: second), step, product, kind)
      }
    }
    let document = """
      <MarketAwards xmlns="http://www.caiso.com/soa/MarketAwards_v4.xsd#">\(rows.joined())</MarketAwards>
      """
    return OperatorAnswer(
      status: 200, body: OperatorWords.attached(Array(document.utf8)),
      note: CallNote(service: "awards", outcome: .held, rows: rows.count))
  }

  private func record(_ start: UTCInstant, _ step: Int64, _ product: String, _ kind: String) -> String {
    let megawatts = ExactDecimal.format(200 + start.seconds / step % 6 * 50, digits: 3)
    return """
      <MarketResultRecord><resource>\(OperatorWords.escape(resource))</resource><product>\(product)</product>\
      <scheduleType>\(kind)</scheduleType><TradeIntervalData><intervalStartTime>\(start.text)</intervalStartTime>\
      <intervalEndTime>\((start + Milliseconds.seconds(step)).text)</intervalEndTime><MW>\(megawatts)</MW>\
      </TradeIntervalData></MarketResultRecord>
      """
  }
}
