import CArchive
package import MarketCore

extension ZipArchive {
  /// An archive of these members, deflated; without dates, so that the same members give the same bytes.
  package static func bytes(of members: [OASISReply.Member]) throws(Problem) -> [UInt8] {
    // Room for what deflate cannot make smaller, and for the names, which stand twice.
    let room = members.reduce(1 << 16) { $0 + $1.bytes.count + $1.bytes.count / 1_000 + 2 * $1.name.utf8.count + 512 }
    var buffer = [UInt8](repeating: 0, count: room)
    var used = 0
    let isWritten = buffer.withUnsafeMutableBytes { write(members, to: $0, &used) }
    guard isWritten, used <= room else { throw Problem(description: "the archive cannot be written") }
    buffer.removeLast(room - used)
    return buffer
  }

  private static func write(
    _ members: [OASISReply.Member], to buffer: UnsafeMutableRawBufferPointer, _ used: inout Int
  ) -> Bool {
    guard let archive = archive_write_new() else { return false }
    defer { archive_write_free(archive) }
    // The counter is written to until the archive is closed.
    return withUnsafeMutablePointer(to: &used) { used in
      guard archive_write_set_format_zip(archive) == ARCHIVE_OK,
        archive_write_open_memory(archive, buffer.baseAddress, buffer.count, used) == ARCHIVE_OK
      else { return false }
      for member in members {
        guard let entry = archive_entry_new() else { return false }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, member.name)
        archive_entry_set_size(entry, Int64(member.bytes.count))
        archive_entry_set_filetype(entry, UInt32(AE_IFREG))
        archive_entry_set_perm(entry, 0o644)
        guard archive_write_header(archive, entry) == ARCHIVE_OK else { return false }
        let written = member.bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
        guard written == member.bytes.count else { return false }
      }
      return archive_write_close(archive) == ARCHIVE_OK
    }
  }
}
