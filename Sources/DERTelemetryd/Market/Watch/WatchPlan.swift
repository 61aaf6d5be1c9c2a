import MarketCore
import MarketFiles
import NIOPosix
import TelemetryCore

/// One thing that is watched.
enum WatchJob: Hashable, Sendable {
  case dispatch
  case awards
  case prices
  /// Of OASIS, in the order of the file.
  case report(Int)
  case deviation
  /// Removes what is older than it is to be kept.
  case tidy

  /// Who is asked; nil for what is done here.
  var application: String? {
    switch self {
    case .dispatch: "ads"
    case .awards: "cmri"
    case .prices, .report: "oasis"
    case .deviation, .tidy: nil
    }
  }
}

/// What is watched and with what: read at the start of the service.
struct WatchPlan {
  private(set) var settings = WatchSettings()
  private(set) var versions: [String: String] = [:]
  private(set) var dispatch: DispatchClient?
  private(set) var awards: [(AwardsProfile.Market, AwardsClient)] = []
  private(set) var oasis: OASISClient?

  /// Watches nothing.
  init() {}

  /// What the service holds of an answer in memory; a command takes more.
  private static let limits = ZipArchive.Limits(archiveByteCount: 8 << 20, memberByteCount: 32 << 20, memberCount: 16)

  init(_ circumstances: WatchCircumstances, say: (Announcement) -> Void) {
    func cannot(_ reason: String, _ application: String? = nil) {
      let what = application.map { "\($0) is not watched" } ?? "nothing of the market is watched"
      say(
        Announcement(
          .marketNotFollowed, "\(what): \(reason); mend it and restart", channel: application.map { ChannelName($0) }))
    }
    let market: MarketSettings
    do throws(ConfigurationProblems) {
      market = try MarketFile.read(beside: circumstances.configuration)
    } catch {
      cannot(error.problems.first.map { "\($0)" } ?? "market.yaml cannot be read")
      return
    }
    settings = market.watch
    versions = market.oasis.versions
    if settings.prices != nil || !settings.reports.isEmpty {
      oasis = OASISClient(market.oasis, environment: circumstances.environment, limits: Self.limits, note: { _ in })
    }
    do throws(ChannelFault) {
      if settings.dispatch != nil { dispatch = try Self.dispatch(market, circumstances) }
    } catch {
      settings.dispatch = nil
      cannot("\(error)", "ads")
    }
    do throws(ChannelFault) {
      if settings.awards != nil { awards = try Self.awards(market, circumstances) }
    } catch {
      settings.awards = nil
      cannot("\(error)", "cmri")
    }
    guard settings.awards != nil || settings.prices != nil else { return }
    do throws(ConfigurationProblems) {
      _ = try circumstances.registration()
    } catch {
      (settings.awards, settings.prices) = (nil, nil)
      cannot(error.problems.first.map { "\($0)" } ?? "registration.yaml cannot be read", "cmri")
    }
  }

  /// Everything with its time; what nobody named is not there.
  func jobs(intervalLength: IntervalLength) -> [(task: WatchJob, every: Milliseconds)] {
    var jobs: [(task: WatchJob, every: Milliseconds)] = []
    if let every = settings.dispatch { jobs.append((.dispatch, every)) }
    if let every = settings.awards { jobs.append((.awards, every)) }
    if let every = settings.prices { jobs.append((.prices, every)) }
    for (index, report) in settings.reports.enumerated() { jobs.append((.report(index), report.every)) }
    let isFilled = !jobs.isEmpty
    if settings.deviation != nil { jobs.append((.deviation, min(.seconds(60), intervalLength.milliseconds))) }
    if isFilled { jobs.append((.tidy, .seconds(86_400))) }
    return jobs
  }

  func name(of job: WatchJob) -> String {
    switch job {
    case .dispatch: "dispatch"
    case .awards: "awards"
    case .prices: "prices"
    case .report(let index): settings.reports[index].request.controlsEscaped
    case .deviation: "deviation"
    case .tidy: "old rows"
    }
  }

  // MARK: As whom

  private static func dispatch(
    _ market: MarketSettings, _ circumstances: WatchCircumstances
  ) throws(ChannelFault) -> DispatchClient {
    let (identity, place) = try access(.ads, market.ads, market)
    let profile = try profile("ads", circumstances, read: DispatchProfile.read)
    return try DispatchClient(
      place, profile, as: identity, environment: circumstances.environment,
      group: MultiThreadedEventLoopGroup.singleton)
  }

  private static func awards(
    _ market: MarketSettings, _ circumstances: WatchCircumstances
  ) throws(ChannelFault) -> [(AwardsProfile.Market, AwardsClient)] {
    let (identity, place) = try access(.cmri, market.cmri, market)
    let profile = try profile("cmri", circumstances, read: AwardsProfile.read)
    var clients: [(AwardsProfile.Market, AwardsClient)] = []
    for kind in AwardsProfile.Market.allCases {
      let client = try AwardsClient(
        place, profile, kind, as: identity, environment: circumstances.environment,
        group: MultiThreadedEventLoopGroup.singleton)
      clients.append((kind, client))
    }
    return clients
  }

  private static func access(
    _ application: MarketApplication, _ settings: ResultSettings?, _ market: MarketSettings
  ) throws(ChannelFault) -> (MarketIdentity, ResultSettings) {
    do throws(MissingIdentity) {
      let identity = try market.identities.required(for: application)
      if let settings { return (identity, settings) }
    } catch {
      throw ChannelFault("\(error)")
    }
    throw ChannelFault("nobody has said where \(application.rawValue) is: set `\(application.rawValue).url`")
  }

  private static func profile<Profile>(
    _ name: String, _ circumstances: WatchCircumstances,
    read: (ConfigurationNode) throws(ConfigurationProblems) -> Profile
  ) throws(ChannelFault) -> Profile {
    do throws(MarketProfileFile.Unusable) {
      return try MarketProfileFile.find(name, beside: circumstances.configuration, read: read).profile
    } catch {
      throw ChannelFault(error.first)
    }
  }
}
