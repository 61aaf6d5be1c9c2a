import Testing

import TelemetryCore

/// Whatever the configuration was changed into, how often and when: what is owed and what it comes to is what a
/// straightforward computation from the registers says, by the epoch in force at each interval's start.
@Suite struct EpochWalkTests {
  private struct Sealed {
    var seal: Seal
    var key: SeriesKey
    var epoch: ConfigurationEpoch
    var start: UTCInstant
    var unit: WireUnit
  }

  private static func walk(_ seed: UInt64) -> EpochWalk {
    var walk = EpochWalk(seed: seed)
    walk.walk(steps: 45)
    walk.settle()
    return walk
  }

  @Test(arguments: UInt64(0)..<24)
  func eachIntervalIsWhatTheEpochOfItsStartMakesOfTheRegisters(seed: UInt64) throws {
    let walk = Self.walk(seed)
    let audit = walk.house.audit
    #expect(audit.isLawful, "seed \(seed): \(audit.faults.prefix(3))")
    expectOwed(walk, seed)
    let seals = try seals(of: walk)
    for sealed in seals { expectEnergy(sealed, walk, seed) }
    expectValues(seals, seed)
    expectWhatIsMissing(walk, seed)
    expectReplay(walk, seed)
  }

  private func expectOwed(_ walk: EpochWalk, _ seed: UInt64) {
    let ledger = walk.house.pipeline.ledger
    guard let first = walk.told.first?.start else { return }
    var wrong: [String] = []
    for account in ledger.series.values {
      var start = first
      while start <= walk.house.now.utc {
        let ending = IntervalEnding(seconds: start.seconds + EpochWalk.interval, length: account.length)
        let measurements = walk.inForce(at: start)?.resources.first { $0.id == account.key.resource }?.measurements
        let isOwed = measurements?.contains { $0.type == account.key.measurement } ?? false
        if account.isOwed(ending) != isOwed { wrong.append("\(account.key) \(ending.instant.text)") }
        start = ending.instant
      }
    }
    #expect(wrong.isEmpty, "seed \(seed): owed by one and not by the other: \(wrong.prefix(3))")
    let named = Set(
      walk.told.flatMap { told in
        told.settings.resources.flatMap { resource in
          resource.measurements.map { SeriesKey(resource: resource.id, measurement: $0.type) }
        }
      })
    #expect(Set(ledger.seriesIndex.keys) == named, "seed \(seed)")
  }

  private func seals(of walk: EpochWalk) throws -> [Sealed] {
    let ledger = walk.house.pipeline.ledger
    return try walk.house.log.compactMap { record in
      guard case .sealed(let seal) = try LedgerRecord(record) else { return nil }
      let key = try #require(ledger.series[seal.reference.series]).key
      let epoch = try #require(ledger.epochs[seal.epoch])
      return Sealed(
        seal: seal, key: key, epoch: epoch, start: seal.reference.intervalEnding.start(epoch.intervalLength),
        unit: try #require(epoch.resource(key.resource)).unit)
    }
  }

  private func expectEnergy(_ sealed: Sealed, _ walk: EpochWalk, _ seed: UInt64) {
    let (seal, start, resource) = (sealed.seal, sealed.start, sealed.key.resource)
    let what = "seed \(seed): \(resource) \(sealed.key.measurement) \(seal.reference.intervalEnding.instant.text)"
    let settings = walk.inForce(at: start)
    let measurement = settings?.resources.first { $0.id == resource }?.measurements
      .first { $0.type == sealed.key.measurement }
    #expect(seal.flow == measurement?.flow, "\(what)")
    #expect(sealed.unit == settings?.channels[0].profile.unit, "\(what)")
    let members = walk.members(of: resource, from: start)
    let given = Set(seal.shares.map { sealed.epoch.sites[$0.siteRegister.site].id })
    #expect(given.isSubset(of: members.map(\.id)), "\(what): who is no member gave something")
    for member in members where !given.contains(member.id) {
      // Only who had been taken out before the interval could be judged is left out of it.
      let removal = walk.removal(of: member.id, before: seal.at)
      let wasOpen =
        removal.map { removal in removal.judged.map { $0 < seal.reference.intervalEnding } ?? true } ?? false
      #expect(wasOpen, "\(what): \(member.id) is left out; taken out \(removal?.at.text ?? "never")")
    }
    let energies = members.filter { given.contains($0.id) }.map {
      walk.meters.energy(
        $0.id, seal.flow, from: start, to: seal.reference.intervalEnding.instant,
        lossFactor: $0.lossFactors.factor(seal.flow))
    }
    #expect(seal.energy == energies.reduce(.zero, +), "\(what)")
    #expect(seal.reference.revision == 1, "\(what): with even meters nothing is ever revised")
  }

  /// Each value is the exact energy and what was left over before, to the nearest step of the interval's own unit.
  private func expectValues(_ seals: [Sealed], _ seed: UInt64) {
    var left: [SeriesKey: Int128] = [:]
    for sealed in seals {
      let step = Int128(sealed.unit.millijoules)
      let exact = Int128(sealed.seal.energy.millijoules) + (left[sealed.key] ?? 0)
      let rest = exact - Int128(sealed.seal.value) * step
      #expect(rest.magnitude * 2 <= step.magnitude, "seed \(seed): \(sealed.key)")
      #expect(rest == Int128(sealed.seal.residual.millijoules), "seed \(seed): \(sealed.key)")
      left[sealed.key] = rest
    }
  }

  /// When everybody is back, only what nobody could measure is missing.
  private func expectWhatIsMissing(_ walk: EpochWalk, _ seed: UInt64) {
    let ledger = walk.house.pipeline.ledger
    for account in ledger.series.values {
      account.forEach { ending, obligation in
        let members = walk.members(of: account.key.resource, from: ending.start(account.length))
        let what = "seed \(seed): \(account.key) \(ending.instant.text) is \(obligation.state.name)"
        #expect((obligation.state == .missing) == members.isEmpty, "\(what), \(members.map(\.id))")
      }
    }
  }

  private func expectReplay(_ walk: EpochWalk, _ seed: UInt64) {
    var replay = LedgerReplay()
    for (index, record) in walk.house.log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
    #expect(replay.state.series == walk.house.pipeline.ledger.series, "seed \(seed)")
  }

  /// So that the walks are known to go where they should.
  @Test func theWalksGoEverywhere() throws {
    var (left, missing, spread, epochs, ended) = (0, 0, 0, 0, 0)
    for seed: UInt64 in 0..<6 {
      let walk = Self.walk(seed)
      for sealed in try seals(of: walk) {
        let members = walk.members(of: sealed.key.resource, from: sealed.start)
        if members.count > sealed.seal.shares.count { left += 1 }
        if sealed.seal.quality == .estimated { spread += 1 }
        if sealed.seal.reason == .registersReturned { missing += 1 }
      }
      epochs += walk.house.pipeline.ledger.epochs.count
      ended += walk.house.log.count { $0.kind == RecordKind.owedUntil.rawValue }
    }
    #expect(left > 5, "sites that were taken out")
    #expect(missing > 50 && spread > 50, "intervals that waited")
    #expect(epochs > 75 && ended > 25, "changes")
  }
}
