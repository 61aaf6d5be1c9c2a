import TelemetrySimulation
import Testing

@testable import TelemetryCore

@Suite struct ReadingsLogTests {
  private static let everything = NeededReadings(from: UTCInstant(milliseconds: 0), earlier: [])
  private static let sites = [SiteID("north"), SiteID("south"), SiteID("west")]

  private func open(
    _ disk: MemoryDisk, sites: [SiteID] = sites, needed: NeededReadings = everything, segmentByteCount: Int = 400,
    _ restored: (StoredReading) -> Void = { _ in }
  ) throws -> ReadingsLog<MemoryDisk> {
    try ReadingsLog(
      opening: disk, sites: sites, needed: needed, segmentByteCount: segmentByteCount, makeEpoch: { 7 },
      restored: restored)
  }

  /// One reading of each site, so many seconds after noon.
  private func frame(_ second: Int, sites: Int = 3) -> ReadingsFrame {
    let milliseconds = Int64(second) * 1_000
    let readings = (0..<sites).map {
      ReadingsFixture.reading($0, milliseconds - 40 * Int64(3 - $0), export: UInt64(1_000 * second + $0))
    }
    var clock = ReadingsFixture.clock
    clock.moment.utc = House.noon + Milliseconds(milliseconds)
    return ReadingsFrame(clock: clock, readings: readings)
  }

  private func filled(_ disk: MemoryDisk, seconds: ClosedRange<Int>) throws -> ReadingsLog<MemoryDisk> {
    var log = try open(disk)
    for second in seconds { try log.store(frame(second)) }
    return log
  }

  private func readings(_ disk: MemoryDisk, needed: NeededReadings = everything) throws -> [StoredReading] {
    var readings: [StoredReading] = []
    _ = try open(disk, needed: needed) { readings.append($0) }
    return readings
  }

  private func retention(before second: Int, keepFrom: Int = -1_000_000, cap: Int = .max) -> ReadingsRetention {
    ReadingsRetention(
      mayShedBefore: House.noon + .seconds(Int64(second)), keepFrom: House.noon + .seconds(Int64(keepFrom)), cap: cap)
  }

  @Test func whatWasStoredComesBackWithTheNamesOfItsSites() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...50)
    disk.crash(.losesUnsynced)
    let expected = (1...50).flatMap { frame($0).named(by: Self.sites) }
    #expect(try readings(disk) == expected)
  }

  @Test func aReadingKeepsItsSiteWhenTheListIsEditedWhileTheLogIsOpen() throws {
    let disk = MemoryDisk()
    var log = try filled(disk, seconds: 1...3)
    let edited = [SiteID("west"), SiteID("east"), SiteID("north")]
    log.name(edited)
    for second in 4...50 { try log.store(frame(second)) }
    let expected =
      (1...3).flatMap { frame($0).named(by: Self.sites) } + (4...50).flatMap { frame($0).named(by: edited) }
    #expect(try readings(disk) == expected)
  }

  @Test func aReadingKeepsItsSiteWhenTheConfigurationChanges() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...3)
    var changed = try open(disk, sites: [SiteID("west"), SiteID("east")])
    try changed.store(frame(4, sites: 2))
    let last = try readings(disk).map(\.site.name)
    #expect(last == ["north", "south", "west", "north", "south", "west", "north", "south", "west", "west", "east"])
  }

  /// So each one can be read when those before it are gone.
  @Test func everySegmentBeginsWithTheNames() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...50)
    let names = try LogContents.segmentNames(on: disk)
    #expect(names.count > 10)
    for name in names {
      let first = try #require(LogContents.head(of: name, on: disk).first)
      #expect(try ReadingsRecord(first) == .sites(Self.sites))
    }
  }

  // MARK: Starts

  @Test func aStartReadsNoMoreThanTheSegmentsThatItNeeds() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...300)
    let names = try LogContents.segmentNames(on: disk)
    try #require(names.count > 60)
    let instant = { (second: Int64) in House.noon + .seconds(second) }
    let needed = NeededReadings(from: instant(290), earlier: [instant(40)...instant(45)])
    let found = try readings(disk, needed: needed)
    for second in Array(41...45) + Array(291...300) {
      #expect(frame(second).named(by: Self.sites).allSatisfy { found.contains($0) }, "second \(second)")
    }
    #expect(!found.contains { $0.instant < instant(38) })
    disk.fail(atOperation: 100_000, .before)
    _ = try open(disk, needed: NeededReadings(from: instant(299), earlier: []))
    #expect(disk.operationCount < 2 * names.count, "names and lengths, and no more")
  }

  /// A stop can come between the new segment and its first frame.
  @Test func aSegmentWithoutAFrameHidesNoneThatAreNeeded() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...50)
    let next = try open(disk).contents.plan.nextSequence
    let header = SegmentHeader(epoch: 8, segmentFirstSequence: next, followsCut: nil, isPacked: true)
    disk.place(header.bytes, as: SegmentName(next).fileName)
    let found = try readings(disk, needed: NeededReadings(from: House.noon + .seconds(48), earlier: []))
    for second in 48...50 {
      #expect(frame(second).named(by: Self.sites).allSatisfy { found.contains($0) }, "second \(second)")
    }
  }

  @Test func aSegmentThatIsLostCostsItsReadingsAndNothingElse() throws {
    let disk = MemoryDisk()
    _ = try filled(disk, seconds: 1...50)
    let names = try LogContents.segmentNames(on: disk)
    disk.lose(names[4].fileName)
    let found = Set(try readings(disk).map(\.instant.seconds))
    #expect(found.count > 40 && found.count < 50)
    #expect(found.contains(House.noon.seconds + 49))
  }

  // MARK: Shedding

  @Test func theOldestSegmentGoesFirstAndWhatWasInItIsTold() throws {
    let disk = MemoryDisk()
    var log = try filled(disk, seconds: 1...50)
    let names = try LogContents.segmentNames(on: disk)
    let before = try readings(disk)
    let length = try log.byteCount()
    let shed = try #require(try log.shedOldest(by: retention(before: 50, keepFrom: 50), diskIsFull: false))
    let after = try readings(disk)
    #expect(shed.reason == .age)
    #expect(shed.lastRecord == LogSequence(names[1].segmentFirstSequence.number - 1))
    #expect(shed.readingCount == before.count - after.count)
    #expect(shed.from == before.map(\.instant).min())
    #expect(shed.through == before.prefix(shed.readingCount).map(\.instant).max())
    #expect(try log.byteCount() == length - shed.byteCount)
    #expect(try LogContents.segmentNames(on: disk) == Array(names.dropFirst()))
    #expect(log.firstRecord == names[1].segmentFirstSequence)
  }

  @Test func nothingThatAnOpenIntervalNeedsIsEverShed() throws {
    for second in 1...30 {
      let disk = MemoryDisk()
      var log = try filled(disk, seconds: 1...40)
      let limit = House.noon + .seconds(Int64(second))
      let rule = retention(before: second, keepFrom: 40, cap: 0)
      while let shed = try log.shedOldest(by: rule, diskIsFull: second.isMultiple(of: 2)) {
        #expect(shed.through < limit)
      }
      let left = try readings(disk).filter { $0.instant >= limit }
      #expect(left.count == (1...40).flatMap { frame($0).readings }.count { $0.instant >= limit })
    }
  }

  @Test func readingsAreShedForAgeOrForTheCapAndForNothingElse() throws {
    let disk = MemoryDisk()
    var log = try filled(disk, seconds: 1...50)
    #expect(try log.shedOldest(by: retention(before: 50), diskIsFull: false) == nil)
    let cap = try log.byteCount() - 1
    #expect(try log.shedOldest(by: retention(before: 50, cap: cap), diskIsFull: false)?.reason == .cap)
    #expect(try log.shedOldest(by: retention(before: 50, cap: cap), diskIsFull: false) == nil)
    #expect(try log.shedOldest(by: retention(before: 50), diskIsFull: true)?.reason == .fullDisk)
  }

  @Test func theSegmentThatIsWrittenToStays() throws {
    let disk = MemoryDisk()
    var log = try open(disk, segmentByteCount: 1 << 20)
    for second in 1...50 { try log.store(frame(second)) }
    #expect(try log.shedOldest(by: retention(before: 100, keepFrom: 100, cap: 0), diskIsFull: true) == nil)
  }
}
