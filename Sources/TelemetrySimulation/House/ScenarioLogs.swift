import TelemetryCore

/// What is given to the logs, and what is said when it is durable.
extension Scenario {
  func sync() {
    while !unwritten.isEmpty, !hasDied, !chance(30, in: 100) {
      switch unwritten.removeFirst() {
      case .commit(let records, let through): commit(records, through)
      case .checkpoint(let records, let through): commit(records, through, inNewSegment: true)
      case .store(let frame, let number, let sites): keep(frame, number, sites)
      case .name(let sites): store?.name(sites)
      case .shed(let retention): shed(by: retention)
      }
    }
  }

  private func keep(_ frame: ReadingsFrame, _ number: Int, _ sites: [SiteID]) {
    write { store throws(LogDiskError) in
      try store?.store(frame)
    } then: {
      if bug != .earlyReadings { noteStored(frame, number, sites) }
    }
  }

  /// The pipeline hears that readings are durable, and so they must be.
  func noteStored(_ frame: ReadingsFrame, _ number: Int, _ sites: [SiteID]) {
    stored.note(frame, by: sites) { site in
      pipeline.ledger.histories[SiteFlow(site: site, flow: .export)]?.baseline?.instant
    }
    send(.readingsStored(through: number))
  }

  private func shed(by retention: ReadingsRetention) {
    write { store throws(LogDiskError) in
      try store?.shed(by: retention)
    } then: {
    }
  }

  private func commit(_ records: [LogRecord], _ through: LogSequence, inNewSegment: Bool = false) {
    let bug = bug
    write { store throws(LogDiskError) in
      switch bug {
      case _ where inNewSegment: _ = try store?.beginSegment(records)
      case .skippedSync: _ = try store?.ledger.append(records)
      default: _ = try store?.commit(records)
      }
    } then: {
      noteDurable(records)
      if through.number != UInt64(acknowledged.count) {
        violate("P2: the log counts \(acknowledged.count), the pipeline \(through.number)")
      }
      send(.committed(through: through))
    }
  }

  /// Writes as the daemon's log queue does: after each piece what has happened to the disk is told, and room is made.
  private func write(
    _ work: (inout LogStore<FaultyDisk>?) throws(LogDiskError) -> Void, then report: () -> Void
  ) {
    do throws(LogDiskError) {
      try work(&store)
      for note in store?.takeNotes() ?? [] where !hasDied { hear(note) }
      guard !hasDied else { return }
      report()
      if !hasDied, bug != .skippedSync { try store?.prepare() }
    } catch {
      // A log that failed is never written to again.
      store = nil
      if bug == .fullDiskTakenForWritten, error.cause == .noSpace { report() }
      if !hasDied { die(losingPower: Bool.random(using: &random), reloading: current) }
    }
  }

  private func hear(_ note: StorageNote) {
    if case .shed(let shed) = note {
      shedCount += 1
      if let wrong = stored.note(shed) { violate("P1: \(wrong)") }
      if let open = openReadingsBegin, shed.through >= open {
        violate("P1: readings of an interval that is open are removed, through \(shed.through.text)")
      }
    }
    send(.storageNoted(note))
  }

  /// The start of the oldest interval that readings can still change; nil where nothing is judged.
  private var openReadingsBegin: UTCInstant? {
    let ledger = pipeline.ledger
    guard let judged = ledger.judgedThrough else { return nil }
    return ledger.series.values.flatMap { account in
      [account.missing.first, account.estimated.first].compactMap { $0?.start(account.length) }
    }.reduce(judged.instant, min)
  }

  func noteDurable(_ records: [LogRecord]) {
    acknowledged += records
    for record in records {
      trace.note(record.kind)
      trace.note(record.payload)
      noteSubmission(record)
    }
  }

  private func noteSubmission(_ record: LogRecord) {
    do throws(LedgerDecodingProblem) {
      switch try LedgerRecord(record) {
      case .intent(let intent): intents[intent.id] = intent
      case .attempt(let id, let number, _, _): attempts[id] = number
      case .waived: waivedCount += 1
      case .sealed(let seal) where !seal.shares.isEmpty && seal.readingsThrough > stored.through:
        violate("P2: a seal is durable before the readings up to \(seal.readingsThrough.text) that it stands on")
      default: break
      }
    } catch {
      violate("P6: a record that cannot be read: \(error)")
    }
  }
}
