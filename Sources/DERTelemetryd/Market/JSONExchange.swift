import MarketCore
import NIOCore
import TelemetryCore

/// Calls with JSON over mutual TLS.
struct JSONExchange: Sendable {
  private static let type = "application/json"
  private let exchange: ChannelExchange

  /// Reads certificate and key and tries them, before the first call.
  init(
    _ name: String, as identity: MarketIdentity, timeout: Milliseconds, environment: [String: String],
    group: any EventLoopGroup
  ) throws(ChannelFault) {
    guard let unit = WireUnit(symbol: "MWh", digits: 3) else { throw ChannelFault("no unit") }
    let nowhere = ServiceSettings(url: "", soapAction: "")
    let channel = ChannelSettings(
      name: ChannelName(name), mode: .live, profile: WireProfile(name: name, unit: unit), submit: nowhere, status: nil,
      retrieve: nowhere, certificate: identity.certificate, key: identity.key, trust: identity.trust, userName: nil,
      spacing: Milliseconds(0), settle: .seconds(1), timeout: timeout)
    let credentials = try ChannelCredentials(channel, environment: environment)
    exchange = ChannelExchange(tls: try credentials.tlsConfiguration(), timeout: timeout, group: group)
  }

  func post(_ body: [UInt8], to service: ServiceSettings) async -> CallOutcome<RawAnswer> {
    await exchange.post(body, as: Self.type, to: service)
  }
}
