import MarketCore
import TelemetryCore

extension ChannelSettings {
  /// The way to an application of the market that is only asked.
  static func asking(
    _ name: String, _ settings: ResultSettings, _ profile: WireProfile, as identity: MarketIdentity
  ) -> Self {
    Self(
      name: ChannelName(name), mode: .live, profile: profile, submit: settings.service, status: nil,
      retrieve: settings.service, certificate: identity.certificate, key: identity.key, trust: identity.trust,
      userName: settings.userName, spacing: Milliseconds(0), settle: .seconds(1), timeout: settings.timeout)
  }
}
