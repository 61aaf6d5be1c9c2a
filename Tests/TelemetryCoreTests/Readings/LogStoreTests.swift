import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// Both logs and the reserve on one volume that fills up.
@Suite struct LogStoreTests {
  private final class Disks {
    let volume: MemoryVolume
    let ledger: MemoryDisk
    let readings: MemoryDisk
    let root: MemoryDisk

    init(capacity: Int) {
      volume = MemoryVolume(capacity: capacity)
      ledger = MemoryDisk(on: volume)
      readings = MemoryDisk(on: volume)
      root = MemoryDisk(on: volume)
    }

    var all: [MemoryDisk] { [ledger, readings, root] }
    var hasReserve: Bool { root.contents(of: "reserve") != nil }
  }

  private static let sites = [SiteID("north")]
  private static let segmentByteCount = 1_000

  /// The ledger is packed here, so that a disk of some thousand bytes has room for many frames.
  private func open(
    _ disks: Disks, reserve: Int = 3_000, _ recovered: Recovered = Recovered(),
    _ restored: (StoredReading) -> Void = { _ in }
  ) throws -> LogStore<MemoryDisk> {
    LogStore(
      ledger: try SegmentLog(
        opening: disks.ledger, segmentByteCount: Self.segmentByteCount, isPacked: true, makeEpoch: { 1 },
        recovered: recovered.take),
      readings: try ReadingsLog(
        opening: disks.readings, sites: Self.sites,
        needed: NeededReadings(from: UTCInstant(milliseconds: 0), earlier: []),
        segmentByteCount: Self.segmentByteCount, makeEpoch: { 2 }, restored: restored),
      reserve: try DiskReserve(on: disks.root, byteCount: reserve))
  }

  private func frame(_ second: Int) -> ReadingsFrame {
    var frame = ReadingsFixture.frame([ReadingsFixture.reading(0, Int64(second) * 1_000, export: UInt64(second))])
    frame.clock.moment.utc = House.noon + .seconds(Int64(second))
    return frame
  }

  private func retention(before second: Int, cap: Int = .max) -> ReadingsRetention {
    ReadingsRetention(
      mayShedBefore: House.noon + .seconds(Int64(second)), keepFrom: UTCInstant(milliseconds: 0), cap: cap)
  }

  @Test func theReserveIsMadeInTheBackgroundWhereThereIsPlentyOfRoom() throws {
    let disks = Disks(capacity: 30_000_000)
    var store = try open(disks, reserve: 3_000_000)
    for turn in 1...3 {
      try store.prepare()
      #expect(disks.hasReserve == (turn == 3), "a part at a time")
    }
    #expect(disks.root.contents(of: "reserve")?.count == 3_000_000)
    #expect(store.takeNotes().isEmpty)
    var again = try open(disks, reserve: 1_000)
    #expect(!disks.hasReserve, "one of another size is made anew")
    try again.prepare()
    #expect(disks.root.contents(of: "reserve")?.count == 1_000)
  }

  @Test func withoutRoomForAReserveThereIsNoneAndThatIsSaidOnce() throws {
    let disks = Disks(capacity: 5_000)
    var store = try open(disks)
    for _ in 1...5 { try store.prepare() }
    #expect(store.takeNotes() == [.noRoomForReserve(byteCount: 3_000)])
    #expect(!disks.hasReserve)
  }

  /// Fills the disk with a commit of each a second, until it stops.
  private func run(
    _ store: inout LogStore<MemoryDisk>, _ disks: Disks, seconds: ClosedRange<Int>, judging: Int? = nil
  ) throws -> (stored: [Int], committed: [Int], notes: [StorageNote], error: LogDiskError?) {
    var (stored, committed, notes) = ([Int](), [Int](), [StorageNote]())
    do throws(LogDiskError) {
      for second in seconds {
        try store.store(frame(second))
        stored.append(second)
        let next = Int(store.ledger.nextSequence.number)
        #expect(try store.commit([LogFixture.record(next)]) == LogSequence(UInt64(next)))
        committed.append(next)
        if let judging { try store.shed(by: retention(before: second - judging)) }
        try store.prepare()
        notes += store.takeNotes()
      }
    } catch {
      return (stored, committed, notes + store.takeNotes(), error)
    }
    return (stored, committed, notes, nil)
  }

  private func expectKept(_ disks: Disks, stored: [Int], committed: [Int], sheddingThrough last: Int = 0) throws {
    for disk in disks.all { disk.crash(.losesUnsynced) }
    disks.volume.capacity += 10_000
    let recovered = Recovered()
    var seconds: Set<Int> = []
    let store = try open(disks, recovered) { seconds.insert(Int($0.instant.seconds - House.noon.seconds)) }
    #expect(recovered.order.starts(with: committed))
    #expect(recovered.isFaithful)
    #expect(Set(stored.filter { $0 > last }).isSubset(of: seconds))
    #expect(store.ledger.contents.plan.damage.isEmpty)
  }

  @Test func aFullDiskTakesTheReserveFirstAndStopsWhenThatIsUsedUp() throws {
    let disks = Disks(capacity: 16_000)
    var store = try open(disks)
    try store.prepare()
    #expect(disks.hasReserve)
    let run = try run(&store, disks, seconds: 1...1_000)
    #expect(run.error?.cause == .noSpace)
    #expect(run.notes == [.reserveReleased(byteCount: 3_000)])
    #expect(!disks.hasReserve)
    #expect(run.stored.count > 50)
    try expectKept(disks, stored: run.stored, committed: run.committed)
  }

  @Test func readingsThatMayBeShedGoBeforeTheReserveDoes() throws {
    let disks = Disks(capacity: 35_000)
    var store = try open(disks)
    try store.prepare()
    let run = try run(&store, disks, seconds: 1...300, judging: 10)
    #expect(run.error == nil)
    let shed = run.notes.compactMap { if case .shed(let shed) = $0 { shed } else { nil } }
    #expect(shed.count > 2)
    #expect(shed.allSatisfy { $0.reason == .fullDisk })
    #expect(run.notes.count == shed.count, "the reserve is not touched")
    let through = shed.map { Int($0.through.seconds - House.noon.seconds) }.max() ?? 0
    try expectKept(disks, stored: run.stored, committed: run.committed, sheddingThrough: through)
  }

  @Test func whenThereIsRoomAgainTheReserveComesBackAndThatIsSaid() throws {
    let disks = Disks(capacity: 16_000)
    var store = try open(disks)
    try store.prepare()
    var second = 0
    var notes: [StorageNote] = []
    while notes.isEmpty {
      second += 1
      notes = try run(&store, disks, seconds: second...second).notes
    }
    #expect(notes == [.reserveReleased(byteCount: 3_000)])
    disks.volume.capacity = 1_000_000
    let later = try run(&store, disks, seconds: (second + 1)...(second + 20))
    #expect(later.error == nil)
    #expect(later.notes == [.reserveIsBack(byteCount: 3_000)])
    #expect(disks.hasReserve)
  }

  @Test func aLogOverItsCapThatMayNotBeShedGoesOnAndIsToldOnce() throws {
    let disks = Disks(capacity: 1_000_000)
    var store = try open(disks, reserve: 0)
    _ = try run(&store, disks, seconds: 1...100)
    for _ in 1...3 { try store.shed(by: retention(before: 0, cap: 2_000)) }
    let notes = store.takeNotes()
    #expect(notes.count == 1)
    guard case .overCap(let byteCount) = notes[0] else { return #expect(Bool(false), "it is over its cap") }
    #expect(byteCount > 2_000)
    try store.shed(by: retention(before: 90, cap: 2_000))
    #expect(try store.readings.byteCount() <= 2_000)
    #expect(store.takeNotes().allSatisfy { if case .shed(let shed) = $0 { shed.reason == .cap } else { false } })
  }

  @Test func anErrorThatIsNoWantOfRoomEndsIt() throws {
    let disks = Disks(capacity: 1_000_000)
    var store = try open(disks)
    try store.prepare()
    disks.ledger.fail(atOperation: 1, .before)
    #expect(throws: LogDiskError.self) { _ = try store.commit(LogFixture.records(1...1)) }
    #expect(disks.hasReserve)
    #expect(store.takeNotes().isEmpty)
  }

  /// A disk that fills up, is freed, and loses its power at any moment.
  @Test(arguments: UInt64(0)..<60) func whateverIsAcknowledgedOnAFullDiskSurvivesPowerCuts(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let isPacked = seed.isMultiple(of: 2)
    let disks = Disks(capacity: Int.random(in: 6_000...20_000, using: &random) * (isPacked ? 1 : 12))
    var (stored, committed, second, shedThrough) = ([Int](), [Int](), 0, 0)
    for _ in 1...4 {
      let recovered = Recovered()
      var seconds: Set<Int> = []
      var store: LogStore<MemoryDisk>
      do throws(LogDiskError) {
        store = try LogStore(
          ledger: SegmentLog(
            opening: disks.ledger, segmentByteCount: isPacked ? Self.segmentByteCount : 30_000, isPacked: isPacked,
            makeEpoch: { 1 }, recovered: recovered.take),
          readings: ReadingsLog(
            opening: disks.readings, sites: Self.sites,
            needed: NeededReadings(from: UTCInstant(milliseconds: 0), earlier: []),
            segmentByteCount: Self.segmentByteCount, makeEpoch: { 2 },
            restored: { seconds.insert(Int($0.instant.seconds - House.noon.seconds)) }),
          reserve: DiskReserve(on: disks.root, byteCount: 1_500))
      } catch {
        disks.volume.capacity += 4_000
        continue
      }
      #expect(Set(committed).isSubset(of: recovered.order), "seed \(seed)")
      #expect(recovered.isFaithful, "seed \(seed)")
      #expect(Set(stored.filter { $0 > shedThrough }).isSubset(of: seconds), "seed \(seed)")
      let count = Int.random(in: 5...80, using: &random)
      let run = try run(&store, disks, seconds: (second + 1)...(second + count), judging: 20)
      second += count
      stored += run.stored
      committed += run.committed
      for case .shed(let shed) in run.notes {
        shedThrough = max(shedThrough, Int(shed.through.seconds - House.noon.seconds))
      }
      for disk in disks.all { disk.crash(using: &random) }
      disks.volume.capacity += Int.random(in: -1_000...3_000, using: &random)
    }
  }
}
