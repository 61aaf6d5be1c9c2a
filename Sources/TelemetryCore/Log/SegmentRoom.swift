/// What a log does about room on its disk.
extension SegmentLog where Disk: ~Copyable {
  /// Bytes of zeros that are kept ahead of the frames.
  package static var zerosAhead: Int { 1 << 20 }

  /// Writes zeros ahead of the frames where few are left, so that a commit finds its place and does not make the file
  /// longer.
  ///
  /// Off the path of a commit. What it cannot do for want of room it leaves undone and throws: no frame is touched.
  ///
  /// - Precondition: no append or sync has failed.
  package mutating func fillAhead(_ byteCount: Int = zerosAhead) throws(LogDiskError) {
    try sync()
    let end = min(SegmentHeader.commitStart(after: place.endOfFrames + byteCount, isPacked: isPacked), segmentByteCount)
    guard !place.isFinal, place.endOfFile < segmentByteCount, place.endOfFile - place.endOfFrames < byteCount / 2,
      end > place.endOfFile
    else { return }
    let zeros = [UInt8](repeating: 0, count: end - place.endOfFile)
    try disk.write(zeros, to: place.segment.fileName, at: place.endOfFile)
    place.endOfFile = end
    do throws(LogDiskError) {
      try disk.sync(place.segment.fileName)
    } catch {
      place.isFinal = true
      throw error
    }
  }

  /// The segment that is written to.
  package var currentSegment: SegmentName { place.segment }

  /// A segment's frames, and its bytes; nil when there is none of this name.
  package func scan(_ segment: SegmentName) throws(LogDiskError) -> (scan: LogScan, bytes: [UInt8])? {
    try LogContents.scan(segment, on: disk)
  }

  /// When the first readings of a segment were stored; nil where its first frame does not tell.
  func start(of segment: SegmentName) throws(LogDiskError) -> UTCInstant? {
    try ReadingsHeads.start(of: segment, on: disk)
  }

  package func byteCount(of segment: SegmentName) throws(LogDiskError) -> Int {
    try disk.byteCount(of: segment.fileName)
  }

  /// Removes a segment as a whole, durable on return.
  ///
  /// - Precondition: it is not the one that is written to.
  package mutating func shed(_ segment: SegmentName) throws(LogDiskError) {
    precondition(segment != place.segment, "what is being written is never removed")
    try disk.remove(segment.fileName)
    try disk.syncDirectory()
  }
}
