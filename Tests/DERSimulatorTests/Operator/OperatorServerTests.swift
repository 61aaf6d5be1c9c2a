import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@testable import DERSimulator

@Suite struct OperatorServerTests {
  @Test func aTrustedClientIsServedAndItsCertificateIsTold() async throws {
    let expected = try TestCertificates.shared().der("client")
    try await withServer { url, calls in
      let response = try await post("hello", to: url + "/submit?x=1", as: "client")
      #expect(response.status == .ok)
      #expect(response.body == "olleh")
      let call = try #require(calls.all.first)
      #expect(call.path == "/submit")
      #expect(call.clientCertificate == expected)
    }
  }

  @Test(
    arguments: [
      ("foreign", "TLS handshake: certificate verify failed"), ("expired", "TLS handshake: certificate verify failed"),
      (nil, "TLS handshake: peer did not return a certificate"),
    ] as [(String?, String)])
  func aForeignExpiredOrMissingClientCertificateEndsTheConnection(name: String?, told: String) async throws {
    try await withServer { url, calls in
      await #expect(throws: (any Error).self) { try await post("hello", to: url + "/submit", as: name) }
      #expect(calls.all.isEmpty)
      #expect(calls.events.contains { if case .connectionFailed(told) = $0 { true } else { false } })
    }
  }

  @Test func anythingButPOSTIsRefused() async throws {
    try await withServer { url, calls in
      let response = try await post(nil, to: url + "/submit", as: "client")
      #expect(response.status == .methodNotAllowed)
      #expect(calls.all.isEmpty)
    }
  }

  @Test(arguments: [true, false])
  func aBodyBeyondTheLimitIsRefusedWhetherItsLengthIsAnnouncedOrNot(announced: Bool) async throws {
    try await withServer { url, calls in
      let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: OperatorServer.bodyByteLimit + 1)
      var request = HTTPClientRequest(url: url)
      request.method = .POST
      request.body =
        announced
        ? .bytes(body)
        : .stream(
          AsyncStream {
            $0.yield(body); $0.finish()
          }, length: .unknown)
      // The server answers and closes while we may still be sending: either is the end of it.
      let outcome = await Result { try await execute(request, as: "client") }
      #expect((try? outcome.get().status) ?? .payloadTooLarge == .payloadTooLarge)
      #expect(calls.all.isEmpty)
      #expect(
        calls.events.contains {
          if case .answered(413, _) = $0 { true } else { false }
        })
    }
  }
}

/// What reached the function behind the server.
final class RecordedCalls: Sendable {
  private let state = Mutex<(calls: [OperatorCall], events: [OperatorEvent])>(([], []))

  var all: [OperatorCall] { state.withLock { $0.calls } }
  var events: [OperatorEvent] { state.withLock { $0.events } }

  func note(_ call: OperatorCall) { state.withLock { $0.calls.append(call) } }
  func note(_ event: OperatorEvent) { state.withLock { $0.events.append(event) } }
}

struct TestResponse: Sendable {
  var status: HTTPResponseStatus
  var body: String
}

/// A server that answers each body with its bytes in reverse.
private func withServer(_ body: (String, RecordedCalls) async throws -> Void) async throws {
  let calls = RecordedCalls()
  let server = try await OperatorServer.start(
    host: "127.0.0.1", port: 0, identity: try TestCertificates.shared().serverIdentity,
    answer: { call in
      calls.note(call)
      return OperatorAnswer(status: 200, body: call.body.reversed(), note: CallNote(outcome: .held))
    },
    report: { calls.note($0) })
  do {
    try await body("https://127.0.0.1:\(server.port)", calls)
  } catch {
    try await server.stop()
    throw error
  }
  try await server.stop()
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// Sends a body with the certificate of that name, or none; no body makes it a GET.
func post(
  _ body: String?, to url: String, as name: String?, timeout: TimeAmount = .seconds(20)
) async throws -> TestResponse {
  var request = HTTPClientRequest(url: url)
  request.method = body == nil ? .GET : .POST
  request.body = body.map { .bytes(ByteBuffer(string: $0)) }
  return try await execute(request, as: name, timeout: timeout)
}

func execute(
  _ request: HTTPClientRequest, as name: String?, timeout: TimeAmount = .seconds(20)
) async throws -> TestResponse {
  let certificates = try TestCertificates.shared()
  var tls = TLSConfiguration.makeClientConfiguration()
  tls.trustRoots = .file(certificates.path("ca.crt"))
  if let name {
    tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificates.path(name + ".crt"))
      .map { .certificate($0) }
    tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificates.path(name + ".key"), format: .pem))
  }
  let client = HTTPClient(
    eventLoopGroupProvider: .singleton, configuration: .init(tlsConfiguration: tls, redirectConfiguration: .disallow))
  do {
    let response = try await client.execute(request, timeout: timeout)
    let body = try await response.body.collect(upTo: 32 << 20)
    try await client.shutdown()
    return TestResponse(status: response.status, body: String(buffer: body))
  } catch {
    try await client.shutdown()
    throw error
  }
}
