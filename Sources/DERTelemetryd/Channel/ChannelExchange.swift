import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import TelemetryCore

/// One request and its answer over HTTP/1.1 and mutual TLS.
///
/// What matters most is how a failure is told: an operator that cannot have seen the message is another thing than one
/// that may have. So each call has a connection of its own, nothing is retried or redirected, and the body is a stream
/// whose first pull is the mark: the client pulls only after the handshake, when the request's head is written.
struct ChannelExchange: Sendable {
  private let tls: TLSConfiguration
  private let timeout: Milliseconds
  private let group: any EventLoopGroup

  init(tls: TLSConfiguration, timeout: Milliseconds, group: any EventLoopGroup) {
    self.tls = tls
    self.timeout = timeout
    self.group = group
  }

  func post(_ body: [UInt8], as type: String, to service: ServiceSettings) async -> CallOutcome<RawAnswer> {
    let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    let mark = StartMark()
    let outcome = await withDeadline { await answer(client, request(body, type, service, mark)) }
    let ending = await close(client)
    switch outcome {
    case .success(let answer): return .answered(answer)
    case .failure(let failure) where mark.isSet: return .noAnswer(reason: failure.reason + ending)
    case .failure(let failure): return .notSent(reason: failure.reason + ending)
    }
  }

  /// What went wrong with closing, to stand behind the reason of a failure; an answer that came stands by itself.
  private func close(_ client: HTTPClient) async -> String {
    do {
      try await client.shutdown()
      return ""
    } catch {
      return "; and the connection did not close well: \(error)"
    }
  }

  private struct Failure: Error {
    var reason: String
  }

  private var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .milliseconds(timeout.count), read: .milliseconds(timeout.count)),
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  private func request(
    _ body: [UInt8], _ type: String, _ service: ServiceSettings, _ mark: StartMark
  ) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: service.url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: type)
    request.headers.add(name: "SOAPAction", value: "\"\(service.soapAction)\"")
    request.headers.add(name: "Connection", value: "close")
    let parts = MarkedBody(buffer: ByteBuffer(bytes: body), mark: mark)
    request.body = .stream(parts, length: .known(Int64(body.count)))
    return request
  }

  private func answer(_ client: HTTPClient, _ request: HTTPClientRequest) async -> Result<RawAnswer, Failure> {
    do {
      let response = try await client.execute(request, timeout: .milliseconds(timeout.count))
      StopPoint.reach(.answerBegun)
      let body = try await response.body.collect(upTo: AnswerExtraction.answerByteLimit)
      // A cancelled stream may end as if it were whole.
      try Task.checkCancellation()
      return .success(
        RawAnswer(
          httpStatus: Int(response.status.code), body: Array(body.readableBytesView),
          contentType: response.headers.first(name: "Content-Type") ?? "",
          retryAfter: response.headers.first(name: "Retry-After").flatMap { $0.utf8.count <= 64 ? $0 : nil }))
    } catch is CancellationError {
      return .failure(Failure(reason: "no whole answer within \(timeout.configurationText)"))
    } catch is NIOTooManyBytesError {
      return .failure(Failure(reason: "the answer is longer than \(AnswerExtraction.answerByteLimit) bytes"))
    } catch {
      return .failure(Failure(reason: "\(error)"))
    }
  }

  /// Cancels the work when the whole of the time is up; the client's own limits end with the head of the answer.
  private func withDeadline(
    _ work: @escaping @Sendable () async -> Result<RawAnswer, Failure>
  ) async -> Result<RawAnswer, Failure> {
    let task = Task { await work() }
    let alarm = group.any().scheduleTask(in: .milliseconds(timeout.count)) { task.cancel() }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }
}

/// Whether the first byte of a body was handed to the connection.
private final class StartMark: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }

  func set() { flag.store(true, ordering: .sequentiallyConsistent) }
}

/// A body in one piece that says when it is taken.
private struct MarkedBody: AsyncSequence, Sendable {
  let buffer: ByteBuffer
  let mark: StartMark

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ByteBuffer?
    let mark: StartMark

    mutating func next() async -> ByteBuffer? {
      guard let part = rest else {
        StopPoint.reach(.bodyGiven)
        return nil
      }
      StopPoint.reach(.beforeFirstBodyByte)
      mark.set()
      rest = nil
      return part
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: buffer, mark: mark) }
}
