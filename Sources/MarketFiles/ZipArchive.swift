import CArchive
package import MarketCore

/// ZIP archives in memory, made for bytes from outside: nothing is ever written to a disk, and every size has a bound.
package enum ZipArchive {
  package struct Limits: Sendable {
    /// Bytes of the archive itself.
    package var archiveByteCount: Int
    /// Bytes of all members together, uncompressed.
    package var memberByteCount: Int
    package var memberCount: Int

    package init(archiveByteCount: Int, memberByteCount: Int, memberCount: Int) {
      self.archiveByteCount = archiveByteCount
      self.memberByteCount = memberByteCount
      self.memberCount = memberCount
    }

    /// A day of five-minute prices of all nodes is some 200 MB; OASIS gives an hour of them at a time.
    package static let standard = Self(archiveByteCount: 64 << 20, memberByteCount: 256 << 20, memberCount: 64)
  }

  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// Whether bytes begin as a ZIP does: with a member, or empty.
  package static func isZip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// All members, each whole and with the checksum that the archive says.
  package static func members(
    of bytes: [UInt8], limits: Limits = .standard
  ) throws(Problem) -> [OASISReply.Member] {
    guard bytes.count <= limits.archiveByteCount else {
      throw Problem(description: "it is larger than \(limits.archiveByteCount) bytes")
    }
    let result: Result<[OASISReply.Member], Problem> = bytes.withUnsafeBytes { buffer in
      do throws(Problem) {
        let reader = try ZipReader(limits: limits)
        try reader.open(buffer)
        return .success(try reader.members())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// One reading of an archive.
private struct ZipReader: ~Copyable {
  private let archive: OpaquePointer
  private let limits: ZipArchive.Limits

  init(limits: ZipArchive.Limits) throws(ZipArchive.Problem) {
    guard let archive = archive_read_new() else { throw ZipArchive.Problem(description: "no memory") }
    self.archive = archive
    self.limits = limits
  }

  deinit { archive_read_free(archive) }

  /// Opens bytes that outlive this reader.
  func open(_ bytes: UnsafeRawBufferPointer) throws(ZipArchive.Problem) {
    // The central directory alone is believed: a reader of the stream would take what a member says of itself.
    guard archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK,
      archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK
    else { throw problem("it cannot be opened") }
  }

  private func problem(_ what: String) -> ZipArchive.Problem {
    guard let text = archive_error_string(archive) else { return ZipArchive.Problem(description: what) }
    return ZipArchive.Problem(description: "\(what): \(String(cString: text))")
  }

  func members() throws(ZipArchive.Problem) -> [OASISReply.Member] {
    var members: [OASISReply.Member] = []
    var rest = limits.memberByteCount
    while true {
      var entry: OpaquePointer?
      let result = archive_read_next_header(archive, &entry)
      if result == ARCHIVE_EOF {
        guard !members.isEmpty else { throw ZipArchive.Problem(description: "it has no members") }
        return members
      }
      guard result == ARCHIVE_OK, let entry else { throw problem("it is damaged") }
      guard members.count < limits.memberCount else {
        throw ZipArchive.Problem(description: "it has more than \(limits.memberCount) members")
      }
      let name = try name(of: entry)
      guard archive_entry_is_encrypted(entry) == 0 else {
        throw ZipArchive.Problem(description: "a member is encrypted")
      }
      guard archive_entry_filetype(entry) == UInt32(AE_IFREG) else {
        throw ZipArchive.Problem(description: "a member is no file")
      }
      let bytes = try content(rest)
      // What cannot be unpacked at all has no bytes and no checksum that would say so.
      guard Int64(bytes.count) == archive_entry_size(entry) else {
        throw ZipArchive.Problem(description: "a member has \(bytes.count) of \(archive_entry_size(entry)) bytes")
      }
      rest -= bytes.count
      members.append(OASISReply.Member(name: name, bytes: bytes))
    }
  }

  /// Members are never written to a disk; one whose name leads out of its folder is none that OASIS made.
  private func name(of entry: OpaquePointer) throws(ZipArchive.Problem) -> String {
    guard let text = archive_entry_pathname(entry) else { throw problem("a member has no name that can be read") }
    let name = String(cString: text)
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = !name.isEmpty && !name.contains("\\") && !parts.contains("..") && !name.hasPrefix("/")
    guard isPlain, name.utf8.count <= 255 else {
      throw ZipArchive.Problem(description: "a member's name leads out of the archive")
    }
    return name
  }

  private func content(_ limit: Int) throws(ZipArchive.Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, $0.count) }
      // What is only a warning to libarchive, such as another checksum, makes bytes that nobody sent.
      guard count >= 0 else { throw problem("a member is damaged") }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw ZipArchive.Problem(description: "its members are larger than \(limits.memberByteCount) bytes together")
      }
      bytes += buffer[..<count]
    }
  }
}
