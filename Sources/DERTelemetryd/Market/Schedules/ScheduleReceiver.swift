import ArgumentParser
import Foundation
import MarketCore
import NIOPosix
import TelemetryCore

extension BidRoute: ExpressibleByArgument {
  init?(argument: String) { self.init(name: argument) }

  static var allValueStrings: [String] { allCases.map(\.name) }

  var defaultValueDescription: String { name }
}

/// To whom schedules go, by `market.yaml` and the command line.
struct ScheduleReceiver {
  let market: MarketSettings
  let route: BidRoute
  private let configuration: String

  /// Exit 64 where two are set and none was named.
  init(_ market: MarketSettings, through named: BidRoute?, beside configuration: String) throws(ExitCode) {
    self.market = market
    self.configuration = configuration
    if named == nil, market.sibr != nil, market.gateway != nil {
      StandardError.write("market.yaml has `sibr` and `gateway`: name one of them with --through\n")
      throw ExitStatus.usage.exitCode
    }
    route = named ?? (market.gateway == nil ? .sibr : .gateway)
  }

  /// Exit 78 where the profile cannot be used.
  func form() throws(ExitCode) -> BidForm {
    switch route {
    case .sibr: return .sibr(try BidProfileFile.load(beside: configuration))
    case .gateway:
      return .gateway(
        try MarketProfileFile.load("gateway", beside: configuration, isVerified: { $0.isVerified }) {
          node throws(ConfigurationProblems) in try JSONProfile.read(node, .schedule)
        })
    }
  }

  /// Before anything is looked at: as whom, or exit 78.
  func identity() throws(ExitCode) -> MarketIdentity? {
    guard route == .sibr else { return nil }
    do throws(MissingIdentity) {
      return try market.identities.required(for: .sibr)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.configuration.exitCode
    }
  }

  /// Exit 78 where it cannot be called.
  func carrier(_ form: BidForm, as identity: MarketIdentity?) throws(ExitCode) -> any BidCarrier {
    let environment = ProcessInfo.processInfo.environment
    let group = MultiThreadedEventLoopGroup.singleton
    do throws(ChannelFault) {
      switch form {
      case .sibr(let profile):
        guard let sibr = market.sibr, let identity else {
          throw ChannelFault("nobody has said where SIBR is: set `sibr.url` in market.yaml")
        }
        return try BidChannel(sibr, profile, as: identity, environment: environment, group: group)
      case .gateway(let profile):
        guard let gateway = market.gateway else {
          throw ChannelFault("nobody has said where the gateway is: set `gateway.url` in market.yaml")
        }
        return try GatewayChannel(gateway, profile, environment: environment, group: group)
      }
    } catch {
      StandardError.write("\(route.name): \(error)\n")
      throw ExitStatus.configuration.exitCode
    }
  }
}
