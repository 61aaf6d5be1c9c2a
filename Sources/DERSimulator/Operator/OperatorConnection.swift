import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TelemetryCore

/// One client's connection: collects the body of a request, hands the call over, and writes the answer.
///
/// HTTP pipelining is taken care of before this handler: there is never a second request while one is being answered.
final class OperatorConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let thread: NIOThreadPool
  private let door: OperatorDoor
  private let answer: @Sendable (OperatorCall) -> OperatorAnswer
  private let refuse: @Sendable () -> CallNote?
  private let report: @Sendable (OperatorEvent) -> Void
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(
    thread: NIOThreadPool, door: OperatorDoor, answer: @escaping @Sendable (OperatorCall) -> OperatorAnswer,
    refuse: @escaping @Sendable () -> CallNote?, report: @escaping @Sendable (OperatorEvent) -> Void
  ) {
    self.thread = thread
    self.door = door
    self.answer = answer
    self.refuse = refuse
    self.report = report
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      begin(head, context)
    case .body(let part):
      guard head != nil else { return }
      guard body.count + part.readableBytes <= OperatorServer.bodyByteLimit else {
        return refuse(.payloadTooLarge, "a body of more than 16 MiB", context)
      }
      body.append(contentsOf: part.readableBytesView)
    case .end:
      guard let head else { return }
      finish(head, context)
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    body = []
    let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
    if head.method != .POST {
      refuse(.methodNotAllowed, "\(head.method.rawValue) is not POST", context)
    } else if announced > OperatorServer.bodyByteLimit {
      refuse(.payloadTooLarge, "a body of \(announced) bytes is announced", context)
    } else if let note = refuse() {
      report(.answered(status: 0, note))
      context.close(promise: nil)
    } else {
      self.head = head
    }
  }

  private func finish(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    self.head = nil
    let certificate: [UInt8]
    do {
      certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate()?.toDERBytes() ?? []
    } catch {
      return refuse(.internalServerError, "the client's certificate cannot be read: \(error)", context)
    }
    let path = String(head.uri.prefix { $0 != "?" })
    let call = OperatorCall(
      path: path, contentType: head.headers.first(name: "content-type") ?? "", body: body,
      clientCertificate: certificate)
    body = []
    put(call, head, context)
  }

  private func put(_ call: OperatorCall, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let answer = answer
    thread.runIfActive(eventLoop: context.eventLoop) { answer(call) }
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success(let answer):
          self.report(.answered(status: answer.status, answer.note))
          self.deliver(answer, to: call, head, context)
        case .failure(let error):
          self.report(.connectionFailed(reason: "\(error)"))
          context.close(promise: nil)
        }
      }
  }

  private func deliver(
    _ answer: OperatorAnswer, to call: OperatorCall, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    let status = HTTPResponseStatus(statusCode: answer.status)
    switch answer.delivery {
    case .whole: write(status, answer.body, answer.contentType, head.isKeepAlive, context)
    case .half: writeHalf(status, answer, context)
    case .closed: context.close(promise: nil)
    case .silence: later(Self.silence, context) { context.close(promise: nil) }
    case .late(let time):
      later(time, context) { self.write(status, answer.body, answer.contentType, head.isKeepAlive, context) }
    case .askedAgain(let time):
      var belated = call
      belated.isBelated = true
      later(time, context) { [belated] in self.put(belated, head, context) }
    case .away(let time):
      context.close(promise: nil)
      door.shut(for: .milliseconds(time.count))
    }
  }

  /// Longer than any client waits.
  private static let silence = Milliseconds.seconds(300)

  private func later(_ time: Milliseconds, _ context: ChannelHandlerContext, _ act: @escaping () -> Void) {
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(time.count)) { act() }
  }

  /// Says how long the body is, writes half of it and closes.
  private func writeHalf(_ status: HTTPResponseStatus, _ answer: OperatorAnswer, _ context: ChannelHandlerContext) {
    let headers: HTTPHeaders = ["Content-Type": answer.contentType, "Content-Length": "\(answer.body.count)"]
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    let half = context.channel.allocator.buffer(bytes: answer.body.prefix(answer.body.count / 2))
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(half))))
      .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  /// Answers in plain words and closes, so that nothing more of the request is read.
  private func refuse(_ status: HTTPResponseStatus, _ reason: String, _ context: ChannelHandlerContext) {
    head = nil
    body = []
    report(.answered(status: Int(status.code), CallNote(outcome: .failed, reason: reason)))
    write(status, Array("\(status.code) \(status.reasonPhrase): \(reason)\n".utf8), "text/plain", false, context)
  }

  private func write(
    _ status: HTTPResponseStatus, _ bytes: [UInt8], _ type: String, _ keepAlive: Bool, _ context: ChannelHandlerContext
  ) {
    let headers: HTTPHeaders = [
      "Content-Type": type, "Content-Length": "\(bytes.count)", "Connection": keepAlive ? "keep-alive" : "close",
    ]
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    let buffer = context.channel.allocator.buffer(bytes: bytes)
    context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepAlive { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
  }

  /// A failed handshake, a broken connection, or a request that is not HTTP.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Some clients close without TLS's closing word; nothing is lost by it.
    if case NIOSSLError.uncleanShutdown = error { return context.close(promise: nil) }
    report(.connectionFailed(reason: Self.words(for: error)))
    context.close(promise: nil)
  }

  /// What a person can use of an error: of a failed handshake the library's short name for the reason.
  static func words(for error: any Error) -> String {
    let text = "\(error)"
    guard case NIOSSLError.handshakeFailed = error, let match = text.firstMatch(of: /OPENSSL_internal:(\w+)/) else {
      return text
    }
    return "TLS handshake: " + match.output.1.lowercased().replacing("_", with: " ")
  }
}
