/// What one segment's bytes are: its frames, and everything in between that is none.
///
/// Pure: it judges and repairs nothing. After damage it looks for the next frame by magic, epoch and header checksum, so
/// that one flipped bit costs one frame. Zeros between frames fill a block up, zeros to the end are space not yet written.
/// Bytes of another epoch are what another file left on these disk blocks, and a frame whose sequence has been passed
/// already is misplaced: neither is a frame here. But a frame may stand there twice in a row: a start writes the last
/// one once more.
package struct LogScan: Hashable, Sendable {
  package enum Verdict: Hashable, Sendable {
    case clean
    /// All is well up to here; after it come bytes that are no frame, and no frame follows them.
    ///
    /// Where it shows that the write never came to its end its cause is ``LogDamage/Cause/unfinishedWrite``; else it may
    /// be rot in a whole frame.
    case tornTail(LogDamage)
    /// Bytes or records are missing before the end, and perhaps at the end as well.
    case damaged([LogDamage])
  }

  /// A frame's place in its segment.
  package struct Frame: Hashable, Sendable {
    package var byteOffset: Int
    package var header: FrameHeader
    /// The frame's checksum, which the next one repeats.
    package var checksum: UInt32
    /// It stands there twice, this time being the second.
    package var isRepeated = false

    package var sequences: ClosedRange<LogSequence> { header.sequences }
    package var byteRange: Range<Int> { byteOffset..<(byteOffset + header.frameByteCount) }
  }

  /// Bytes: more than any segment is ever rolled at, and a bound for what a file may make us allocate.
  package static let segmentByteLimit = 64 << 20

  package let segment: SegmentName
  /// Nil when it cannot be read.
  package private(set) var header: SegmentHeader?
  /// Nil without a readable header and without a frame.
  package private(set) var epoch: UInt64?
  package private(set) var frames: [Frame] = []
  /// Everything that is wrong before the end of the last frame, in order.
  package private(set) var damage: [LogDamage] = []
  /// What is wrong after the last frame.
  package private(set) var tornTail: LogDamage?

  package var verdict: Verdict {
    guard damage.isEmpty else { return .damaged(damage + [tornTail].compactMap(\.self)) }
    return tornTail.map { .tornTail($0) } ?? .clean
  }

  /// The file goes on beyond what was read of it.
  package var isCutShort: Bool { damage.contains { $0.cause == .beyondLimit } }

  /// Where the next frame would be written.
  package var endOfFrames: Int { frames.last?.byteRange.upperBound ?? SegmentHeader.byteCount }

  /// The number of the first record that belongs into this segment, by its header, else by its name.
  package var segmentFirstSequence: LogSequence { header?.segmentFirstSequence ?? segment.segmentFirstSequence }

  /// The number after the last record that was read; the first of the segment when there is none.
  package var nextSequence: LogSequence {
    frames.last.map { $0.sequences.upperBound.advanced(by: 1) } ?? segmentFirstSequence
  }

  /// Scans a segment.
  ///
  /// - Parameters:
  ///   - segment: the name of its file
  ///   - bytes: the file's bytes, at most ``segmentByteLimit`` of them
  ///   - fileByteCount: how long the file is, when that is more
  package init(_ segment: SegmentName, bytes: [UInt8], fileByteCount: Int? = nil) {
    self.segment = segment
    readHeader(bytes)
    var search = Search(offset: min(SegmentHeader.byteCount, bytes.count))
    while let offset = Self.nextByte(in: bytes, from: search.offset) {
      search.offset = offset
      do throws(FrameProblem) {
        let frame = try readFrame(bytes, &search)
        closeDamage(search, before: frame)
        if frame.isRepeated { frames.removeLast() }
        frames.append(frame)
        search = Search(offset: endOfFrames)
      } catch {
        search.stumble(isUnreadable(search, in: bytes) ? .unreadable : error)
        search.offset = Self.nextMagic(in: bytes, after: search.offset)
      }
    }
    closeTail(bytes, search)
    if let fileByteCount, fileByteCount > bytes.count {
      damage.append(LogDamage(segment: segment, byteRange: bytes.count..<fileByteCount, cause: .beyondLimit))
    }
  }

  /// Where the scan stands, and what it stumbled over since the last frame.
  private struct Search {
    var offset: Int
    var stumbled: (offset: Int, problem: FrameProblem)?
    /// The header of the last frame of which nothing else could be read.
    var lastKnown: FrameHeader?

    init(offset: Int) { self.offset = offset }

    /// The first problem is the cause; what follows comes from looking for the next frame.
    mutating func stumble(_ problem: FrameProblem) { stumbled = stumbled ?? (offset, problem) }
  }

  private mutating func readHeader(_ bytes: [UInt8]) {
    do throws(FrameProblem) {
      let read = try SegmentHeader(decoding: bytes)
      header = read
      epoch = read.epoch
    } catch {
      let range = 0..<min(SegmentHeader.byteCount, bytes.count)
      let problem = UnreadableBlock.stands(at: 0, in: bytes) ? FrameProblem.unreadable : error
      damage.append(LogDamage(segment: segment, byteRange: range, cause: .segmentHeader(problem)))
    }
  }

  /// Whether the disk has refused a part of the frame at which the search has just stumbled, as far as its length is known.
  private func isUnreadable(_ search: Search, in bytes: [UInt8]) -> Bool {
    let byteCount = search.stumbled == nil ? search.lastKnown?.frameByteCount : nil
    let frame = search.offset..<(search.offset + (byteCount ?? FrameHeader.byteCount))
    return UnreadableBlock.stands(within: frame, in: bytes)
  }

  private mutating func readFrame(_ bytes: [UInt8], _ search: inout Search) throws(FrameProblem) -> Frame {
    let found = try FrameHeader(decoding: bytes, at: search.offset)
    guard found.epoch == epoch ?? found.epoch else { throw .otherEpoch(found.epoch) }
    let passed = search.lastKnown ?? frames.last?.header
    guard found == passed || found.firstSequence > passed?.sequences.upperBound ?? LogSequence(0),
      found.firstSequence >= lowerBound
    else { throw .outOfOrder(first: found.firstSequence) }
    do throws(FrameProblem) {
      try CommitFrame.validate(header: found, in: bytes, at: search.offset)
    } catch {
      search.lastKnown = found
      throw error
    }
    epoch = found.epoch
    let end = search.offset + found.frameByteCount
    let checksum = bytes.littleEndian(UInt32.self, at: end - FrameHeader.checksumByteCount)
    let isRepeated = found == frames.last?.header
    guard !isRepeated || checksum == frames.last?.checksum else { throw .outOfOrder(first: found.firstSequence) }
    return Frame(byteOffset: search.offset, header: found, checksum: checksum, isRepeated: isRepeated)
  }

  /// A name alone may be wrong, so it is no reason to refuse a frame; a header is.
  private var lowerBound: LogSequence { header?.segmentFirstSequence ?? LogSequence(0) }

  private mutating func closeDamage(_ search: Search, before frame: Frame) {
    let missing = MissingRecords(from: nextSequence, before: frame.sequences.lowerBound)
    if let stumbled = search.stumbled {
      let range = stumbled.offset..<frame.byteOffset
      damage.append(
        LogDamage(segment: segment, byteRange: range, cause: .frame(stumbled.problem), missing: missing))
    } else if let missing {
      let nothing = frame.byteOffset..<frame.byteOffset
      damage.append(LogDamage(segment: segment, byteRange: nothing, cause: .missingRecords, missing: missing))
    } else if let before = frames.last, !frame.isRepeated, frame.header.previousChecksum != before.checksum {
      damage.append(LogDamage(segment: segment, byteRange: frame.byteRange, cause: .brokenOrder))
    }
  }

  private mutating func closeTail(_ bytes: [UInt8], _ search: Search) {
    guard let stumbled = search.stumbled else { return }
    guard let last = bytes[stumbled.offset...].lastIndex(where: { $0 != 0 }) else { return }
    let tail = stumbled.offset..<(last + 1)
    let known = search.lastKnown?.sequences.upperBound
    tornTail = LogDamage(
      segment: segment, byteRange: tail,
      cause: isUnfinished(tail, in: bytes) ? .unfinishedWrite : .frame(stumbled.problem),
      missing: MissingRecords(first: nextSequence, last: known.flatMap { $0 < nextSequence ? nil : $0 }))
  }

  /// The next byte that is not zero; nil when there is none.
  private static func nextByte(in bytes: [UInt8], from offset: Int) -> Int? {
    let span = bytes.span
    var index = offset
    while index < span.count {
      if span[index] != 0 { return index }
      index += 1
    }
    return nil
  }

  /// Where the next frame could begin, or the end.
  private static func nextMagic(in bytes: [UInt8], after offset: Int) -> Int {
    let first = FrameHeader.magic[0]
    let span = bytes.span
    var index = offset + 1
    while index < span.count {
      if span[index] == first, bytes[index...].starts(with: FrameHeader.magic) { return index }
      index += 1
    }
    return span.count
  }
}
