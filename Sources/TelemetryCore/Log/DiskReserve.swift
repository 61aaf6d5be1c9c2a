/// A file of zeros that keeps room for the logs: released when the disk is full, made again when it has room.
///
/// It stands in the state directory as `reserve`, beside the folders of the logs.
package struct DiskReserve<Disk: LogDisk & ~Copyable>: ~Copyable {
  private var disk: Disk
  /// Bytes; 0 for none.
  private let byteCount: Int
  /// How much of it has been written under its temporary name.
  private var written: Int?
  /// It is there, whole.
  package private(set) var isThere = false

  private static var name: String { "reserve" }
  private static var temporaryName: String { "reserve.tmp" }
  private static var step: Int { 1 << 20 }

  /// Looks for the reserve; one of another size is removed, and so is one that was not finished.
  package init(on disk: consuming Disk, byteCount: Int) throws(LogDiskError) {
    let names = try disk.list()
    if names.contains(Self.temporaryName) { try disk.remove(Self.temporaryName) }
    if names.contains(Self.name) {
      let found = try disk.byteCount(of: Self.name)
      isThere = byteCount > 0 && found == byteCount
      if !isThere { try disk.remove(Self.name) }
    }
    self.disk = disk
    self.byteCount = byteCount
  }

  /// Whether there is so much room that the reserve may take its part: four times as much, or what is left of it.
  package func hasPlentyOfRoom() throws(LogDiskError) -> Bool {
    guard let free = try disk.freeByteCount() else { return false }
    return free >= 4 * (byteCount - (written ?? 0))
  }

  /// It is not there, and there is no room to make it.
  package func isShortOfRoom() throws(LogDiskError) -> Bool {
    guard isWanted, !isThere else { return false }
    return try !hasPlentyOfRoom()
  }

  /// Makes a part of the reserve; true when it is there whole.
  ///
  /// In parts, so that no commit waits for long.
  package mutating func makeMore() throws(LogDiskError) -> Bool {
    guard !isThere, byteCount > 0 else { return isThere }
    if written == nil { try disk.create(Self.temporaryName) }
    let done = written ?? 0
    let count = min(Self.step, byteCount - done)
    try disk.write([UInt8](repeating: 0, count: count), to: Self.temporaryName, at: done)
    try disk.sync(Self.temporaryName)
    written = done + count
    guard done + count == byteCount else { return false }
    try disk.rename(Self.temporaryName, to: Self.name)
    try disk.syncDirectory()
    written = nil
    isThere = true
    return true
  }

  /// Gives the room back; false where there was none to give.
  package mutating func release() throws(LogDiskError) -> Bool {
    guard isThere || written != nil else { return false }
    try disk.remove(isThere ? Self.name : Self.temporaryName)
    isThere = false
    written = nil
    try disk.syncDirectory()
    return true
  }

  package var isWanted: Bool { byteCount > 0 }
  package var wantedByteCount: Int { byteCount }
}

extension DiskReserve: Sendable where Disk: Sendable, Disk: ~Copyable {}
