import MarketCore
import NIOCore
import SignedXML
import TelemetryCore

/// Asks ADS for the batches since the last one that was kept.
struct DispatchClient {
  /// Why nothing came of a call.
  enum Problem: Error, CustomStringConvertible {
    case unreachable(String)
    case refused(String)
    case unreadable(String)

    var description: String {
      switch self {
      case .unreachable(let reason): "ADS was not reached: \(reason)"
      case .refused(let reason): "ADS refuses the call: \(reason)"
      case .unreadable(let reason): "an answer of ADS cannot be used: \(reason)"
      }
    }

    var status: ExitStatus {
      switch self {
      case .unreachable: .unavailable
      case .refused, .unreadable: .data
      }
    }
  }

  /// Without an earlier batch only the newest are fetched: known clients take four.
  private static let firstCount = 4
  private static let nameLimit = 10_000
  private static let documentByteLimit = 16 << 20
  private let exchange: ChannelExchange
  private let settings: ResultSettings
  private let profile: DispatchProfile

  init(
    _ settings: ResultSettings, _ profile: DispatchProfile, as identity: MarketIdentity, environment: [String: String],
    group: any EventLoopGroup
  ) throws(ChannelFault) {
    guard let unit = WireUnit(symbol: "MWh", digits: 3) else { throw ChannelFault("no unit") }
    let channel = ChannelSettings.asking("ads", settings, WireProfile(name: "ads", unit: unit), as: identity)
    let credentials = try ChannelCredentials(channel, environment: environment)
    exchange = ChannelExchange(tls: try credentials.tlsConfiguration(), timeout: settings.timeout, group: group)
    self.settings = settings
    self.profile = profile
    let found = [profile.fault, profile.known, profile.names, profile.content, profile.type, profile.instructions.each]
    for expression in found + Array(profile.instructions.fields.values) {
      do throws(XMLProblem) {
        try XMLDocument.check(expression, namespaces: profile.namespaces)
      } catch {
        throw ChannelFault("the profile ads: \(error)")
      }
    }
  }

  /// Fetches and keeps what is new, batch by batch; gives the instructions that came.
  func fetch(into store: ResultStore) async throws -> [DispatchInstruction] {
    let last = try store.lastBatch()
    var names = try await self.names(since: last ?? DispatchProfile.beginning)
    if last == nil { names = Array(names.suffix(Self.firstCount)) }
    var all: [DispatchInstruction] = []
    for name in names where name != last {
      let instructions = try await batch(name)
      _ = try store.keep(instructions.map(\.result), of: ResultStore.dispatch)
      try store.setLastBatch(name)  // last: a batch that was not kept is fetched again
      all += instructions
    }
    return all
  }

  private func names(since last: String) async throws(Problem) -> [String] {
    let document = try await ask(profile.sinceRequest(last))
    let (known, names): ([String], [String])
    do throws(XMLProblem) {
      known = try document.texts(at: profile.known, namespaces: profile.namespaces)
      names = try document.texts(at: profile.names, namespaces: profile.namespaces, limit: Self.nameLimit)
    } catch {
      throw .unreadable("\(error)")
    }
    guard !known.isEmpty else { throw .unreadable("it is not about batches") }
    return names
  }

  private func batch(_ name: String) async throws(Problem) -> [DispatchInstruction] {
    let answer = try await ask(profile.batchRequest(name))
    do throws(XMLProblem) {
      let found = try answer.texts(at: profile.content, namespaces: profile.namespaces, limit: 2)
      let document = try Self.document(found)
      let types = try document.texts(at: profile.type, namespaces: profile.namespaces, limit: 2)
      guard types.count == 1 else { throw .malformed(reason: "\(types.count) types of one batch") }
      guard profile.types.contains(types[0]) else { return [] }
      let rows = try document.records(
        at: profile.instructions.each, fields: profile.instructions.fields, namespaces: profile.namespaces,
        limit: Self.nameLimit)
      let instructions = rows.compactMap { DispatchInstruction($0, batch: name) }
      guard instructions.count == rows.count else {
        throw .malformed(reason: "an instruction without resource, start or MW")
      }
      return instructions
    } catch {
      throw .unreadable("batch \(name): \(error)")
    }
  }

  private static func document(_ found: [String]) throws(XMLProblem) -> XMLDocument {
    guard found.count == 1, let compressed = Base64.decode(found[0].utf8.filter { $0 > 0x20 }) else {
      throw .malformed(reason: "its content is no Base64 text")
    }
    let bytes: [UInt8]
    do throws(GzipProblem) {
      bytes = try Gzip.decompress(compressed, byteLimit: documentByteLimit)
    } catch {
      throw .malformed(reason: "its content is not gzip, damaged, or longer than \(documentByteLimit) bytes")
    }
    return try XMLDocument(parsing: bytes, byteLimit: documentByteLimit)
  }

  private func ask(_ message: [UInt8]) async throws(Problem) -> XMLDocument {
    switch await exchange.post(message, as: "text/xml; charset=utf-8", to: settings.service) {
    case .notSent(let reason), .noAnswer(let reason): throw .unreachable(reason)
    case .answered(let answer):
      if [401, 403, 404, 429].contains(answer.httpStatus) { throw .refused("HTTP \(answer.httpStatus)") }
      do throws(XMLProblem) {
        let document = try XMLDocument(parsing: answer.body, byteLimit: Self.documentByteLimit)
        let faults = try document.texts(at: profile.fault, namespaces: profile.namespaces)
        if let fault = faults.first { throw XMLProblem.malformed(reason: "a fault: \(fault.prefix(200))") }
        guard answer.httpStatus == 200 else { throw XMLProblem.malformed(reason: "HTTP \(answer.httpStatus)") }
        return document
      } catch {
        throw .unreadable("\(error)")
      }
    }
  }
}
