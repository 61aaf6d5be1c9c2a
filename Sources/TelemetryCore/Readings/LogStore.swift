/// Both logs and the reserve: what is written in the order in which the pipeline decides it, and what is done when the disk
/// is full.
///
/// A commit that finds no room sheds readings that may be shed, else releases the reserve, and is then made again in a
/// new segment. Where nothing is left to give, it fails, and the process ends.
package struct LogStore<Disk: LogDisk & ~Copyable>: ~Copyable {
  package var ledger: SegmentLog<Disk>
  package var readings: ReadingsLog<Disk>
  private var reserve: DiskReserve<Disk>
  /// What may be shed, as the pipeline said last; nil until it has.
  private var retention: ReadingsRetention?
  private var isOverCap = false
  /// The disk was full, and the reserve is not back since.
  private var wasFull = false
  private var hasSaidNoRoom = false
  private var notes: [StorageNote] = []

  package init(
    ledger: consuming SegmentLog<Disk>, readings: consuming ReadingsLog<Disk>, reserve: consuming DiskReserve<Disk>
  ) {
    self.ledger = ledger
    self.readings = readings
    self.reserve = reserve
  }

  /// What has happened to the disk since this was asked last.
  package mutating func takeNotes() -> [StorageNote] {
    defer { notes = [] }
    return notes
  }

  // MARK: Writing

  /// Returns when the readings are durable.
  package mutating func store(_ frame: ReadingsFrame) throws(LogDiskError) {
    do throws(LogDiskError) {
      try readings.store(frame)
    } catch {
      try makeRoom(after: error)
      try againUntilThereIsRoom { store throws(LogDiskError) in try store.readings.restore(frame) }
    }
  }

  /// What is stored from here on names sites by their places in this list.
  package mutating func name(_ sites: [SiteID]) { readings.name(sites) }

  /// Returns the number of the last record when all of them are durable.
  package mutating func commit(_ records: [LogRecord]) throws(LogDiskError) -> LogSequence {
    do throws(LogDiskError) {
      return try ledger.commit(records).upperBound
    } catch {
      try makeRoom(after: error)
      var last = ledger.nextSequence
      try againUntilThereIsRoom { store throws(LogDiskError) in last = try store.ledger.recommit(records).upperBound }
      return last
    }
  }

  /// Goes on in a new segment of the ledger that begins with these records, each a frame of its own, and returns the
  /// number of the last when all of them are durable.
  package mutating func beginSegment(_ records: [LogRecord]) throws(LogDiskError) -> LogSequence {
    do throws(LogDiskError) {
      return try ledger.commitInNewSegment(records).upperBound
    } catch {
      try makeRoom(after: error)
      var last = ledger.nextSequence
      try againUntilThereIsRoom { store throws(LogDiskError) in
        last = try store.ledger.recommitInNewSegment(records).upperBound
      }
      return last
    }
  }

  /// Each turn frees something, so there is a last one.
  private mutating func againUntilThereIsRoom(
    _ work: (inout LogStore) throws(LogDiskError) -> Void
  ) throws(LogDiskError) {
    while true {
      do throws(LogDiskError) {
        return try work(&self)
      } catch {
        try makeRoom(after: error)
      }
    }
  }

  // MARK: Room

  /// Throws the error again where it is another one, or nothing is left to give.
  private mutating func makeRoom(after error: LogDiskError) throws(LogDiskError) {
    guard error.cause == .noSpace else { throw error }
    wasFull = true
    if let retention, let shed = try readings.shedOldest(by: retention, diskIsFull: true) {
      notes.append(.shed(shed))
    } else if try reserve.release() {
      notes.append(.reserveReleased(byteCount: reserve.wantedByteCount))
    } else {
      throw error
    }
  }

  /// What is done between commits: zeros ahead of the frames, and the reserve a part at a time.
  package mutating func prepare() throws(LogDiskError) {
    do throws(LogDiskError) {
      try ledger.fillAhead()
      try readings.fillAhead()
      try prepareReserve()
    } catch {
      // The next commit finds out whether there is room for it.
      guard error.cause == .noSpace else { throw error }
    }
  }

  private mutating func prepareReserve() throws(LogDiskError) {
    guard reserve.isWanted, !reserve.isThere else { return }
    guard try reserve.hasPlentyOfRoom() else {
      if !hasSaidNoRoom, !wasFull { notes.append(.noRoomForReserve(byteCount: reserve.wantedByteCount)) }
      hasSaidNoRoom = true
      return
    }
    guard try reserve.makeMore() else { return }
    if wasFull || hasSaidNoRoom { notes.append(.reserveIsBack(byteCount: reserve.wantedByteCount)) }
    hasSaidNoRoom = false
    wasFull = false
  }

  /// Sheds what is too old, or too much; what is too much and may not be shed is told once.
  package mutating func shed(by retention: ReadingsRetention) throws(LogDiskError) {
    self.retention = retention
    while let shed = try readings.shedOldest(by: retention, diskIsFull: false) { notes.append(.shed(shed)) }
    let byteCount = try readings.byteCount()
    if byteCount > retention.cap, !isOverCap { notes.append(.overCap(byteCount: byteCount)) }
    isOverCap = byteCount > retention.cap
  }
}

extension LogStore: Sendable where Disk: Sendable, Disk: ~Copyable {}

/// What has happened to the room on the disk.
package enum StorageNote: Hashable, Sendable {
  case shed(ReadingsShed)
  /// The readings log is longer than its cap, and nothing of it may be shed.
  case overCap(byteCount: Int)
  /// The disk was full, and the reserve is used up.
  case reserveReleased(byteCount: Int)
  /// The disk has room, and the reserve is there again.
  case reserveIsBack(byteCount: Int)
  /// The disk has too little room to keep some of it as a reserve.
  case noRoomForReserve(byteCount: Int)
}
