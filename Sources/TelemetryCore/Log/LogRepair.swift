/// What opening a log repairs, before anything is appended.
extension LogContents {
  /// Copies damaged bytes out before anything is changed.
  ///
  /// The name carries the place and the checksum of the bytes, so that the same damage is kept once.
  func keepEvidence<Disk: LogDisk & ~Copyable>(on disk: inout Disk) throws(LogDiskError) {
    for damaged in plan.quarantine {
      let bytes = try disk.read(damaged.segment.fileName, damaged.byteRange)
      let place = "\(damaged.byteRange.lowerBound)-\(damaged.byteRange.upperBound)"
      let checksum = String(CRC32C.checksum(bytes), radix: 16)
      try disk.quarantine(bytes, as: "\(damaged.segment.fileName).\(place).\(checksum)")
    }
    for name in temporaryFiles { try disk.remove(name) }
  }

  /// Makes durable what the caller has been given.
  ///
  /// What was read may stand in the page cache only: the process before this one may have been killed before it synced,
  /// or its sync may have failed, after which the kernel counts the bytes as written. So the one frame that can be in
  /// this state is written once more, byte for byte, and synced: behind itself, since it may as well have been durable and
  /// acknowledged, and a power cut may destroy what is just being written.
  func makeDurable<Disk: LogDisk & ~Copyable>(on disk: inout Disk) throws(LogDiskError) {
    if let last = plan.lastFrame {
      let bytes = lastFrameBytes.padded(to: last.copyRange.count)
      try Self.unlessPutAway { () throws(LogDiskError) in
        try disk.write(bytes, to: last.segment.fileName, at: last.copyRange.lowerBound)
        try disk.sync(last.segment.fileName)
      }
    }
    try disk.syncDirectory()
  }

  /// A segment that can be read and is not there to be written to has been put away whole, and was durable before.
  private static func unlessPutAway(_ work: () throws(LogDiskError) -> Void) throws(LogDiskError) {
    do throws(LogDiskError) { try work() } catch {
      guard error.cause == .noSuchFile else { throw error }
    }
  }

  /// Shortens segments, now that a new one says that they were cut.
  func cutTails<Disk: LogDisk & ~Copyable>(on disk: inout Disk) throws(LogDiskError) {
    for cut in plan.cuts {
      try Self.unlessPutAway { () throws(LogDiskError) in
        try disk.truncate(cut.segment.fileName, to: cut.byteCount)
        try disk.sync(cut.segment.fileName)
      }
    }
  }
}

extension [UInt8] {
  /// With zeros behind, up to a length.
  func padded(to byteCount: Int) -> [UInt8] {
    self + [UInt8](repeating: 0, count: Swift.max(0, byteCount - count))
  }
}
