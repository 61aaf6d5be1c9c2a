import TelemetryCore

/// How the process ends, and begins again.
extension Scenario {
  /// Small, so that a day has many segments.
  private static let segmentByteCount = 128 << 10
  private static let readingsSegmentByteCount = 8 << 10

  func die(losingPower: Bool, reloading next: Int) {
    crashCount += 1
    hasDied = true
    writePart()
    unwritten = []
    store = nil
    if losingPower {
      powerCutCount += 1
      for disk in disks { disk.cutPower() }
    }
    `operator`.callerDied()
    person.daemonDied()
    room.daemonDied()
    current = next
    open()
  }

  /// Some of what was on its way to the disk had been written, and nobody heard of it.
  private func writePart() {
    guard Bool.random(using: &random) else { return }
    do throws(LogDiskError) {
      switch unwritten.first {
      case .commit(let records, _)?: _ = try store?.ledger.append(records)
      case .store(let frame, _, _)?: try store?.store(frame)
      default: break
      }
    } catch {
      trace.note(UInt8(255))
    }
  }

  var disks: [FaultyDisk] { [disk, readingsDisk, reserveDisk] }

  func failDisks(oneIn count: Int) {
    for disk in disks { disk.faults.failsOneIn = count }
  }

  /// As the daemon starts: whatever the disks hold is recovered and replayed.
  func open() {
    for attempt in 0... {
      if attempt > 3 {
        // As the service is started again and again until somebody has made room.
        failDisks(oneIn: 0)
        room.free()
      }
      do throws(LogDiskError) {
        try openOnce()
        return
      } catch {
        trace.note(UInt8(254))
      }
    }
  }

  private func openOnce() throws(LogDiskError) {
    var found: [LogRecord] = []
    _ = try LogContents(of: disk, recovered: { found.append($1) })
    let epochs = random.next()
    var reserve = try DiskReserve(on: reserveDisk, byteCount: room.isShared ? ScriptedRoom.reserveByteCount : 0)
    let opened = try Self.withRoom(&reserve) { () throws(LogDiskError) in
      try LedgerOpening(disk, segmentByteCount: Self.segmentByteCount, makeEpoch: { epochs })
    }
    checkRecovered(found)
    checkCheckpoint(opened.replay, against: found)
    let damages = LedgerDamage.new(opened.log.contents, known: opened.replay.state.damages)
    pipeline = opened.pipeline(
      settings, leastUntilCheckpoint: plan.leastUntilCheckpoint, isShortOfRoom: try reserve.isShortOfRoom())
    names = settings.sites.map(\.id)
    let readings = try Self.withRoom(&reserve) { () throws(LogDiskError) in try openReadings(makeEpoch: epochs &+ 1) }
    store = LogStore(ledger: opened.takeLog(), readings: readings, reserve: reserve)
    let more = Array(found.dropFirst(acknowledged.count))
    noteDurable(more)
    perform(pipeline.handle(.started(version: "simulated", home: person.home, damages: damages), at: now))
  }

  /// Once more without the reserve, where a full disk stands in the way.
  private static func withRoom<Part: ~Copyable>(
    _ reserve: inout DiskReserve<FaultyDisk>, _ work: () throws(LogDiskError) -> Part
  ) throws(LogDiskError) -> Part {
    do throws(LogDiskError) {
      return try work()
    } catch {
      guard error.cause == .noSpace, try reserve.release() else { throw error }
      return try work()
    }
  }

  private func openReadings(makeEpoch epoch: UInt64) throws(LogDiskError) -> ReadingsLog<FaultyDisk> {
    for wrong in try stored.compare(with: readingsDisk) { violate("P2: \(wrong)") }
    let fresh = pipeline
    let readings = try ReadingsLog(
      opening: readingsDisk, sites: settings.sites.map(\.id),
      needed: fresh.ledger.neededReadings(settings.intervalLength), segmentByteCount: Self.readingsSegmentByteCount,
      makeEpoch: { epoch }, restored: { if bug != .forgottenReadings { pipeline.restore($0) } })
    checkRestored(fresh.ledger)
    pipeline.restoreReadings(from: readings.firstRecord)
    return readings
  }

  /// A stop within an interval changes nothing of it: the readings since the last boundary are there again, of each site
  /// that the configuration has or had until this start.
  private func checkRestored(_ ledger: LedgerState) {
    let configured =
      settings.sites.map(\.id) + (ledger.latestEpoch.flatMap { ledger.epochs[$0] }?.sites ?? []).map(\.id)
    for (site, instant) in stored.latest where configured.contains(site) {
      let key = SiteFlow(site: site, flow: .export)
      guard ledger.histories[key]?.baseline != nil, let latest = pipeline.ledger.histories[key]?.baseline,
        latest.instant < instant
      else { continue }
      violate("P2: the reading of \(site) at \(instant.text) was stored, and the start does not know it")
    }
  }

  private func checkRecovered(_ found: [LogRecord]) {
    guard found.count >= acknowledged.count else {
      return violate("P2: \(acknowledged.count - found.count) acknowledged records are lost")
    }
    if !found.starts(with: acknowledged) { violate("P2: acknowledged records came back changed") }
  }

  /// P6: where a start begins makes no difference to the accounts.
  private func checkCheckpoint(_ replay: LedgerReplay, against found: [LogRecord]) {
    guard replay.checkpoint != nil, replay.state.checkpoint != wholeReplay(of: found).state.checkpoint else { return }
    violate("P6: a start from the checkpoint comes to other accounts than a replay of everything")
  }

  private func wholeReplay(of records: [LogRecord], keeping kept: ClosedRange<UTCInstant>? = nil) -> LedgerReplay {
    var replay = LedgerReplay(keeping: kept)
    for (index, record) in records.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
    return replay
  }

  /// The accounts as the durable records tell them, with every interval whole, those that are settled for good too.
  var unfolded: LedgerState { wholeReplay(of: acknowledged, keeping: (Self.noon - .seconds(86_400))...now.utc).state }
}
