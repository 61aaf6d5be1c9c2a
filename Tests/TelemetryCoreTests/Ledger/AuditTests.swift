import Testing

import TelemetryCore

/// The audit finds what breaks the law, whoever broke it.
@Suite struct AuditTests {
  private static let records: [LedgerRecord] = {
    var house = House(.fixture(interval: 60))
    house.run(seconds: 400)
    return house.log.compactMap { record in
      do { return try LedgerRecord(record) } catch { return nil }
    }
  }()

  private func audit(_ records: [LedgerRecord]) -> Audit {
    var state = LedgerState()
    for (index, record) in records.enumerated() { state.apply(record, at: LogSequence(UInt64(index + 1))) }
    return Audit(of: state, recordCount: records.count, now: House.noon + .seconds(395))
  }

  private func firstSeal() throws -> Int {
    try #require(Self.records.firstIndex { $0.kind == .sealed })
  }

  @Test func aWholeLedgerIsLawful() {
    let audit = audit(Self.records)
    #expect(audit.faults == [])
    #expect(audit.series[0].owed == 7)
    #expect(audit.series[0].counts.values.reduce(0, +) == 7)
    #expect(audit.series[0].count(.accepted) == 6)
  }

  @Test func aLostSealIsAHole() throws {
    var records = Self.records
    records.remove(at: try firstSeal())
    #expect(audit(records).faults.contains { $0.kind == .hole })
  }

  @Test func aSealTwiceIsADouble() throws {
    var records = Self.records
    records.insert(records[try firstSeal()], at: try firstSeal())
    #expect(audit(records).faults.contains { $0.kind == .double })
  }

  @Test func aSealBeforeAnythingIsOwedIsNotOwed() throws {
    var records = Self.records
    guard case .sealed(var seal) = records[try firstSeal()] else { return }
    seal.reference.intervalEnding = seal.reference.intervalEnding.advanced(by: -5, .oneSecond)
    records.insert(.sealed(seal), at: try firstSeal())
    #expect(audit(records).faults.contains { $0.kind == .notOwed })
  }

  @Test func aValueThatDoesNotFollowFromItsEnergyBreaksConservation() throws {
    var records = Self.records
    guard case .sealed(var seal) = records[try firstSeal()] else { return }
    seal.value += 1
    records[try firstSeal()] = .sealed(seal)
    #expect(audit(records).faults.contains { $0.kind == .conservation })
  }

  @Test func aDroppedResidualBreaksConservation() throws {
    var house = House(.fixture(interval: 60, digits: 3))
    house.run(seconds: 400)
    var state = LedgerState()
    for (index, record) in house.log.enumerated() {
      var decoded = try LedgerRecord(record)
      if case .sealed(var seal) = decoded {
        seal.residual = .zero
        decoded = .sealed(seal)
      }
      state.apply(decoded, at: LogSequence(UInt64(index + 1)))
    }
    let audit = Audit(of: state, recordCount: house.log.count, now: house.now.utc)
    #expect(audit.faults.contains { $0.kind == .conservation })
  }

  @Test func whatIsOwedIsArithmeticAndGrowsWithTheClock() {
    var state = LedgerState()
    for (index, record) in Self.records.enumerated() {
      state.apply(record, at: LogSequence(UInt64(index + 1)))
    }
    let later = Audit(of: state, recordCount: 0, now: House.noon + .seconds(3_600))
    #expect(later.series[0].owed == 60)
    #expect(later.series[0].count(.due) == 54)
    #expect(later.isLawful)
  }
}
