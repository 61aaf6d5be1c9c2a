import Dispatch
import NIOCore
import NIOPosix
import TelemetryCore

/// Reads all sites, those behind one host and port over one connection (P7).
///
/// Everything is decided on the given queue by the sessions of the core; sockets live on event loops, and each read of a
/// socket is one hop to the queue. One timer drives scans, timeouts and attempts to connect.
actor SiteReaders {
  /// How finely scans and deadlines are kept.
  ///
  /// The instant of a reading is measured, so this only spreads the work.
  private static let tick = Milliseconds(50)

  private struct Connection {
    let endpoint: ModbusEndpoint
    var session: ConnectionSession
    var link: SiteLink?
    /// What the present link is known by; late news of an old one come under another number.
    var linkNumber: Int?
  }

  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let group: any EventLoopGroup
  private let clock = SystemClock()
  private let onEvent: @Sendable (SiteEvent) -> Void
  private var periods: [Milliseconds]
  private var plan: ConnectionPlan
  private var connections: [Connection]
  /// What each session waits for, apart from the sessions so that a tick looks at little memory.
  private var deadlines: [UptimeInstant?]
  private var linkCount = 0
  /// The connections by the numbers of their links.
  private var places: [Int: Int] = [:]
  private var schedule: ScanSchedule?
  private var timer: RepeatingTimer?
  private var output = ConnectionOutput()
  private var due: [SiteIndex] = []

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
    plan = ConnectionPlan(sites, defaultScan: defaultScan)
    connections = plan.connections.map { planned in
      Connection(
        endpoint: planned.endpoint, session: ConnectionSession(planned.members, limits: planned.limits))
    }
    deadlines = Array(repeating: nil, count: plan.connections.count)
  }

  /// Begins to scan; the first sites at the next tick.
  func start() {
    guard timer == nil else { return }
    schedule = ScanSchedule(
      periods: periods, connections: plan.places.map(\.connection), start: clock.now().uptime)
    timer = RepeatingTimer(every: Self.tick, on: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.ticked() }
    }
  }

  /// Stops scanning and waits until every connection is closed.
  func stop() async {
    timer = nil
    // An attempt to connect is not waited for: it may take its whole timeout.
    let links = connections.filter(\.session.isConnected).compactMap(\.link)
    for index in connections.indices { disconnect(index) }
    for link in links { await link.closed() }
  }

  /// Goes on with an edited list of sites; those that are not touched keep their connections and their slots.
  func rearrange(_ arrangement: SiteArrangement) {
    let change = ConnectionArrangement(from: plan, to: arrangement)
    for index in change.ended { disconnect(index) }
    let before = connections
    connections = zip(change.plan.connections, change.steps).map { planned, step in
      guard let index = step.connection else {
        return Connection(
          endpoint: planned.endpoint, session: ConnectionSession(planned.members, limits: planned.limits))
      }
      var connection = before[index]
      connection.session.rearrange(planned.members, kept: step.kept)
      return connection
    }
    plan = change.plan
    places = [:]
    for (index, connection) in connections.enumerated() {
      if let number = connection.linkNumber { places[number] = index }
    }
    deadlines = connections.map(\.session.deadline)
    periods = arrangement.sites.map { $0.scan ?? arrangement.defaultScan }
    schedule?.rearrange(
      periods: periods, connections: plan.places.map(\.connection), kept: arrangement.readOn,
      start: clock.now().uptime)
  }

  /// How late 99 of 100 scans began at most; asked on the queue.
  nonisolated func slip() -> Milliseconds? { assumeIsolated { $0.schedule?.slips.ninetyNinth } }

  /// What passed over each connection.
  func statistics() -> [LinkStatistics] { connections.map(\.session.statistics) }

  private func ticked() {
    guard timer != nil else { return }
    let uptime = clock.now().uptime
    for index in deadlines.indices {
      guard let deadline = deadlines[index], deadline <= uptime else { continue }
      handle(.deadlinePassed, of: index)
    }
    due.removeAll(keepingCapacity: true)
    schedule?.takeDue(at: uptime, into: &due)
    for site in due {
      let place = plan.places[site.position]
      handle(.scanDue(place.member), of: place.connection)
    }
  }

  private func handle(_ event: ConnectionSession.Event, of index: Int, at moment: Moment? = nil) {
    output.clear()
    let moment = moment ?? clock.now()
    connections[index].session.handle(event, at: moment, jitter: .random(in: 0...255), into: &output)
    deadlines[index] = connections[index].session.deadline
    if !output.bytes.isEmpty { connections[index].link?.send(output.bytes) }
    for action in output.actions { perform(action, for: index) }
  }

  private func perform(_ action: ConnectionSession.Action, for index: Int) {
    switch action {
    case .connect: connect(index)
    case .close: disconnect(index)
    case .reading(let reading): onEvent(.reading(reading))
    case .lost: break  // the pipeline hears of it when the site goes quiet
    case .quiet(let site, let failure): onEvent(.quiet(site, failure))
    case .back(let site): onEvent(.back(site))
    case .identified(let site, let device): onEvent(.identified(site, device))
    case .cut(let site, let requests): onEvent(.cut(site, requests: requests))
    case .contested(let site): onEvent(.contested(site, connections[index].endpoint))
    case .uncontested(let site): onEvent(.uncontested(site, connections[index].endpoint))
    }
  }

  private func connect(_ index: Int) {
    forgetLink(of: index)
    linkCount += 1
    let number = linkCount
    connections[index].linkNumber = number
    places[number] = index
    let queue = executor.queue
    connections[index].link = SiteLink(to: connections[index].endpoint, on: group) { [weak self] event in
      queue.async { [weak self] in self?.assumeIsolated { $0.received(event, from: number) } }
    }
  }

  private func disconnect(_ index: Int) {
    connections[index].link?.close()
    forgetLink(of: index)
  }

  private func forgetLink(of index: Int) {
    connections[index].link = nil
    if let number = connections[index].linkNumber { places[number] = nil }
    connections[index].linkNumber = nil
  }

  private func received(_ event: SiteLink.Event, from number: Int) {
    guard let index = places[number] else { return }
    switch event {
    case .connected: handle(.connected, of: index)
    case .received(let bytes, let moment): handle(.received(bytes), of: index, at: moment)
    case .unreachable(let reason):
      connections[index].link = nil
      handle(.unreachable(reason: reason), of: index)
    case .closed(let reason):
      connections[index].link = nil
      handle(.closed(reason: reason), of: index)
    }
  }
}
