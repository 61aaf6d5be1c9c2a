import SignedXML
import Testing

@testable import DERSimulator
@testable import TelemetryCore

@Suite struct HostileMessageTests {
  @Test func aMessageCutOffAnywhereIsRefused() throws {
    let office = try TestDesk()
    let call = try TestMessage(attaching: TestPayload.status("1")).call()
    for length in 0..<call.body.count {
      var cut = call
      cut.body = Array(call.body[..<length])
      #expect(office.refusal(of: cut) != nil, "\(length) bytes")
    }
  }

  @Test func anAttachmentCutOffAnywhereIsRefused() throws {
    let text = Base64.encode(Gzip.compress(Array(TestPayload.status("1").utf8)))
    for length in 0..<text.count {
      #expect(throws: Refusal.self, "\(length) characters") { try Payload.open(text[..<length]) }
    }
  }

  @Test func aPayloadCutOffAnywhereIsRefused() throws {
    let payload = Array(TestPayload.meterData().utf8)
    let form = try TestDesk.form()
    for length in 0..<payload.count {
      #expect(throws: (any Error).self, "\(length) bytes") {
        try form.meterData(Payload(bytes: Array(payload[..<length])))
      }
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func aPayloadWithChangedBytesNeverTraps(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let form = try TestDesk.form()
    let originals = [TestPayload.meterData(), TestPayload.retrieve(), TestPayload.status("1")].map { Array($0.utf8) }
    for round in 0..<50 {
      let bytes = random.changed(originals[round % originals.count])
      guard let payload = accepted({ try Payload(bytes: bytes) }) else { continue }
      _ = accepted { try form.service(of: payload) }
      _ = accepted { try form.meterData(payload) }
      _ = accepted { try form.question(payload) }
      _ = accepted { try form.batchAsked(payload) }
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func aMessageWithChangedBytesIsAnsweredAndNeverTraps(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let office = try TestDesk()
    let original = try TestMessage(attaching: TestPayload.meterData()).call()
    for _ in 0..<10 {
      var call = original
      call.body = random.changed(original.body)
      #expect([200, 500].contains(office.desk.answer(call, at: office.now).answer.status))
    }
  }

  @Test func aGzipBombIsRefusedAtTheLimit() throws {
    let bomb = Gzip.compress(Array(repeating: UInt8(ascii: " "), count: Payload.byteLimit + 1))
    #expect(bomb.count < 100_000)
    let reason = try TestDesk().refusal(of: TestMessage(attachingText: Base64.encode(bomb)).call())
    #expect(reason == "The attachment is longer than \(Payload.byteLimit) bytes uncompressed.")
  }

  @Test func hugeBase64IsRefused() throws {
    let text = Array(repeating: UInt8(ascii: "A"), count: 11 << 20)
    let message = TestMessage(attachingText: text)
    let client = try TestCertificates.shared().der("client")
    let call = OperatorCall(path: "/", body: message.unsigned, clientCertificate: client)
    #expect(try TestDesk().refusal(of: call) != nil)
  }

  @Test func aMessageBeyondTheLimitIsRefusedBeforeItIsRead() throws {
    let client = try TestCertificates.shared().der("client")
    let body = Array(repeating: UInt8(ascii: "<"), count: Envelope.byteLimit + 1)
    let reason = try #require(
      try TestDesk().refusal(of: OperatorCall(path: "/", body: body, clientCertificate: client)))
    #expect(reason.contains("longer than"))
  }

  @Test func aDocumentTypeIsRefusedInTheMessageAndInTheAttachment() throws {
    let type = "<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;\">]>"
    var call = try TestMessage(attaching: TestPayload.status("1")).call()
    call.body = Array((type + "<a>&z;</a>").utf8)
    #expect(try #require(try TestDesk().refusal(of: call)).contains("DOCTYPE"))
    let payload = type + "<BatchValidationStatus>&z;</BatchValidationStatus>"
    let reason = try TestDesk().refusal(of: TestMessage(attaching: payload).call())
    #expect(try #require(reason).contains("DOCTYPE"))
  }

  @Test func twoAttachmentsOrSomethingBesideOneAreRefused() throws {
    let one = TestMessage(attaching: TestPayload.meterData()).body
    let value = try #require(one.firstMatch(of: /<AttachmentValue>.*<\/AttachmentValue>/)).output
    for body in [one + one, one + "<x/>", one.replacing(value, with: value + value)] {
      #expect(try TestDesk().refusal(of: TestMessage(body: body).call()) != nil)
    }
  }

  @Test func deepNestingIsRefused() throws {
    let payload = String(repeating: "<a>", count: 100_000)
    #expect(try TestDesk().refusal(of: TestMessage(attaching: payload).call()) != nil)
  }

  @Test func aCertificateThatIsNoneIsRefused() throws {
    var call = try TestMessage(attaching: TestPayload.status("1")).call()
    let certificate = call.clientCertificate
    for length in certificate.indices {
      call.clientCertificate = Array(certificate[..<length])
      #expect(try TestDesk().refusal(of: call) == "The client's certificate cannot be read.")
    }
  }

  private func accepted<Value>(_ body: () throws -> Value) -> Value? {
    do { return try body() } catch { return nil }
  }
}

/// Random numbers that a seed repeats.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Bytes with one to four of them changed, removed or doubled.
  mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 2: bytes.remove(at: place)
      default: bytes.insert(bytes[place], at: place)
      }
    }
    return bytes
  }
}
