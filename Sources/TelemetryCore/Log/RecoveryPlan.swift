/// What to make of a whole log, segment by segment, and what to repair.
///
/// Pure: the plan is made from scans and carried out by ``SegmentLog``. There is no input that it refuses.
///
/// | found | done |
/// |---|---|
/// | clean last segment | appended to |
/// | torn tail of the last segment | bytes to quarantine, cut, a new segment that says so |
/// | torn tail of another one, next segment goes on without a gap | the cut was interrupted: finished |
/// | torn tail of another one, records missing | damage: bytes to quarantine, segment left as it is |
/// | damage between frames, no segment header | bytes to quarantine, segment left as it is, no new frame in it |
/// | a gap between two segments | named; what follows counts |
/// | records that an earlier segment had already | not delivered twice; named |
package struct RecoveryPlan: Hashable, Sendable {
  /// Where the log goes on.
  package enum Continuation: Hashable, Sendable {
    case append(to: SegmentName, at: Int, epoch: UInt64)
    case newSegment(followsCut: TailCut?)
  }

  package struct Cut: Hashable, Sendable {
    package var segment: SegmentName
    package var byteCount: Int
  }

  /// The last frame of the log, which may not have been synced.
  package struct LastFrame: Hashable, Sendable {
    package var segment: SegmentName
    package var frame: LogScan.Frame
    /// Where it is written once more: behind itself, so that no write goes over the only copy of what may have been
    /// acknowledged; where that has been done already, in that place again.
    package var copyRange: Range<Int>
  }

  /// What is lost or wrong, in the order of the log; the torn tail of the last segment is not in it.
  package private(set) var damage: [LogDamage] = []
  /// How many records can be read.
  package private(set) var recordCount: UInt64 = 0
  package private(set) var segmentCount = 0
  package private(set) var lastFrame: LastFrame?
  /// The first free number.
  package private(set) var nextSequence = LogSequence(1)

  /// The first number that the log says it holds, nil for an empty one.
  ///
  /// Above 1 when the oldest segments are gone: shed by rule, or lost.
  package private(set) var firstSequence: LogSequence?

  private var last: LogScan?
  private var finishedCuts: [Cut] = []

  package init() {}

  package init(_ scans: [LogScan]) {
    for scan in scans { _ = add(scan) }
  }

  /// Takes the next segment, in the order of names, and returns its frames that count.
  package mutating func add(_ scan: LogScan) -> ArraySlice<LogScan.Frame> {
    let isFirst = last == nil
    join(scan)
    damage += scan.damage
    let frames = isFirst ? scan.frames[...] : scan.frames.drop { $0.sequences.lowerBound < nextSequence }
    if let repeated = scan.frames[..<frames.startIndex].last {
      let range = scan.frames[0].byteOffset..<repeated.byteRange.upperBound
      let cause = FrameProblem.outOfOrder(first: scan.frames[0].sequences.lowerBound)
      damage.append(LogDamage(segment: scan.segment, byteRange: range, cause: .frame(cause)))
    }
    segmentCount += 1
    recordCount += frames.reduce(0) { $0 + UInt64($1.header.recordCount) }
    if isFirst { firstSequence = scan.segmentFirstSequence }
    nextSequence = max(isFirst ? scan.nextSequence : nextSequence, scan.nextSequence, Self.firstAfterName(of: scan))
    if let frame = frames.last {
      lastFrame = LastFrame(segment: scan.segment, frame: frame, copyRange: Self.copyRange(of: frame, in: scan))
    }
    last = scan
    return frames
  }

  private static func copyRange(of frame: LogScan.Frame, in scan: LogScan) -> Range<Int> {
    guard !frame.isRepeated, !scan.isCutShort else { return frame.byteRange }
    let isPacked = scan.header?.isPacked ?? false
    let start = SegmentHeader.commitStart(after: frame.byteRange.upperBound, isPacked: isPacked)
    return start..<SegmentHeader.commitStart(after: start + frame.byteRange.count, isPacked: isPacked)
  }

  /// A new segment must sort behind this one even where name and contents disagree.
  private static func firstAfterName(of scan: LogScan) -> LogSequence {
    scan.segment.segmentFirstSequence.advanced(by: scan.frames.isEmpty ? 0 : 1)
  }

  /// Judges what lies between the segment before and this one.
  private mutating func join(_ scan: LogScan) {
    guard let before = last else { return }
    let missing = MissingRecords(from: nextSequence, before: scan.segmentFirstSequence)
    if var torn = before.tornTail {
      torn.missing = missing
      // What is followed by later records had been acknowledged.
      if missing != nil, torn.cause == .unfinishedWrite { torn.cause = .frame(.truncated) }
      damage.append(torn)
      if missing == nil, !before.isCutShort {
        finishedCuts.append(Cut(segment: before.segment, byteCount: torn.byteRange.lowerBound))
      } else if let frame = lastFrame, frame.segment == before.segment {
        lastFrame?.copyRange = frame.frame.byteRange
      }
    } else if missing != nil {
      damage.append(LogDamage(segment: scan.segment, byteRange: 0..<0, cause: .missingRecords, missing: missing))
    } else if let previous = lastFrame, let first = scan.frames.first,
      first.sequences.lowerBound == nextSequence, first.header.previousChecksum != previous.frame.checksum
    {
      damage.append(LogDamage(segment: scan.segment, byteRange: first.byteRange, cause: .brokenOrder))
    }
  }
}

extension RecoveryPlan {
  /// The bytes after the last frame of the log that are none, nil when the log ends cleanly.
  ///
  /// To a reader beside a running daemon this may be a frame that is being written at that moment.
  package var tornTail: LogDamage? { last?.tornTail }

  /// The same where it is no write that was cut off: what stands there may have been acknowledged.
  package var damagedTail: LogDamage? { tornTail.flatMap { $0.cause == .unfinishedWrite ? nil : $0 } }

  /// Records that were written last may be lost, and nobody has appended anything since.
  package var tailWasCut: Bool { tailCut != nil }

  /// What could not be read at the end, where nobody has appended anything since.
  ///
  /// Stays over restarts until the first frame after the cut is durable, so what must follow from a cut belongs into that
  /// frame.
  package var tailCut: TailCut? {
    switch continuation {
    case .newSegment(let followsCut): followsCut
    case .append: last.flatMap { $0.frames.isEmpty ? $0.header?.followsCut : nil }
    }
  }

  package var continuation: Continuation {
    guard let last else { return .newSegment(followsCut: nil) }
    if case .clean = last.verdict, let epoch = last.epoch, last.nextSequence == nextSequence {
      return .append(to: last.segment, at: last.endOfFrames, epoch: epoch)
    }
    let torn = last.tornTail.map { $0.cause == .unfinishedWrite ? TailCut.unfinishedWrite : .damage }
    let before = last.frames.isEmpty ? last.header.map(\.followsCut) ?? .damage : nil
    let isDamaged = torn == .damage || before == .damage || last.isCutShort
    return .newSegment(followsCut: isDamaged ? .damage : torn ?? before)
  }

  /// The name of a new segment, which no segment with frames has.
  package var newSegment: SegmentName { SegmentName(nextSequence) }

  /// What to copy out before anything is changed: every damaged byte of which there is a copy to make.
  package var quarantine: [LogDamage] {
    (damage + [tornTail].compactMap(\.self)).filter { damaged in
      switch damaged.cause {
      case .segmentHeader, .frame, .unfinishedWrite: !damaged.byteRange.isEmpty
      case .missingRecords, .brokenOrder, .beyondLimit: false
      }
    }
  }

  /// Which segments to shorten once a new one has been published.
  package var cuts: [Cut] {
    guard let last, let torn = last.tornTail, last.segment != newSegment else { return finishedCuts }
    return finishedCuts + (last.isCutShort ? [] : [Cut(segment: last.segment, byteCount: torn.byteRange.lowerBound)])
  }
}
