import NIOCore
import NIOPosix
import NIOSSL
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite(.timeLimit(.minutes(2))) struct ChannelExchangeTests {
  private let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>"

  private func exchange(
    _ server: ScriptedServer, host: String = "localhost", client: String = "client", trust: String = "ca",
    timeout: Milliseconds = .seconds(20)
  ) async throws -> CallOutcome<RawAnswer> {
    let channel = try ChannelFixtures.channel(
      ChannelFixtures.settings(port: server.port, host: host, client: client, trust: trust, timeout: timeout))
    let call = try channel.prepareSubmission(
      payload: channel.payload(ChannelFixtures.content), ChannelFixtures.identity)
    let outcome = await channel.send(call.envelope, to: .submit)
    try await server.stop()
    return outcome
  }

  private func isNotSent(_ outcome: CallOutcome<RawAnswer>) -> Bool {
    if case .notSent = outcome { true } else { false }
  }

  private func isNoAnswer(_ outcome: CallOutcome<RawAnswer>) -> Bool {
    if case .noAnswer = outcome { true } else { false }
  }

  // MARK: It works

  @Test func theEnvelopeArrivesWholeAndTheAnswerComesBack() async throws {
    let server = try await ScriptedServer(.answer(answer))
    let outcome = try await exchange(server)
    #expect(outcome == .answered(RawAnswer(httpStatus: 200, body: Array("<a/>".utf8))))
    let request = server.request
    #expect(request.hasPrefix("POST /sst/test HTTP/1.1\r\n"))
    #expect(request.contains("SOAPAction: \"urn:test\"\r\n"))
    #expect(request.contains("Content-Type: text/xml; charset=utf-8\r\n"))
    #expect(request.hasSuffix("</soap:Envelope>\n"))
  }

  @Test func anAddressIsVerifiedLikeAName() async throws {
    let server = try await ScriptedServer(.answer(answer))
    #expect(
      try await exchange(server, host: "127.0.0.1") == .answered(RawAnswer(httpStatus: 200, body: Array("<a/>".utf8))))
  }

  @Test func aRedirectIsAnAnswerAndNotFollowed() async throws {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n"
    let outcome = try await exchange(try await ScriptedServer(.answer(redirect)))
    #expect(outcome == .answered(RawAnswer(httpStatus: 302, body: [])))
  }

  @Test func whatTheOperatorSaysOfTheNextCallComesWithTheAnswer() async throws {
    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 120\r\nContent-Length: 0\r\n\r\n"
    let outcome = try await exchange(try await ScriptedServer(.answer(busy)))
    #expect(outcome == .answered(RawAnswer(httpStatus: 503, body: [], retryAfter: "120")))
    let endless = busy.replacing("120", with: String(repeating: "1", count: 65))
    let other = try await exchange(try await ScriptedServer(.answer(endless)))
    #expect(other == .answered(RawAnswer(httpStatus: 503, body: [])))
  }

  // MARK: The operator cannot have seen it

  @Test func aRefusedPortIsNotSent() async throws {
    let server = try await ScriptedServer(.silence)
    try await server.stop()
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings(port: server.port))
    #expect(isNotSent(await channel.send(Array("<a/>".utf8), to: .submit)))
  }

  @Test func aNameThatDoesNotResolveIsNotSent() async throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings(host: "nowhere.invalid"))
    #expect(isNotSent(await channel.send(Array("<a/>".utf8), to: .submit)))
  }

  @Test(arguments: ["foreign-server", "wrong-host"])
  func aServerThatIsNotTheOperatorGetsNothing(_ certificate: String) async throws {
    let server = try await ScriptedServer(.answer(answer), certificate: certificate)
    #expect(isNotSent(try await exchange(server)))
    #expect(server.request.isEmpty)
  }

  @Test func theSystemsAuthoritiesAreNotTrusted() async throws {
    let server = try await ScriptedServer(.answer(answer))
    #expect(isNotSent(try await exchange(server, trust: "foreign-ca")))
  }

  @Test func tls11IsNotSpoken() async throws {
    let server = try await ScriptedServer(.answer(answer), newestTLS: .tlsv11)
    #expect(isNotSent(try await exchange(server)))
  }

  /// Up to TLS 1.2 the server judges our certificate before we may write.
  @Test(arguments: ["foreign", "expired"])
  func aCertificateThatTheServerRefusesInTheHandshakeIsNotSent(_ client: String) async throws {
    let server = try await ScriptedServer(.answer(answer), newestTLS: .tlsv12)
    #expect(isNotSent(try await exchange(server, client: client)))
    #expect(server.request.isEmpty)
  }

  /// In TLS 1.3 our handshake is over before the server has judged our certificate, so we cannot know.
  @Test(arguments: ["foreign", "expired"])
  func aCertificateThatTheServerRefusesIsNeverAnAnswer(_ client: String) async throws {
    let server = try await ScriptedServer(.answer(answer))
    let outcome = try await exchange(server, client: client)
    #expect(isNotSent(outcome) || isNoAnswer(outcome))
    #expect(server.request.isEmpty)
  }

  @Test func aServerThatNeverShakesHandsIsNotSentWhenTheTimeIsUp() async throws {
    let mute = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(mute.localAddress?.port)
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings(port: port, timeout: .seconds(1)))
    #expect(isNotSent(await channel.send(Array("<a/>".utf8), to: .submit)))
    try await mute.close()
  }

  // MARK: It may have arrived

  @Test func aServerThatClosesAfterTheHeadMayHaveSeenIt() async throws {
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.closeAfterHead))))
  }

  @Test func aServerThatReadsAllAndClosesMayHaveSeenIt() async throws {
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.closeAfterBody))))
  }

  @Test func aServerThatSaysNothingMayHaveSeenIt() async throws {
    let server = try await ScriptedServer(.silence)
    #expect(isNoAnswer(try await exchange(server, timeout: .seconds(10))))
    #expect(server.request.contains("</soap:Envelope>"))
  }

  @Test func anAnswerThatStopsHalfwayIsNone() async throws {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>"
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.answer(half)))))
  }

  @Test func anAnswerThatIsResetHalfwayIsNone() async throws {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>"
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.answerAndReset(half)))))
  }

  @Test func anAnswerThatNeverEndsIsNone() async throws {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>"
    let server = try await ScriptedServer(.answerAndStayOpen(half))
    #expect(isNoAnswer(try await exchange(server, timeout: .seconds(10))))
  }

  @Test func anAnswerBeyondTheLimitIsNone() async throws {
    let length = AnswerExtraction.answerByteLimit + 1
    let long = "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n" + String(repeating: "x", count: length)
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.answer(long)))))
  }

  @Test func whatIsNoHTTPIsNoAnswer() async throws {
    #expect(isNoAnswer(try await exchange(try await ScriptedServer(.answer("hello\r\n\r\n")))))
  }
}
