import Dispatch
import NIOCore
import NIOPosix
import TelemetryCore

/// Reads all sites, each over a connection of its own, so that one bad site stays one bad site (P7).
///
/// Everything is decided on the given queue by the sessions of the core; sockets live on event loops, and each read of a
/// socket is one hop to the queue. One timer drives scans, timeouts and attempts to connect.
actor SiteReaders {
  /// How finely scans and deadlines are kept.
  ///
  /// The instant of a reading is measured, so this only spreads the work.
  private static let tick = Milliseconds(50)

  private struct Reader {
    let address: ModbusAddress
    var session: SiteSession
    var link: SiteLink?
    /// Counts the links, so that late news of an old one is known as such.
    var linkNumber = 0
  }

  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let group: any EventLoopGroup
  private let clock = SystemClock()
  private let onEvent: @Sendable (SiteEvent) -> Void
  private let periods: [Milliseconds]
  private var readers: [Reader]
  private var schedule: ScanSchedule?
  private var timer: RepeatingTimer?
  private var actions: [SiteSession.Action] = []

  /// The index of a site is its place in the list.
  ///
  /// The event handler is called on the queue, which must be serial.
  init(
    sites: [SiteSettings], defaultScan: Milliseconds, queue: DispatchQueue,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    onEvent: @escaping @Sendable (SiteEvent) -> Void
  ) {
    executor = QueueExecutor(queue: queue)
    self.group = group
    self.onEvent = onEvent
    periods = sites.map { $0.scan ?? defaultScan }
    readers = zip(sites, periods).enumerated().map { index, pair in
      Reader(
        address: pair.0.modbus,
        session: SiteSession(site: SiteIndex(index), unit: pair.0.modbus.unit, scan: pair.1))
    }
  }

  /// Begins to scan; the first sites at the next tick.
  func start() {
    guard timer == nil else { return }
    schedule = ScanSchedule(periods: periods, start: clock.now().uptime)
    timer = RepeatingTimer(every: Self.tick, on: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.ticked() }
    }
  }

  /// Stops scanning and waits until every connection is closed.
  func stop() async {
    timer = nil
    // An attempt to connect is not waited for: it may take its whole timeout.
    let links = readers.filter(\.session.isConnected).compactMap(\.link)
    for index in readers.indices { disconnect(index) }
    for link in links { await link.closed() }
  }

  /// How late 99 of 100 scans began at most; asked on the queue.
  nonisolated func slip() -> Milliseconds? { assumeIsolated { $0.schedule?.slips.ninetyNinth } }

  /// What passed over the connection to each site.
  func statistics() -> [LinkStatistics] { readers.map(\.session.statistics) }

  private func ticked() {
    guard var schedule, timer != nil else { return }
    let uptime = clock.now().uptime
    for index in readers.indices {
      guard let deadline = readers[index].session.deadline, deadline <= uptime else { continue }
      handle(.deadlinePassed, of: index)
    }
    for site in schedule.due(at: uptime) { handle(.scanDue, of: site.position) }
    self.schedule = schedule
  }

  private func handle(_ event: SiteSession.Event, of index: Int, at moment: Moment? = nil) {
    actions.removeAll(keepingCapacity: true)
    let moment = moment ?? clock.now()
    readers[index].session.handle(event, at: moment, jitter: .random(in: 0...255), into: &actions)
    for action in actions { perform(action, for: index) }
  }

  private func perform(_ action: SiteSession.Action, for index: Int) {
    let site = SiteIndex(index)
    switch action {
    case .connect: connect(index)
    case .send(let bytes): readers[index].link?.send(bytes)
    case .close: disconnect(index)
    case .reading(let reading): onEvent(.reading(reading))
    case .lost: break  // counted by the session; the pipeline hears of it when the site goes quiet
    case .quiet(let failure): onEvent(.quiet(site, failure))
    case .back: onEvent(.back(site))
    case .identified(let device): onEvent(.identified(site, device))
    case .replaced(let old, let new): onEvent(.replaced(site, old: old, new: new))
    }
  }

  private func connect(_ index: Int) {
    readers[index].linkNumber += 1
    let number = readers[index].linkNumber
    let queue = executor.queue
    readers[index].link = SiteLink(to: readers[index].address, on: group) { [weak self] event in
      queue.async { [weak self] in self?.assumeIsolated { $0.received(event, from: number, of: index) } }
    }
  }

  private func disconnect(_ index: Int) {
    readers[index].link?.close()
    readers[index].link = nil
    readers[index].linkNumber += 1
  }

  private func received(_ event: SiteLink.Event, from number: Int, of index: Int) {
    guard number == readers[index].linkNumber else { return }
    switch event {
    case .connected: handle(.connected, of: index)
    case .received(let bytes, let moment): handle(.received(bytes), of: index, at: moment)
    case .unreachable(let reason):
      readers[index].link = nil
      handle(.unreachable(reason: reason), of: index)
    case .closed(let reason):
      readers[index].link = nil
      handle(.closed(reason: reason), of: index)
    }
  }
}
