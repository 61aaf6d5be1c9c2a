import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import DERSimulator
@testable import TelemetryCore

@Suite struct OperatorServiceTests {
  @Test func whatWasAcceptedIsKnownAfterARestart() throws {
    try withDirectory { directory in
      let later = TestMessage.now + .seconds(1)
      let first = try service(in: directory)
      let call = try TestMessage(attaching: TestPayload.meterData()).call()
      let batch = try #require(first.answer(call, at: TestMessage.now).note.batch)
      #expect(try ReceivedFile.read(directory: directory).batches.map(\.id) == [batch])
      _ = consume first

      let second = try service(in: directory)
      let status = try TestMessage(attaching: TestPayload.status(batch)).call()
      #expect(second.answer(status, at: later).note.outcome == .success)
      let question = try TestMessage(attaching: TestPayload.retrieve()).call()
      #expect(second.answer(question, at: later).note.rows == 1)
    }
  }

  @Test func aSubmissionThatIsSentTwiceIsCountedAsDuplicate() throws {
    try withDirectory { directory in
      let service = try service(in: directory)
      let call = try TestMessage(attaching: TestPayload.meterData()).call()
      let batches = [service.answer(call, at: TestMessage.now), service.answer(call, at: TestMessage.now)]
      #expect(Set(batches.map(\.note.batch)).count == 2)
      #expect(HeldReport(try ReceivedFile.read(directory: directory)).summary.duplicates == 1)
    }
  }

  @Test func whatCannotBeKeptIsNeitherTakenNorRejectedNorRemembered() throws {
    let service = OperatorService(desk: try TestDesk().desk) { _ in
      throw OperatorFileProblem.system("write", path: "received.jsonl", code: 28)
    }
    let call = try TestMessage(attaching: TestPayload.meterData()).call()
    let answer = service.answer(call, at: TestMessage.now)
    guard case .failed(.unreadable) = try TestAnswers().submit(answer) else {
      Issue.record("the daemon takes it for a receipt or a rejection")
      return
    }
    let question = try TestMessage(attaching: TestPayload.retrieve()).call()
    #expect(service.answer(question, at: TestMessage.now + .seconds(60)).note.outcome == .nothing)
  }

  @Test func aCallGoesAllTheWayOverMutualTLS() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "dersim-\(UUID().uuidString)").path()
    let service = try service(in: directory)
    let server = try await OperatorServer.start(
      host: "127.0.0.1", port: 0, identity: try TestCertificates.shared().serverIdentity,
      answer: { service.answer($0, at: TestMessage.now) }, report: { _ in })
    var request = HTTPClientRequest(url: "https://127.0.0.1:\(server.port)/submit")
    request.method = .POST
    request.body = .bytes(ByteBuffer(bytes: try TestMessage(attaching: TestPayload.meterData()).bytes()))
    let response = try await execute(request, as: "client")
    try await server.stop()
    let batch = try #require(try ReceivedFile.read(directory: directory).batches.first)
    #expect(response.status == .ok)
    let answer = OperatorAnswer(status: 200, body: Array(response.body.utf8), note: CallNote(outcome: .accepted))
    #expect(try TestAnswers().submit(answer) == .taken(OperatorBatchID(batch.id)))
    try FileManager.default.removeItem(atPath: directory)
  }

  private func service(in directory: String) throws -> OperatorService {
    try OperatorService(
      gate: try TestDesk.gate(), form: try TestDesk.form(), validationDelay: TestDesk.delay, directory: directory)
  }
}
