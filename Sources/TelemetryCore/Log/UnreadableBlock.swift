/// What stands in memory for a block that the device refuses to read.
///
/// Neither a frame nor zeros: zeros would look like space that was never written, and hide what had been acknowledged
/// there. So it is damage wherever it stands, and what is put into quarantine tells a person what it is.
package enum UnreadableBlock {
  /// Bytes: the kernel reads a page or nothing of it.
  package static let byteCount = SegmentHeader.blockByteCount

  /// A disk that refuses more blocks of one file than these has failed: who goes on without what it holds may lose more.
  package static let countLimit = 64

  /// Repeated from the beginning of the block on; its length divides that of a block.
  package static let mark = [UInt8]("unreadable block".utf8)

  /// What is put in the place of a part of a file.
  package static func bytes(_ range: Range<Int>) -> [UInt8] { range.map { mark[$0 % mark.count] } }

  /// Whether bytes of a file, from an index of it on, are what stands for a block.
  static func stands(at index: Int, in bytes: [UInt8]) -> Bool {
    guard index.isMultiple(of: byteCount), bytes.count - index >= mark.count else { return false }
    return bytes[index..<(index + mark.count)].elementsEqual(mark)
  }

  /// Whether one of the blocks that a part of a file touches could not be read.
  static func stands(within range: Range<Int>, in bytes: [UInt8]) -> Bool {
    stride(from: range.lowerBound / byteCount * byteCount, to: range.upperBound, by: byteCount).contains {
      stands(at: $0, in: bytes)
    }
  }

  /// Reads a part of a file, with marks where the device refuses.
  ///
  /// - Parameters:
  ///   - range: the bytes, all of them within the file
  ///   - some: reads a range or the beginning of it, nothing where the file ends before it; throws with the cause
  ///     `unreadable` where the device refuses its first block
  /// - Returns: the bytes of the range, fewer where the file ends before it
  /// - Throws: what `some` throws with another cause, or for more than ``countLimit`` blocks
  package static func read(
    _ range: Range<Int>, _ some: (Range<Int>) throws(LogDiskError) -> [UInt8]
  ) throws(LogDiskError) -> [UInt8] {
    var bytes: [UInt8] = []
    var refusedCount = 0
    while case let rest = (range.lowerBound + bytes.count)..<range.upperBound, !rest.isEmpty {
      do throws(LogDiskError) {
        let read = try some(rest)
        guard !read.isEmpty else { break }
        bytes = bytes.isEmpty ? read : bytes + read
      } catch {
        refusedCount += 1
        guard error.cause == .unreadable, refusedCount <= countLimit else { throw error }
        let end = (rest.lowerBound / byteCount + 1) * byteCount
        bytes += self.bytes(rest.lowerBound..<min(end, rest.upperBound))
      }
    }
    return bytes
  }
}
