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
  private let ledger: LedgerWriter
  private let archivist: LedgerArchivist
  private let readers: SiteReaders
  private let workers: [ChannelWorker]
  private let damages: [Pipeline.Damage]
  private let logger: Logger
  private let settings: Settings
  private var control: ControlServer?
  private let notifier = ServiceNotifier()

  /// Takes the state directory, recovers the ledger and makes every part, without starting any.
  init(settings: Settings, environment: [String: String]) throws(ExitCode) {
    let logger = Logger(label: "dertelemetryd")
    let directory = try Self.lock(settings.stateDirectory)
    let opening = try Self.open(directory.ledgerDisk())
    try Self.checkIntervalLength(settings, opening.replay.state)
    damages = LedgerDamage.new(opening.log.contents, known: opening.replay.state.damages)
    let pipeline = opening.pipeline(settings)
    let archivist = LedgerArchivist(
      stateDirectory: directory.path, queue: DispatchQueue(label: "der.archive", qos: .utility), logger: logger)

    let queue = DispatchQueue(label: "der.pipeline")
    ledger = LedgerWriter(opening.takeLog(), queue: DispatchQueue(label: "der.log")) { archivist.run() }
    service = TelemetryService(pipeline: pipeline, ledger: ledger, queue: queue, logger: logger) { reason in
      logger.critical("\(reason); stopping, so that the next start finds out what is there")
      // Not `exit`: what it would take down is in use by the other threads.
      _exit(ExitStatus.inputOutput.rawValue)
    }
    readers = SiteReaders(sites: settings.sites, defaultScan: settings.scan, queue: queue) {
      [service] event in
      service.take(event.pipelineEvent)
    }
    workers = Self.makeWorkers(settings, environment, directory.evidence(), service, logger)
    self.archivist = archivist
    self.directory = directory
    self.logger = logger
    self.settings = settings
  }

  mutating func start() async {
    await service.start(
      version: Version.number, home: StateHome.text(of: directory.path), damages: damages, workers: workers)
    await readers.start()
    control = await startControl()
    notifier.ready()
    archivist.run()
    logger.notice(
      "ready: \(settings.sites.count) sites, \(settings.resources.count) resources, \(settings.channels.count) channels"
    )
  }

  func stop() async {
    notifier.stopping()
    logger.notice("stopping")
    control?.stop()
    await readers.stop()
    await service.stop()
    await ledger.drain()
  }

  /// Without it the daemon works all the same, and no command can change its accounts.
  private func startControl() async -> ControlServer? {
    let path = ControlSocket.path(settings)
    do {
      return try await ControlServer.start(path: path, group: MultiThreadedEventLoopGroup.singleton) {
        [service] request, isDryRun, answer in
        service.ask(request, isDryRun: isDryRun) { answer(PersonReport($0, isDryRun: isDryRun)) }
      }
    } catch {
      logger.warning("commands cannot reach this daemon: \(path): \(error)")
      return nil
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

  private static func open(_ disk: consuming PosixLogDisk) throws(ExitCode) -> LedgerOpening<PosixLogDisk> {
    do throws(LogDiskError) {
      return try LedgerOpening(disk, makeEpoch: { UInt64.random(in: .min ... .max) })
    } catch {
      StandardError.write("the ledger cannot be opened: \(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// One ledger has one grid.
  private static func checkIntervalLength(_ settings: Settings, _ state: LedgerState) throws(ExitCode) {
    guard let epoch = state.latestEpoch.flatMap({ state.epochs[$0] }),
      epoch.intervalLength != settings.intervalLength
    else { return }
    StandardError.write(
      """
      interval: the state directory \(settings.stateDirectory) keeps accounts in intervals of \
      \(epoch.intervalLength.seconds) s and the configuration asks for \(settings.intervalLength.seconds) s: \
      name another state_directory

      """)
    throw ExitStatus.configuration.exitCode
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
        logger.error(
          "channel \(channel.name): nothing can be submitted, sites are read all the same: \(fault); mend it and restart"
        )
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
    case .identified(let site, let device): .siteIdentified(site, identity: "\(device)")
    case .replaced(let site, let old, let new):
      .siteIdentified(site, identity: "another device: \(new) stands where \(old) stood")
    }
  }
}
