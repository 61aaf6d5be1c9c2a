/// The log of the readings, beside the ledger: group commits of what was read, removed from its old end by rule.
package struct ReadingsLog<Disk: LogDisk & ~Copyable>: ~Copyable {
  private var log: SegmentLog<Disk>
  private var encoder = ReadingsEncoder()
  private var sites: [SiteID]
  /// Whether the list of sites is in the log since it was opened.
  private var areSitesNamed = false
  /// Oldest first, the one that is written to last.
  private var segments: [Segment]

  private struct Segment: Sendable {
    var name: SegmentName
    /// Of the last one: when it was last counted.
    var byteCount: Int
  }

  /// What was found in the oldest segment.
  private struct Oldest: Sendable {
    var name: SegmentName
    var lastRecord: LogSequence
    var from: UTCInstant
    var through: UTCInstant
    var readingCount: Int
  }

  private var oldest: Oldest?

  /// What opening found in the part that it read.
  package var contents: LogContents { log.contents }

  /// Opens the log, whatever state it is in, and gives back the readings that a start needs.
  ///
  /// - Parameters:
  ///   - disk: the log's directory, which nobody else writes to
  ///   - sites: the sites of the configuration, by their places in it
  ///   - needed: which readings are given back; older segments are not even read
  ///   - segmentByteCount: a segment is not made longer than this
  ///   - makeEpoch: a random number for each new segment
  ///   - restored: called with each reading, those of one site in the order in which they came
  /// - Throws: when the disk fails. Damage is no error; it is in ``contents``.
  package init(
    opening disk: consuming Disk, sites: [SiteID], needed: NeededReadings, segmentByteCount: Int = 16 << 20,
    makeEpoch: @escaping @Sendable () -> UInt64, restored: (StoredReading) -> Void
  ) throws(LogDiskError) {
    let heads = ReadingsHeads(names: try LogContents.segmentNames(on: disk))
    for name in try heads.segments(with: needed.earlier, on: disk) {
      try Self.restore(name, on: disk, needed, restored)
    }
    var replay = ReadingsReplay()
    let log = try SegmentLog(
      opening: disk, segmentByteCount: segmentByteCount, isPacked: true, makeEpoch: makeEpoch,
      from: try heads.last(startingBefore: needed.from, on: disk)
    ) { sequence, record in
      if record.storedAt.map({ needed.includes(storedAt: $0) }) ?? true { replay.take(sequence, record, restored) }
    }
    var segments: [Segment] = []
    for name in log.contents.segments where name != log.currentSegment {
      segments.append(Segment(name: name, byteCount: try log.byteCount(of: name)))
    }
    segments.append(Segment(name: log.currentSegment, byteCount: try log.byteCount(of: log.currentSegment)))
    self.segments = segments
    self.sites = sites
    self.log = log
  }

  private static func restore(
    _ name: SegmentName, on disk: borrowing Disk, _ needed: NeededReadings, _ restored: (StoredReading) -> Void
  ) throws(LogDiskError) {
    guard let (scan, bytes) = try LogContents.scan(name, on: disk) else { return }
    var replay = ReadingsReplay()
    for frame in scan.frames {
      LogContents.deliver(frame, of: bytes) { sequence, record in
        if record.storedAt.map({ needed.includes(storedAt: $0) }) ?? true { replay.take(sequence, record, restored) }
      }
    }
  }

  // MARK: Storing

  /// What is stored from here on names sites by their places in this list.
  package mutating func name(_ sites: [SiteID]) {
    self.sites = sites
    areSitesNamed = false
  }

  /// Writes the readings as one frame and returns when they are durable.
  package mutating func store(_ frame: ReadingsFrame) throws(LogDiskError) {
    try store(encoder.encode(frame)) { log, records throws(LogDiskError) in _ = try log.commit(records) }
  }

  /// Stores in a new segment what could not be stored for want of room.
  package mutating func restore(_ frame: ReadingsFrame) throws(LogDiskError) {
    areSitesNamed = false
    try store(encoder.encode(frame)) { log, records throws(LogDiskError) in _ = try log.recommit(records) }
  }

  /// Places mean something only where the list of sites has been named: at the head of each segment, and once more after
  /// each opening and each ``name(_:)``, since the configuration may have changed.
  private mutating func store(
    _ record: LogRecord, _ write: (inout SegmentLog<Disk>, [LogRecord]) throws(LogDiskError) -> Void
  ) throws(LogDiskError) {
    let namesSites = !areSitesNamed || log.beginsSegment(with: [record])
    try write(&log, namesSites ? [ReadingsRecord.encode(sites), record] : [record])
    areSitesNamed = true
    guard let last = segments.last, last.name != log.currentSegment else { return }
    if last.name < log.currentSegment { segments[segments.count - 1].byteCount = try log.byteCount(of: last.name) }
    segments.append(Segment(name: log.currentSegment, byteCount: 0))
  }

  /// Keeps zeros ahead of the frames, as `SegmentLog.fillAhead(_:)` says.
  package mutating func fillAhead() throws(LogDiskError) { try log.fillAhead() }

  // MARK: Room

  /// Bytes of all segments.
  package func byteCount() throws(LogDiskError) -> Int {
    try segments.dropLast().reduce(log.byteCount(of: log.currentSegment)) { $0 + $1.byteCount }
  }

  /// The number of the first record that the log still has room for.
  package var firstRecord: LogSequence { segments[0].name.segmentFirstSequence }

  /// Removes the oldest segment where the rules allow it and there is a reason; nil where not.
  package mutating func shedOldest(by retention: ReadingsRetention, diskIsFull: Bool) throws(LogDiskError)
    -> ReadingsShed?
  {
    guard segments.count > 1, let oldest = try readOldest(), oldest.through < retention.mayShedBefore else {
      return nil
    }
    let reason: ReadingsShed.Reason
    if diskIsFull {
      reason = .fullDisk
    } else if oldest.through < retention.keepFrom {
      reason = .age
    } else if try byteCount() > retention.cap {
      reason = .cap
    } else {
      return nil
    }
    try log.shed(oldest.name)
    self.oldest = nil
    return ReadingsShed(
      reason: reason, lastRecord: oldest.lastRecord, from: oldest.from, through: oldest.through,
      readingCount: oldest.readingCount, byteCount: segments.removeFirst().byteCount)
  }

  /// Read once, and only when it is the oldest one's turn; what is damaged in it is not counted.
  private mutating func readOldest() throws(LogDiskError) -> Oldest? {
    let name = segments[0].name
    if let oldest, oldest.name == name { return oldest }
    guard let (scan, bytes) = try log.scan(name), let next = try log.start(of: segments[1].name) else { return nil }
    var (count, from, through) = (0, UTCInstant?.none, UTCInstant?.none)
    var replay = ReadingsReplay()
    for frame in scan.frames {
      LogContents.deliver(frame, of: bytes) { sequence, record in
        replay.take(sequence, record) { reading in
          count += 1
          from = min(from ?? reading.instant, reading.instant)
          through = max(through ?? reading.instant, reading.instant)
        }
      }
    }
    // Where nothing in it can be read, nothing in it is younger than what comes after it.
    oldest = Oldest(
      name: name, lastRecord: LogSequence(segments[1].name.segmentFirstSequence.number - 1), from: from ?? next,
      through: through ?? next, readingCount: count)
    return oldest
  }
}

extension ReadingsLog: Sendable where Disk: Sendable, Disk: ~Copyable {}
