/// Tells a write that never came to its end from a frame that was whole once.
///
/// Both stand at the end of a log, and nothing behind them tells whether they were acknowledged. What tells is zeros where
/// a frame cannot have any: a process that was killed leaves the beginning of its write, and a power cut leaves each
/// sector written or not. A whole frame has bytes in every sector and never ends with four zeros, so that no flipped
/// bits and no garbage in a sector make it look like that. Whatever is in doubt is damage, and so is what the disk
/// refuses to read.
extension LogScan {
  /// Bytes: the smallest part of a write that a disk leaves out.
  private static let sectorByteCount = 512

  /// Judges the bytes after the last frame, from the first one that is not zero to the last one.
  func isUnfinished(_ tail: Range<Int>, in bytes: [UInt8]) -> Bool {
    guard let header, !isCutShort, !UnreadableBlock.stands(within: tail, in: bytes) else { return false }
    let start = SegmentHeader.commitStart(after: endOfFrames, isPacked: header.isPacked)
    let sectorEnd = (start / Self.sectorByteCount + 1) * Self.sectorByteCount
    // Its first sector was not written, or of its header a part only.
    guard tail.lowerBound < sectorEnd else { return true }
    guard tail.lowerBound == start else { return false }
    guard tail.upperBound > start + FrameHeader.byteCount else { return true }
    guard let frame = frameHeader(in: bytes, at: start) else { return false }
    let end = start + frame.frameByteCount
    guard tail.upperBound <= end else { return false }
    let hasNoEnd = bytes.count < end || tail.upperBound <= end - FrameHeader.checksumByteCount
    return hasNoEnd || hasZeroSector(start..<end, in: bytes)
  }

  private func frameHeader(in bytes: [UInt8], at start: Int) -> FrameHeader? {
    do throws(FrameProblem) {
      let found = try FrameHeader(decoding: bytes, at: start)
      let isExpected = found.epoch == epoch && (found.firstSequence == nextSequence || found == frames.last?.header)
      return isExpected ? found : nil
    } catch {
      return nil
    }
  }

  private func hasZeroSector(_ frame: Range<Int>, in bytes: [UInt8]) -> Bool {
    let first = (frame.lowerBound + Self.sectorByteCount - 1) / Self.sectorByteCount
    return (first..<max(first, frame.upperBound / Self.sectorByteCount)).contains { sector in
      bytes[(sector * Self.sectorByteCount)..<((sector + 1) * Self.sectorByteCount)].allSatisfy { $0 == 0 }
    }
  }
}
