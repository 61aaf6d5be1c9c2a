import CZlib

/// Why a compressed text could not be read.
package enum GzipProblem: Error, Hashable, Sendable {
  /// It would grow beyond the limit.
  case tooLong(byteLimit: Int)
  /// Not gzip, cut off, or with a wrong check sum.
  case damaged
}

/// The gzip format of RFC 1952.
package enum Gzip {
  /// 15 bits of window, and 16 to ask zlib for the gzip framing.
  private static let windowBits: Int32 = 15 + 16
  private static let pieceByteCount = 64 << 10

  /// The bytes compressed.
  ///
  /// The header carries no time, so that the same bytes give the same result with the same zlib.
  package static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib starts with constant settings")
    defer { deflateEnd(&stream) }
    var input = bytes
    return input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = uInt(input.count)
      var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(input.count))))
      let written = output.withUnsafeMutableBufferPointer { output in
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        let ended = deflate(&stream, Z_FINISH)
        precondition(ended == Z_STREAM_END, "deflateBound leaves room for the whole result")
        return output.count - Int(stream.avail_out)
      }
      output.removeLast(output.count - written)
      return output
    }
  }

  /// The bytes behind a gzip file of one or more members.
  ///
  /// The limit is of the result; memory never grows beyond it by more than one piece.
  package static func decompress(_ bytes: [UInt8], byteLimit: Int) throws(GzipProblem) -> [UInt8] {
    guard let count = uInt(exactly: bytes.count), count > 0 else { throw .damaged }
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .damaged
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    let outcome = input.withUnsafeMutableBufferPointer { input -> Result<[UInt8], GzipProblem> in
      stream.next_in = input.baseAddress
      stream.avail_in = count
      return inflateAll(&stream, byteLimit: byteLimit)
    }
    return try outcome.get()
  }

  /// The bytes of the member of a gzip file that begins somewhere, and where the next one begins.
  ///
  /// Nil where it is damaged, cut off, or longer than so many bytes: it is given whole and with the right check sum, or
  /// not at all.
  package static func member(of file: [UInt8], at offset: Int, byteLimit: Int) -> (bytes: [UInt8], next: Int)? {
    guard file.indices.contains(offset), let count = uInt(exactly: file.count - offset) else { return nil }
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    return file.withUnsafeBufferPointer { input in
      // zlib only reads there.
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.advanced(by: offset))
      stream.avail_in = count
      return inflateMember(&stream, byteLimit: byteLimit).map { ($0, file.count - Int(stream.avail_in)) }
    }
  }

  private static func inflateMember(_ stream: inout z_stream, byteLimit: Int) -> [UInt8]? {
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceByteCount)
    while true {
      let (status, written) = inflatePiece(&stream, &piece)
      result.append(contentsOf: piece[..<written])
      guard result.count <= byteLimit, status == Z_OK || status == Z_STREAM_END else { return nil }
      if status == Z_STREAM_END { return result }
      if written == 0, stream.avail_in == 0 { return nil }
    }
  }

  /// Where another member may begin, by its first bytes (RFC 1952, 2.3.1: the magic, and deflate).
  package static func nextMember(of file: [UInt8], after offset: Int) -> Int? {
    let head: [UInt8] = [0x1F, 0x8B, 8]
    guard offset + head.count < file.count else { return nil }
    return ((offset + 1)...(file.count - head.count)).first {
      file[$0] == head[0] && file[$0 + 1] == head[1] && file[$0 + 2] == head[2]
    }
  }

  private static func inflatePiece(_ stream: inout z_stream, _ piece: inout [UInt8]) -> (status: Int32, written: Int) {
    piece.withUnsafeMutableBufferPointer { piece in
      stream.next_out = piece.baseAddress
      stream.avail_out = uInt(piece.count)
      return (inflate(&stream, Z_NO_FLUSH), piece.count - Int(stream.avail_out))
    }
  }

  private static func inflateAll(_ stream: inout z_stream, byteLimit: Int) -> Result<[UInt8], GzipProblem> {
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceByteCount)
    while true {
      let (status, written) = inflatePiece(&stream, &piece)
      guard status == Z_OK || status == Z_STREAM_END else { return .failure(.damaged) }
      guard result.count + written <= byteLimit else { return .failure(.tooLong(byteLimit: byteLimit)) }
      result.append(contentsOf: piece[..<written])
      guard status == Z_STREAM_END else { continue }
      if stream.avail_in == 0 { return .success(result) }
      guard inflateReset(&stream) == Z_OK else { return .failure(.damaged) }
    }
  }
}
