import AsyncHTTPClient
import Foundation
import MarketCore
import MarketFiles
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Settings
import SignedXML
import TelemetryCore

/// Asks OASIS, one call after the other, each in the turn that all processes of this machine share.
struct OASISClient: Sendable {
  /// What came of a request as a whole.
  enum Outcome {
    case table(OASISTable)
    case noData(String)
    case refused(String)
    case unusable(String)
    /// Not reached, or not able to answer, in all tries.
    case unavailable(String)
    case throttled(String)
  }

  private static let tryCount = 3
  private static let elementLimit = 5_000_000
  let settings: OASISSettings
  private let environment: [String: String]
  private let limits: ZipArchive.Limits
  private let note: @Sendable (String) -> Void

  init(
    _ settings: OASISSettings, environment: [String: String], limits: ZipArchive.Limits = .standard,
    note: @escaping @Sendable (String) -> Void = { StandardError.write("note: \($0)\n") }
  ) {
    self.settings = settings
    self.environment = environment
    self.limits = limits
    self.note = note
  }

  /// Asks for all chunks of a request; nothing is told of half of them.
  func fetch(_ request: OASISRequest) async -> Outcome {
    let client: HTTPClient
    do {
      client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration())
    } catch {
      return .unavailable("the authorities that market.yaml names cannot be used: \(error)")
    }
    let outcome = await fetch(request, client)
    do {
      try await client.shutdown()
    } catch {
      note("the connection to OASIS did not close well: \(error)")
    }
    return outcome
  }

  private func fetch(_ request: OASISRequest, _ client: HTTPClient) async -> Outcome {
    var table: OASISTable?
    var lastNone = ""
    for query in request.queries() {
      switch await ask(query, OASISReport.named(request.report), client) {
      case .table(let more): table = (table ?? OASISTable()).appending(more)
      case .noData(let reason): lastNone = reason
      case let other: return other
      }
    }
    return table.map { .table($0.withoutRepetition.sorted) } ?? .noData(lastNone)
  }

  /// One call, and again where it may go through later.
  private func ask(_ query: String, _ report: OASISReport?, _ client: HTTPClient) async -> Outcome {
    var outcome = Outcome.unavailable("not asked")
    for number in 1...Self.tryCount {
      do {
        let wait = try SpacingFile(host: host).take(spacing: settings.spacing)
        try await Task.sleep(for: .milliseconds(wait.count))
      } catch {
        return .throttled("\(error)")
      }
      outcome = await call(query, report, client)
      switch outcome {
      case .table, .noData, .refused, .unusable: return outcome
      case .unavailable(let reason), .throttled(let reason):
        guard number < Self.tryCount else { break }
        note("\(reason); asked again, try \(number + 1) of \(Self.tryCount)")
      }
    }
    return outcome
  }

  private func call(_ query: String, _ report: OASISReport?, _ client: HTTPClient) async -> Outcome {
    let reply: OASISReply
    switch await get("\(settings.url)?\(query)", client) {
    case .failure(let failure): return .unavailable("\(host): \(failure.reason)")
    case .success(let found): reply = OASISReply(status: found.status, content: content(found.body))
    }
    switch OASISAnswer(reply, for: report, parse: Self.parse) {
    case .table(let table): return .table(table)
    case .noData(let reason): return .noData(reason)
    case .throttled(let reason): return .throttled(reason)
    case .unavailable(let reason): return .unavailable(reason)
    case .refused(_, let reason): return .refused(reason)
    case .unusable(let reason): return .unusable(reason)
    }
  }

  // MARK: HTTP

  private struct Failure: Error {
    var reason: String
  }

  private var host: String {
    let rest = settings.url.dropFirst("https://".count)
    return String(rest.prefix { $0 != "/" }).lowercased()
  }

  private func configuration() throws -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let trust = settings.trust {
      guard let path = trust.path(environment: environment) else {
        throw ChannelFault("a credential is given to the service alone")
      }
      tls.trustRoots = .file(path)
    }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .milliseconds(settings.timeout.count), read: .milliseconds(settings.timeout.count)),
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  /// The whole of an answer within the time for the whole of it, or why there is none.
  private func get(_ url: String, _ client: HTTPClient) async -> Result<(status: Int, body: [UInt8]), Failure> {
    let limit = limits.archiveByteCount
    let timeout = settings.timeout
    let work = Task { () -> Result<(status: Int, body: [UInt8]), Failure> in
      do {
        let response = try await client.execute(HTTPClientRequest(url: url), timeout: .milliseconds(timeout.count))
        let announced = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        let body = try await response.body.collect(upTo: limit)
        try Task.checkCancellation()  // a cancelled stream may end as if it were whole
        if let announced, announced != body.readableBytes {
          return .failure(Failure(reason: "\(body.readableBytes) of \(announced) bytes came"))
        }
        return .success((Int(response.status.code), Array(body.readableBytesView)))
      } catch is CancellationError {
        return .failure(Failure(reason: "no whole answer within \(timeout.configurationText)"))
      } catch is NIOTooManyBytesError {
        return .failure(Failure(reason: "the answer is longer than \(limit) bytes"))
      } catch {
        return .failure(Failure(reason: "\(error)"))
      }
    }
    let alarm = MultiThreadedEventLoopGroup.singleton.any()
      .scheduleTask(in: .milliseconds(timeout.count)) { work.cancel() }
    defer { alarm.cancel() }
    return await work.value
  }

  private func content(_ bytes: [UInt8]) -> OASISReply.Content {
    guard ZipArchive.isZip(bytes) else { return .notAnArchive(Array(bytes.prefix(4_000))) }
    do throws(ZipArchive.Problem) {
      return .members(try ZipArchive.members(of: bytes, limits: limits))
    } catch {
      return .broken(error.description)
    }
  }

  // MARK: XML

  private static func parse(_ bytes: [UInt8]) throws(OASISParseFailure) -> MarketElement {
    do throws(XMLProblem) {
      let document = try XMLDocument(parsing: bytes, byteLimit: ZipArchive.Limits.standard.memberByteCount)
      return MarketElement(try document.root(limit: elementLimit))
    } catch {
      throw OASISParseFailure(reason: "\(error)")
    }
  }
}

extension MarketElement {
  /// The depth is bounded by the parser.
  init(_ element: XMLElement) {
    self.init(
      element.name, text: String(element.text.trimmingPrefix(while: \.isWhitespace)),
      element.children.map { MarketElement($0) })
  }
}

extension OASISTable {
  fileprivate func appending(_ other: Self) -> Self {
    var table = self
    table.append(other)
    return table
  }
}
