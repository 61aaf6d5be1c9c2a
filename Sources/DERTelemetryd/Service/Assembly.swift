import ArgumentParser
import Dispatch
import Foundation
import Logging
import NIOPosix
import TelemetryCore

/// The parts of the running daemon, put together and taken apart.
struct Assembly: ~Copyable {
  private let directory: StateDirectory
  private let service: TelemetryService
  private let logs: LogWriter
  private let archivist: LedgerArchivist
  private let readers: SiteReaders
  private let workers: [ChannelWorker]
  private let marketWatch: MarketWatch
  private let stages: [Stage]
  private let damages: [Pipeline.Damage]
  private let readingsDamage: [LogDamage]
  private let logger: Logger
  private let settings: Settings
  private var control: ControlServer?
  private var metricsServer: MetricsServer?
  private var metricsTimer: RepeatingTimer?
  private let fallback: ConfigurationInForce.Fallback?
  private let notifier = ServiceNotifier()
  /// Takes the edited configuration while the daemon runs.
  let reloader: Reloader

  /// Takes the state directory, recovers the logs and makes every part, without starting any.
  ///
  /// `path` names the main file of the configuration, as it was given.
  init(_ asked: ConfigurationInForce, path: String, environment: [String: String]) throws(ExitCode) {
    let logger = Logger(label: "dertelemetryd")
    let directory = try Self.lock(asked.settings.stateDirectory)
    StopPoint.reach(.locked)
    let opened = try Self.open(directory, asked, environment)
    StopPoint.reach(.recovered)
    damages = opened.damages
    readingsDamage = opened.readingsDamage
    let configuration = opened.configuration
    let settings = configuration.settings
    let archivist = LedgerArchivist(
      stateDirectory: directory.path, queue: DispatchQueue(label: "der.archive", qos: .utility), logger: logger)

    let queue = DispatchQueue(label: "der.pipeline")
    let pipeline = opened.pipeline
    let logQueue = DispatchQueue(label: "der.log")
    logs = LogWriter(opened.store, queue: logQueue, onNewSegment: archivist.run) { error in
      logger.write(
        Announcement(
          .logFailed, "the logs cannot be written: \(error); stopping, so that the next start finds out what is there"))
      // Not `exit`: what it would take down is in use by the other threads.
      _exit(ExitStatus.inputOutput.rawValue)
    }
    service = TelemetryService(
      pipeline: pipeline, logs: logs, queue: queue, logger: logger,
      statusPrefix: configuration.fallback?.status ?? "")
    stages = [.queue("the log", logQueue), .tasks] + Stage.eventLoops(of: MultiThreadedEventLoopGroup.singleton)
    readers = SiteReaders(sites: settings.sites, defaultScan: settings.scan, queue: queue) {
      [service] event in
      service.take(event.pipelineEvent)
    }
    reloader = Reloader(path: path, environment: environment, service: service, logger: logger)
    workers = Self.makeWorkers(settings, environment, directory.evidence(), service, logger)
    marketWatch = MarketWatch(
      WatchCircumstances(
        configuration: path, stateDirectory: directory.path, intervalLength: settings.intervalLength,
        environment: environment, accountsQuestion: { [service] in service.accounts($0) }), logger: logger)
    self.archivist = archivist
    self.directory = directory
    self.logger = logger
    self.settings = settings
    fallback = configuration.fallback
  }

  mutating func start() async {
    for damage in readingsDamage {
      guard damage.cause != .unfinishedWrite else {
        logger.write(Announcement(.readingsCutOff, "the last write to the readings log was cut off: \(damage)"))
        continue
      }
      logger.write(
        Announcement(
          .readingsDamaged, "the readings log was damaged, what was sealed on it is in the ledger: \(damage)"))
    }
    for line in fallback?.lines ?? [] { logger.write(Announcement(.configurationNotValid, line)) }
    await service.start(
      version: Version.number, home: StateHome.text(of: directory.path), damages: damages, workers: workers,
      stages: stages)
    StopPoint.reach(.started)
    await readers.start()
    await service.watch(readers)
    control = await startControl()
    await startMetrics()
    notifier.ready()
    archivist.run()
    logger.write(
      Announcement(
        .ready,
        "ready: \(settings.sites.count) sites, \(settings.resources.count) resources, \(settings.channels.count) channels"
      ))
    await marketWatch.start()
  }

  func stop() async {
    notifier.stopping()
    logger.write(Announcement(.stopping, "stopping"))
    await marketWatch.stop()
    control?.stop()
    metricsServer?.stop()
    await readers.stop()
    await service.stop()
    await logs.drain()
  }

  /// Without it the daemon works all the same, and no command can change its accounts.
  private func startControl() async -> ControlServer? {
    let path = ControlSocket.path(settings)
    do {
      let doors = ControlServer.Doors(
        ask: { [service] request, isDryRun, answer in
          service.ask(request, isDryRun: isDryRun) { answer(PersonReport($0, isDryRun: isDryRun)) }
        }, status: { [service] in service.status($0) }, reload: reloader.reload)
      return try await ControlServer.start(path: path, group: MultiThreadedEventLoopGroup.singleton, doors: doors)
    } catch {
      logger.write(Announcement(.controlUnreachable, "commands cannot reach this daemon: \(path): \(error)"))
      return nil
    }
  }

  /// Without them the daemon works all the same.
  private mutating func startMetrics() async {
    let status: StatusQuestion = { [service] in service.status($0) }
    if let path = settings.metrics.file { metricsTimer = MetricsFile(path: path, logger: logger).start(status) }
    guard let port = settings.metrics.port else { return }
    do {
      metricsServer = try await MetricsServer.start(
        port: port, group: MultiThreadedEventLoopGroup.singleton, status: status)
    } catch {
      logger.write(Announcement(.metricsUnavailable, "the metrics cannot be asked for at port \(port): \(error)"))
    }
  }

  // MARK: The parts

  private static func lock(_ path: String) throws(ExitCode) -> StateDirectory {
    do throws(LogDiskError) {
      return try StateDirectory(locking: path)
    } catch {
      StandardError.write("the state directory cannot be used: \(error)\n")
      throw (error.cause == .busy ? ExitStatus.temporary : ExitStatus.inputOutput).exitCode
    }
  }

  private static func open(
    _ directory: borrowing StateDirectory, _ asked: ConfigurationInForce, _ environment: [String: String]
  ) throws(ExitCode) -> LogOpening {
    do throws(LogOpeningProblem) {
      return try LogOpening(directory, reserveByteCount: asked.settings.storage.reserve) {
        state throws(LogOpeningProblem) in try fitting(asked, state, environment)
      }
    } catch {
      switch error {
      case .disk(let name, let error):
        StandardError.write("\(directory.path)/\(name) cannot be opened: \(error)\n")
        throw ExitStatus.inputOutput.exitCode
      case .configuration(let message):
        StandardError.write(message)
        throw ExitStatus.configuration.exitCode
      }
    }
  }

  /// One ledger has one grid: a configuration that asks for another one is not valid here.
  private static func fitting(
    _ configuration: ConfigurationInForce, _ state: LedgerState, _ environment: [String: String]
  ) throws(LogOpeningProblem) -> ConfigurationInForce {
    let settings = configuration.settings
    guard let epoch = state.latestEpoch.flatMap({ state.epochs[$0] }),
      epoch.intervalLength != settings.intervalLength
    else { return configuration }
    let problem = ConfigurationProblem(
      place: configuration.intervalPlace, key: "interval",
      message: "is \(settings.intervalLength.milliseconds.configurationText), while the accounts in "
        + "\(settings.stateDirectory) are kept in intervals of "
        + "\(epoch.intervalLength.milliseconds.configurationText): name another state_directory")
    do throws(ConfigurationInForce.NothingKept) {
      return try ConfigurationInForce(
        kept: state.configuration, insteadOf: configuration.files.path, problems: ConfigurationProblems([problem]),
        stateDirectory: settings.stateDirectory, environment: environment)
    } catch {
      throw .configuration(ConfigurationProblems([problem]).report + error.line)
    }
  }

  private static func makeWorkers(
    _ settings: Settings, _ environment: [String: String], _ evidence: EvidenceStore, _ service: TelemetryService,
    _ logger: Logger
  ) -> [ChannelWorker] {
    settings.channels.map { channel in
      let metering = Result { () throws(ChannelFault) in
        try MeteringChannel(channel, environment: environment, group: MultiThreadedEventLoopGroup.singleton)
      }
      if case .failure(let fault) = metering {
        logger.write(
          Announcement(
            .channelUnusable,
            "channel \(channel.name): nothing can be submitted, sites are read all the same: \(fault); mend it and restart",
            channel: channel.name))
      }
      return ChannelWorker(
        name: channel.name, channel: metering, evidence: evidence,
        queue: DispatchQueue(label: "der.channel.\(channel.name)"), post: { service.post($0) })
    }
  }
}

extension SiteEvent {
  /// The same for the pipeline, in its words.
  var pipelineEvent: Pipeline.Event {
    switch self {
    case .reading(let reading): .siteRead(reading)
    case .quiet(let site, let failure): .siteFellQuiet(site, reason: "\(failure)")
    case .back(let site): .siteCameBack(site)
    case .identified(let site, let device):
      .siteIdentified(site, device.identity, description: "\(device)")
    case .cut(let site, let requests):
      .siteRemarked(
        site, "answers long reads otherwise than short ones: it is read in \(requests) requests")
    case .contested(let site, let endpoint): .siteContested(site, connection: "\(endpoint)")
    case .uncontested(let site, let endpoint): .siteUncontested(site, connection: "\(endpoint)")
    }
  }
}
