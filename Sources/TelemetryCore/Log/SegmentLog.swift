/// A log that is open for appending: the only way by which records come to a disk.
///
/// Opening is recovering: it reads what is there, keeps the bytes of what is damaged, and goes on behind it. A frame is
/// durable when ``sync()`` has returned, and at most one frame is not, so that a power cut costs at most one. No write
/// touches a block in which there are frames already, unless the log is packed. After an
/// error nothing is tried again on that segment: what the disk did then is unknown, and a second sync would report
/// success for lost bytes. Where the disk was full, ``recommit(_:)`` goes on in a new segment. After any other error
/// the process that owns the log ends, and the next opening finds out what is there.
package struct SegmentLog<Disk: LogDisk & ~Copyable>: ~Copyable {
  /// What opening found.
  package let contents: LogContents
  /// The number that the next record gets.
  package private(set) var nextSequence: LogSequence
  /// Every record below this number is durable.
  package private(set) var durableBefore: LogSequence

  var disk: Disk
  let segmentByteCount: Int
  let isPacked: Bool
  private let makeEpoch: @Sendable () -> UInt64
  var place: Place
  private var previousChecksum: UInt32
  /// Where the log stood when everything in it was durable.
  private var durable: (end: Int, checksum: UInt32)
  var hasFailed = false

  /// Opens the log on a disk, whatever state it is in.
  ///
  /// - Parameters:
  ///   - disk: the log's directory, which nobody else writes to
  ///   - segmentByteCount: a segment is not made longer than this, unless by its only frame
  ///   - isPacked: frames follow each other directly, and a power cut may cost those before the last one in its block
  ///   - makeEpoch: a random number for each new segment
  ///   - first: segments before this one are not read, and nothing is known of them; nil for all
  ///   - recovered: called with each record of the log, in order
  /// - Throws: when the disk fails. Damage is no error; it is in ``contents``.
  package init(
    opening disk: consuming Disk, segmentByteCount: Int = 16 << 20, isPacked: Bool = false,
    makeEpoch: @escaping @Sendable () -> UInt64, from first: SegmentName? = nil,
    recovered: (LogSequence, LogRecord) -> Void
  ) throws(LogDiskError) {
    precondition(
      (0...LogScan.segmentByteLimit / 2).contains(segmentByteCount),
      "a segment and one frame more are within what a scan reads")
    let contents = try LogContents(of: disk, from: first, recovered: recovered)
    try contents.keepEvidence(on: &disk)
    var place = try Self.goOn(contents.plan, isPacked, on: &disk, makeEpoch)
    try contents.cutTails(on: &disk)
    try contents.makeDurable(on: &disk)
    if let last = contents.plan.lastFrame { place.note(last) }

    self.place = place
    previousChecksum = contents.plan.lastFrame?.frame.checksum ?? 0
    durable = (place.endOfFrames, previousChecksum)
    nextSequence = contents.plan.nextSequence
    durableBefore = contents.plan.nextSequence
    self.contents = contents
    self.disk = disk
    self.segmentByteCount = segmentByteCount
    self.isPacked = isPacked
    self.makeEpoch = makeEpoch
  }

  /// Writes the records as one frame, not yet durable.
  ///
  /// A frame written before and not yet synced is synced first.
  ///
  /// - Precondition: there are records, together within ``FrameHeader/payloadByteLimit``; no append or sync has failed.
  /// - Returns: the numbers of the records.
  package mutating func append(_ records: [LogRecord]) throws(LogDiskError) -> ClosedRange<LogSequence> {
    try sync()
    let first = nextSequence
    try orFail { log throws(LogDiskError) in
      if log.isFull(for: CommitFrame.byteCount(records)) { try log.roll() }
      let frame = CommitFrame.encode(
        records, firstSequence: first, epoch: log.place.epoch, previousChecksum: log.previousChecksum)
      let range = log.range(for: frame.count)
      try log.disk.write(frame.padded(to: range.count), to: log.place.segment.fileName, at: range.lowerBound)
      log.place.endOfFrames = range.upperBound
      log.place.endOfFile = max(log.place.endOfFile, range.upperBound)
      log.previousChecksum = CommitFrame.checksum(of: frame)
      log.nextSequence = first.advanced(by: UInt64(records.count))
    }
    return first...LogSequence(nextSequence.number - 1)
  }

  /// Returns when every record that was appended is durable.
  ///
  /// - Precondition: no append or sync has failed.
  package mutating func sync() throws(LogDiskError) {
    precondition(!hasFailed, "reopen the log after a failed append or sync")
    guard durableBefore < nextSequence else { return }
    try orFail { log throws(LogDiskError) in try log.disk.sync(log.place.segment.fileName) }
    durableBefore = nextSequence
    durable = (place.endOfFrames, previousChecksum)
  }

  /// Appends the records and returns when they are durable.
  package mutating func commit(_ records: [LogRecord]) throws(LogDiskError) -> ClosedRange<LogSequence> {
    let sequences = try append(records)
    try sync()
    return sequences
  }

  /// Whether these records would be the first of a segment.
  package func beginsSegment(with records: [LogRecord]) -> Bool {
    place.endOfFrames == SegmentHeader.byteCount || isFull(for: CommitFrame.byteCount(records))
  }

  /// Commits in a new segment what was to be committed when there was no room.
  ///
  /// What of it came to the old segment is cut off first, so that no record is in the log twice.
  ///
  /// - Precondition: the commit of these records, or of some of them, has just failed.
  package mutating func recommit(_ records: [LogRecord]) throws(LogDiskError) -> ClosedRange<LogSequence> {
    try takeBack()
    try roll()
    hasFailed = false
    return try commit(records)
  }

  /// Goes on in a new segment, whose first frames these records are, each in one of its own; durable on return.
  ///
  /// The segment appears with all of them or not at all: a crash leaves the old one going on, or this one whole.
  ///
  /// - Precondition: as ``append(_:)``
  package mutating func commitInNewSegment(_ records: [LogRecord]) throws(LogDiskError) -> ClosedRange<LogSequence> {
    precondition(!records.isEmpty, "a segment to begin with records")
    try sync()
    let first = nextSequence
    try orFail { log throws(LogDiskError) in
      let epoch = log.makeEpoch()
      let frames = log.frames(of: records, epoch)
      log.place = try Self.publish(
        SegmentName(first), followsCut: log.stillFollowsCut, log.isPacked, epoch, frames: frames.bytes, on: &log.disk)
      log.previousChecksum = frames.lastChecksum
      log.nextSequence = first.advanced(by: UInt64(records.count))
      log.durableBefore = log.nextSequence
      log.durable = (log.place.endOfFrames, log.previousChecksum)
    }
    return first...LogSequence(nextSequence.number - 1)
  }

  /// The same where the last attempt found no room.
  ///
  /// - Precondition: the commit of these records in a new segment has just failed.
  package mutating func recommitInNewSegment(
    _ records: [LogRecord]
  ) throws(LogDiskError) -> ClosedRange<LogSequence> {
    try takeBack()
    hasFailed = false
    return try commitInNewSegment(records)
  }

  /// Goes back to what is durable.
  private mutating func takeBack() throws(LogDiskError) {
    precondition(hasFailed, "what has not failed is not done again")
    if SegmentName(durableBefore) != place.segment {
      try disk.truncate(place.segment.fileName, to: durable.end)
      try disk.sync(place.segment.fileName)
    }
    nextSequence = durableBefore
    previousChecksum = durable.checksum
  }

  /// What follows the header of a segment that begins with these records, zeros included.
  private func frames(of records: [LogRecord], _ epoch: UInt64) -> (bytes: [UInt8], lastChecksum: UInt32) {
    var bytes: [UInt8] = []
    var checksum = previousChecksum
    for (index, record) in records.enumerated() {
      let sequence = nextSequence.advanced(by: UInt64(index))
      let frame = CommitFrame.encode([record], firstSequence: sequence, epoch: epoch, previousChecksum: checksum)
      checksum = CommitFrame.checksum(of: frame)
      let end = SegmentHeader.byteCount + bytes.count + frame.count
      let next = SegmentHeader.commitStart(after: end, isPacked: isPacked)
      bytes += frame.padded(to: frame.count + next - end)
    }
    return (bytes, checksum)
  }

  private mutating func orFail(
    _ work: (inout SegmentLog) throws(LogDiskError) -> Void
  ) throws(LogDiskError) {
    do throws(LogDiskError) {
      try work(&self)
    } catch {
      hasFailed = true
      throw error
    }
  }

  private func isFull(for byteCount: Int) -> Bool {
    place.isFinal
      || place.endOfFrames > SegmentHeader.byteCount && range(for: byteCount).upperBound > segmentByteCount
  }

  /// The bytes that a frame of this length takes in the segment, zeros included.
  private func range(for byteCount: Int) -> Range<Int> {
    let start = SegmentHeader.commitStart(after: place.endOfFrames, isPacked: isPacked)
    return start..<SegmentHeader.commitStart(after: start + byteCount, isPacked: isPacked)
  }

  /// Goes on in a new segment; the old one is synced and will never be written to again.
  private mutating func roll() throws(LogDiskError) {
    place = try Self.publish(SegmentName(nextSequence), followsCut: stillFollowsCut, isPacked, makeEpoch(), on: &disk)
    durable.end = place.endOfFrames
  }

  /// The segment that says that records were cut has no frame yet: one that takes its place must say so too.
  private var stillFollowsCut: TailCut? { place.segment == SegmentName(nextSequence) ? place.followsCut : nil }

  private static func goOn(
    _ plan: RecoveryPlan, _ isPacked: Bool, on disk: inout Disk, _ makeEpoch: () -> UInt64
  ) throws(LogDiskError) -> Place {
    switch plan.continuation {
    case .append(let segment, let end, let epoch):
      Place(
        segment: segment, epoch: epoch, endOfFrames: end, endOfFile: try disk.byteCount(of: segment.fileName),
        followsCut: plan.tailCut)
    case .newSegment(let cut): try publish(plan.newSegment, followsCut: cut, isPacked, makeEpoch(), on: &disk)
    }
  }

  private static func publish(
    _ segment: SegmentName, followsCut: TailCut?, _ isPacked: Bool, _ epoch: UInt64, frames: [UInt8] = [],
    on disk: inout Disk
  ) throws(LogDiskError) -> Place {
    let first = segment.segmentFirstSequence
    let header = SegmentHeader(epoch: epoch, segmentFirstSequence: first, followsCut: followsCut, isPacked: isPacked)
    let temporary = segment.temporaryFileName
    try disk.create(temporary)
    try disk.write(header.bytes + frames, to: temporary, at: 0)  // under a name that no recovery reads
    try disk.sync(temporary)  // bytes first: a name must never point at nothing
    try disk.rename(temporary, to: segment.fileName)  // there whole or not at all
    try disk.syncDirectory()  // else the rename itself can be lost
    let end = SegmentHeader.byteCount + frames.count
    return Place(segment: segment, epoch: epoch, endOfFrames: end, endOfFile: end, followsCut: followsCut)
  }
}

/// Where a log writes next.
struct Place: Sendable {
  var segment: SegmentName
  var epoch: UInt64
  var endOfFrames: Int
  /// The file has this many bytes at least; those behind the frames are zeros.
  var endOfFile: Int
  /// What was written before this segment, and cut off.
  var followsCut: TailCut?
  /// A sync of this segment has failed, so nothing more is written to it.
  var isFinal = false

  /// The last frame has been written once more, in this segment or in an earlier one.
  fileprivate mutating func note(_ last: RecoveryPlan.LastFrame) {
    guard last.segment == segment else { return }
    endOfFrames = max(endOfFrames, last.copyRange.upperBound)
    endOfFile = max(endOfFile, endOfFrames)
  }
}

extension SegmentLog: Sendable where Disk: Sendable, Disk: ~Copyable {}
