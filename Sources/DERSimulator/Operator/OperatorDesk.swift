import SignedXML
import TelemetryCore

/// The stand-in's judgement: a call goes in, the answer and what must be kept come out.
///
/// It knows no socket, file or clock. What it decides to keep counts only once ``keep(_:)`` was called, which the caller does
/// when the batch is on the disk.
struct OperatorDesk: Sendable {
  struct Decision: Sendable {
    var answer: OperatorAnswer
    /// Must be on the disk before the answer leaves.
    var batch: ReceivedBatch?
    /// The batch whose status is told.
    var asked: ReceivedBatch?
  }

  /// Values: what CAISO allows in the answer to one question.
  static let retrieveLimit = 200_000

  let gate: OperatorGate
  let form: PayloadForm
  /// How long a batch stays pending.
  let validationDelay: Milliseconds
  private(set) var received: ReceivedBatches

  init(gate: OperatorGate, form: PayloadForm, validationDelay: Milliseconds, received: ReceivedBatches) {
    self.gate = gate
    self.form = form
    self.validationDelay = validationDelay
    self.received = received
  }

  mutating func keep(_ batch: ReceivedBatch) { received.receive(batch) }

  func answer(_ call: OperatorCall, at now: UTCInstant) -> Decision {
    var service: OperatorServiceName?
    do throws(Refusal) {
      let client = try Self.client(call)
      let message = try MessageParts(call)
      let envelope = try Envelope(message.envelope)
      let signed = form.headersToSign(withAttachment: message.attachment != nil)
      let userName = try gate.admit(envelope, from: client, at: now, signed: signed)
      let payload = try Payload(envelope, beside: message.attachment)
      let called = try form.service(of: payload)
      service = called
      try form.checkFlavour(of: called, message, payload, envelope)
      try Self.check(path: call.path, called)
      switch called {
      case .submit: return try submit(payload, from: userName, at: now)
      case .status: return try status(payload, at: now)
      case .retrieve: return try retrieve(payload, at: now)
      }
    } catch {
      return Self.refuse(error, service, at: now)
    }
  }

  private static func client(_ call: OperatorCall) throws(Refusal) -> ClientCertificate {
    do {
      return try ClientCertificate(der: call.clientCertificate)
    } catch {
      throw Refusal("The client's certificate cannot be read.")
    }
  }

  /// A service has an address of its own; at any other one, what the body asks for decides.
  private static func check(path: String, _ called: OperatorServiceName) throws(Refusal) {
    guard let expected = OperatorServiceName(rawValue: String(path.drop { $0 == "/" })), expected != called else {
      return
    }
    throw Refusal("This is the service \(expected.rawValue); the message is for \(called.rawValue).")
  }

  static func refuse(_ refusal: Refusal, _ service: OperatorServiceName?, at now: UTCInstant) -> Decision {
    let note = CallNote(service: service?.rawValue, outcome: .rejected, reason: refusal.reason)
    let body = OperatorWords.fault(refusal.reason, at: now)
    return Decision(answer: OperatorAnswer(status: 500, body: body, note: note))
  }
}

enum OperatorServiceName: String, Sendable {
  case submit, status, retrieve
}

// MARK: The three services

extension OperatorDesk {
  private func submit(
    _ payload: Payload, from userName: String, at now: UTCInstant
  ) throws(Refusal) -> Decision {
    guard let digest = payload.digest else { throw Refusal("Meter data must come as an attachment.") }
    let data = try form.meterData(payload)
    let batch = ReceivedBatch(
      id: received.nextID(at: now), received: now.milliseconds, sender: userName, coordinator: data.coordinator,
      payloadDigest: digest, rows: data.rows, faults: Self.faults(data.rows, at: now))
    let note = CallNote(service: "submit", outcome: .accepted, batch: batch.id, rows: batch.rows.count)
    let body = OperatorWords.taken(batch: batch.id, at: now)
    return Decision(answer: OperatorAnswer(status: 200, body: body, note: note), batch: batch)
  }

  /// What validation will say: an interval that is not over, and a row that stands twice.
  private static func faults(_ rows: [ReceivedBatch.Row], at now: UTCInstant) -> [ReceivedBatch.Fault] {
    var seen: Set<RowKey> = []
    var faults: [ReceivedBatch.Fault] = []
    for (index, row) in rows.enumerated() {
      if UTCInstant(seconds: row.intervalEnding) > now {
        faults.append(.init(row: index, message: "The interval has not ended."))
      }
      if !seen.insert(row.key).inserted {
        faults.append(.init(row: index, message: "The batch has this interval twice."))
      }
    }
    return faults
  }

  private func status(_ payload: Payload, at now: UTCInstant) throws(Refusal) -> Decision {
    let id = try form.batchAsked(payload)
    guard let batch = received.batch(id), batch.fate != .forgotten else {
      throw Refusal("No data found: there is no batch \(id).")
    }
    let verdict = verdict(batch, at: now)
    let outcome: CallNote.Outcome =
      switch verdict {
      case .pending: .pending
      case .success: .success
      case .error: .error
      }
    let note = CallNote(service: "status", outcome: outcome, batch: id, rows: batch.rows.count)
    return Decision(
      answer: OperatorAnswer(status: 200, body: OperatorWords.status(batch, verdict, at: now), note: note), asked: batch
    )
  }

  private func verdict(_ batch: ReceivedBatch, at now: UTCInstant) -> OperatorWords.Verdict {
    if batch.receivedAt > now - validationDelay { return .pending }
    return batch.faults.isEmpty && batch.fate == nil ? .success : .error
  }

  private func retrieve(_ payload: Payload, at now: UTCInstant) throws(Refusal) -> Decision {
    let question = try form.question(payload)
    let values = received.values(receivedBy: now - validationDelay, where: question.includes)
    guard !values.isEmpty else {
      var decision = Self.refuse(Refusal(OperatorWords.nothingHeld), .retrieve, at: now)
      decision.answer.note.outcome = .nothing
      return decision
    }
    guard values.count <= Self.retrieveLimit else {
      throw Refusal("\(values.count) values are more than the \(Self.retrieveLimit) of one answer.")
    }
    let answer = form.meterData(values, of: question, at: now)
    let note = CallNote(service: "retrieve", outcome: .held, rows: values.count)
    guard form.profile.envelope.flavour == .multipart else {
      return Decision(answer: OperatorAnswer(status: 200, body: OperatorWords.attached(answer), note: note))
    }
    let type = MultipartMessage.contentType(startingWith: MultipartMessage.envelopeID)
    return Decision(
      answer: OperatorAnswer(status: 200, body: OperatorWords.multipart(answer), note: note, contentType: type))
  }
}
