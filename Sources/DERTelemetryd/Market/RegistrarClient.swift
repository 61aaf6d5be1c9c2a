import MarketCore
import NIOCore
import TelemetryCore

/// Hands a registration over to RIMS, or who stands before it, and asks what it holds.
///
/// What was sent and answered is kept beside the files that were handed over, before it counts.
struct RegistrarClient {
  enum Outcome: Hashable, Sendable {
    /// It has the packet, under this reference.
    case taken(String)
    case rejected(String)
    /// It cannot have it.
    case notSent(String)
    /// It may have it: it is asked before anything is sent again.
    case unknown(String)
  }

  private let exchange: JSONExchange
  private let settings: RegistrarSettings
  private let profile: JSONProfile
  private let folder: String

  init(
    _ settings: RegistrarSettings, _ profile: JSONProfile, as identity: MarketIdentity, environment: [String: String],
    group: any EventLoopGroup, folder: String
  ) throws(ChannelFault) {
    exchange = try JSONExchange(
      "rims", as: identity, timeout: settings.timeout, environment: environment, group: group)
    self.settings = settings
    self.profile = profile
    self.folder = folder
  }

  private func values(_ packet: RegistrationPacket, _ digest: String, _ resource: ResourceID) -> [String: String] {
    var values = ["packet": digest, "resource_id": resource.name]
    for file in packet.files {
      if let name = file.name.split(separator: ".").first { values[String(name)] = file.text }
    }
    return values
  }

  func submit(_ packet: RegistrationPacket, _ digest: String, of resource: ResourceID) async throws(LogDiskError)
    -> Outcome
  {
    let document = profile.submit.render(values(packet, digest, resource))
    try FileSystem.publish(document, as: "request.json", in: folder)
    switch await exchange.post(document, to: settings.service) {
    case .notSent(let reason): return .notSent(reason)
    case .noAnswer(let reason): return .unknown(reason)
    case .answered(let answer):
      try FileSystem.publish(answer.body, as: "answer.json", in: folder)
      switch profile.submitAnswer(status: answer.httpStatus, body: answer.body) {
      case .taken(let receipt): return .taken(receipt?.name ?? "")
      case .rejected(let reason): return .rejected(reason)
      case .failed(.throttled): return .notSent("asked too often")
      case .failed(.refused(let reason)): return .notSent("the call is refused: \(reason)")
      case .failed(.unreadable(let reason)): return .unknown(reason)
      }
    }
  }

  /// What it holds of a packet: taken, or nil for none; what tells nothing is unknown.
  func ask(_ digest: String, of resource: ResourceID) async throws(LogDiskError) -> Outcome? {
    let question = profile.question.render(["packet": digest, "resource_id": resource.name])
    switch await exchange.post(question, to: settings.service) {
    case .notSent(let reason), .noAnswer(let reason): return .unknown(reason)
    case .answered(let answer):
      try FileSystem.publish(answer.body, as: "held.json", in: folder)
      switch profile.held(digest, status: answer.httpStatus, body: answer.body) {
      case .success(nil): return nil
      case .success(let item?): return .taken(profile.receipt(of: item))
      case .failure(let doubt):
        switch doubt.failure {
        case .throttled: return .unknown("asked too often")
        case .refused(let reason), .unreadable(let reason): return .unknown(reason)
        }
      }
    }
  }
}
