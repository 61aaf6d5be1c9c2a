import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// Our real bytes against `Tests/Peers/receiver.py`, which shares no code with us.
@Suite(.timeLimit(.minutes(2))) struct ReceiverPeerTests {
  /// One receiver for all tests: a process that ends with its standard input, which ends with this process.
  private static let receiver = Result { try Receiver() }

  private struct Receiver: Sendable {
    /// Kept open as long as the receiver is wanted.
    private let input = Pipe()
    let port: Int

    init() throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["python3", "\(ChannelFixtures.project)/Tests/Peers/receiver.py", ChannelFixtures.folder]
      let output = Pipe()
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      var line = ""
      while !line.contains("\n") {
        let piece = output.fileHandleForReading.availableData
        guard !piece.isEmpty else { break }
        line += String(decoding: piece, as: UTF8.self)
      }
      let words = line.split(whereSeparator: \.isWhitespace)
      port = try #require(words.count == 2 ? Int(words[1]) : nil, "the receiver says its port: \(line)")
    }
  }

  private func identity(_ nonce: String) -> CallIdentity {
    CallIdentity(created: ChannelFixtures.identity.created, messageID: "M-\(nonce)", nonce: nonce)
  }

  private func answer(
    _ channel: MeteringChannel, _ envelope: [UInt8], _ service: ChannelService
  ) async throws -> RawAnswer {
    guard case .answered(let answer) = await channel.send(envelope, to: service) else {
      throw ChannelFault("no answer from the receiver")
    }
    return answer
  }

  @Test(arguments: [false, true])
  func aStrangerTakesOurSubmissionAndGivesItBack(inSeveralParts isPlain: Bool) async throws {
    let receiver = try Self.receiver.get()
    let profile = isPlain ? try ChannelFixtures.plainProfile() : nil
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings(port: receiver.port, profile: profile))
    let payload = channel.payload(ChannelFixtures.content)
    let flavour = isPlain ? "UF" : "QU"
    let call = try channel.prepareSubmission(payload: payload, identity("\(flavour)FB"))
    let batch = OperatorBatchID(call.payloadDigest.bytes.map { String(format: "%02x", $0) }.joined())
    #expect(channel.readSubmit(try await answer(channel, call.envelope, .submit)) == .taken(batch))
    let kept = FileManager.default.contents(atPath: "\(ChannelFixtures.folder)/payload-\(batch).xml")
    #expect(kept.map { Array($0) } == payload)

    let status = try #require(try channel.prepareStatus(batch, identity("\(flavour)FC")))
    #expect(channel.readStatus(try await answer(channel, status.envelope, .status), asked: batch) == .accepted)

    let retrieve = try channel.prepareRetrieve(ChannelFixtures.question, identity("\(flavour)FD"))
    let held = ChannelFixtures.content.rows.filter { $0.measurement == ChannelFixtures.question.measurement }.map {
      HeldValue(
        resource: $0.resource, measurement: $0.measurement, intervalEnding: $0.intervalEnding.instant,
        value: $0.value)
    }
    #expect(channel.readRetrieve(try await answer(channel, retrieve.envelope, .retrieve)) == .held(held))
    var elsewhere = ChannelFixtures.question
    elsewhere.resource = ResourceID("NOBODY_1_DERA")
    let none = try channel.prepareRetrieve(elsewhere, identity("\(flavour)FE"))
    #expect(channel.readRetrieve(try await answer(channel, none.envelope, .retrieve)) == .held([]))
  }

  @Test func aStrangerRefusesWhatIsNotOurs() async throws {
    let receiver = try Self.receiver.get()
    var settings = try ChannelFixtures.settings(port: receiver.port)
    let channel = try ChannelFixtures.channel(settings)
    let call = try channel.prepareSubmission(payload: channel.payload(ChannelFixtures.content), identity("QkFB"))
    let tampered = Array(String(decoding: call.envelope, as: UTF8.self).replacing("M-QkFB", with: "M-QkFC").utf8)
    #expect(
      channel.readSubmit(try await answer(channel, tampered, .submit))
        == .failed(.refused(reason: "HTTP 500: Signature validation status: false")))

    settings.userName = "CN=somebody else"
    let other = try ChannelFixtures.channel(settings)
    let wrong = try other.prepareSubmission(payload: channel.payload(ChannelFixtures.content), identity("QkFD"))
    #expect(
      other.readSubmit(try await answer(other, wrong.envelope, .submit))
        == .failed(.refused(reason: "HTTP 500: CAISOUsernameToken Validation Error.")))
  }
}
