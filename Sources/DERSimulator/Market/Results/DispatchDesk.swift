import SignedXML
import TelemetryCore

/// The judgement of the stand-in for ADS: a batch for each interval of five minutes that has begun, with an instruction
/// for one resource.
struct DispatchDesk: Sendable {
  static let namespace = "urn-com-caiso-ads-webservices-api"

  var resource: String
  /// The start of the first interval that has a batch.
  let first: UTCInstant
  /// What goes wrong with the next calls, in this order.
  var faults: [DispatchFault]

  mutating func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    let fault = faults.isEmpty ? nil : faults.removeFirst()
    do throws(Refusal) {
      let envelope = try Envelope(call.body)
      var answer: OperatorAnswer
      if let last = try envelope.text(Self.path("getDispatchBatchesSinceUID", "lastUID")) {
        answer = since(last, at: now)
      } else if let name = try envelope.text(Self.path("getDispatchBatch", "batchUID")) {
        answer = try batch(name, fault, at: now)
      } else {
        throw Refusal("The operation is unknown.")
      }
      answer.note.fault = fault?.rawValue
      switch fault {
      case .drop: answer.delivery = .closed
      case .half: answer.delivery = .half
      case .hang: answer.delivery = .silence
      case .breakdown: (answer.status, answer.body) = (500, OperatorWords.breakdown("internal error"))
      case .denied: (answer.status, answer.body) = (403, Array("<html>no access</html>".utf8))
      case .otherShape, .noGzip, nil: break
      }
      return answer
    } catch {
      return OperatorAnswer(
        status: 500, body: OperatorWords.breakdown(error.reason),
        note: CallNote(service: "ads", outcome: .rejected, reason: error.reason))
    }
  }

  private static func path(_ operation: String, _ argument: String) -> String {
    let space = "namespace-uri()='\(namespace)'"
    return "/soap:Envelope/soap:Body/*[local-name()='\(operation)' and \(space)]/*[local-name()='\(argument)']"
  }

  // MARK: Batches

  /// How many batches there are.
  private func count(at now: UTCInstant) -> Int64 { max(0, (now.seconds - first.seconds) / 300 + 1) }

  private func since(_ last: String, at now: UTCInstant) -> OperatorAnswer {
    let after = Self.number(last) ?? 0
    let names = stride(from: after + 1, through: count(at: now), by: 1).map { "<batchUID>DISP-\($0)</batchUID>" }
    let body = """
      <getDispatchBatchesSinceUIDResponse xmlns="\(Self.namespace)"><return>\(names.joined())</return>\
      </getDispatchBatchesSinceUIDResponse>
      """
    return OperatorAnswer(
      status: 200, body: OperatorWords.envelope(body),
      note: CallNote(service: "since", outcome: .success, batch: last, rows: names.count))
  }

  private static func number(_ name: String) -> Int64? {
    name.hasPrefix("DISP-") ? Int64(name.dropFirst(5)) : nil
  }

  private func batch(_ name: String, _ fault: DispatchFault?, at now: UTCInstant) throws(Refusal) -> OperatorAnswer {
    guard let number = Self.number(name), (1...max(1, count(at: now))).contains(number) else {
      throw Refusal("There is no batch \(name).")
    }
    var content = Gzip.compress(Array(document(number, fault).utf8))
    if fault == .noGzip { content[0] ^= 0xFF }
    let text = String(decoding: Base64.encode(content), as: UTF8.self)
    let body =
      "<getDispatchBatchResponse xmlns=\"\(Self.namespace)\"><return>\(text)</return></getDispatchBatchResponse>"
    return OperatorAnswer(
      status: 200, body: OperatorWords.envelope(body),
      note: CallNote(service: "batch", outcome: .success, batch: name, rows: 1))
  }

  /// A target that goes up and down, so that a person sees which interval is which.
  static func kilowatts(_ start: UTCInstant) -> Int64 { 100 + start.seconds / 300 % 12 * 25 }

  private func document(_ number: Int64, _ fault: DispatchFault?) -> String {
    let start = UTCInstant(seconds: first.seconds + (number - 1) * 300)
    let megawatts = ExactDecimal.format(Self.kilowatts(start), digits: 3)
    let shown = fault == .otherShape ? "<power>\(megawatts)</power>" : "<mw>\(megawatts)</mw>"
    return """
      <DispatchBatch xmlns="http://ads.caiso.com" batchUID="DISP-\(number)"><batchType>0</batchType>\
      <startTime>\(start.text)</startTime><instructions><instruction><resourceId>\(OperatorWords.escape(resource))\
      </resourceId><startTime>\(start.text)</startTime><detail><instructionDetail><segNo>1</segNo>\(shown)\
      </instructionDetail></detail></instruction></instructions></DispatchBatch>
      """
  }
}
