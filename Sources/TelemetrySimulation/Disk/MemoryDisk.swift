package import TelemetryCore

/// A disk in memory that loses at a crash what was not synced, and fails at the operation it is told to.
///
/// A reference, so that a test can reach the disk that a log has taken.
package final class MemoryDisk: LogDisk {
  /// What is on the medium after a power cut.
  package enum Crash: Sendable {
    /// Only what was synced: the kernel had written nothing by itself.
    case losesUnsynced
    /// Everything, as after the end of a process.
    case losesNothing
  }

  /// How an operation fails.
  package enum Failure: Hashable, Sendable, CaseIterable {
    /// Without effect, but for a write, of which the first half is there.
    case before
    /// After it took effect: only the report was lost.
    case after
  }

  private enum Change {
    case write(offset: Int, bytes: [UInt8])
    case truncate(byteCount: Int)
  }

  private struct File {
    var bytes: [UInt8] = []
    var durable: [UInt8] = []
    var unsynced: [Change] = []
  }

  private var files: [File] = []
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var failure: (atOperation: Int, Failure)?

  /// Operations so far, the failed one included.
  package private(set) var operationCount = 0
  package private(set) var hasFailed = false
  package private(set) var quarantined: [String: [UInt8]] = [:]

  private let volume: MemoryVolume?

  /// Without a volume there is always room.
  package init(on volume: MemoryVolume? = nil) { self.volume = volume }

  // MARK: What a test does to it

  /// The operation with this number from now on, from 1, fails.
  package func fail(atOperation number: Int, _ failure: Failure) {
    operationCount = 0
    hasFailed = false
    self.failure = (number, failure)
  }

  package func stopFailing() { failure = nil }

  package func crash(_ crash: Crash) {
    if case .losesNothing = crash {
      durableNames = names
      for index in files.indices { files[index].durable = files[index].bytes }
    }
    restart()
  }

  /// A power cut in the middle of whatever the kernel was writing by itself.
  ///
  /// Each change that was not synced is on the medium, or not, or a write is there in part.
  package func crash(using random: inout some RandomNumberGenerator) {
    for index in files.indices {
      for change in files[index].unsynced where Bool.random(using: &random) {
        Self.apply(
          change, to: &files[index].durable, torn: Bool.random(using: &random) ? nextTear(change, &random) : nil)
      }
    }
    for name in Set(names.keys).union(durableNames.keys).sorted() where Bool.random(using: &random) {
      durableNames[name] = names[name]
    }
    restart()
  }

  /// A file's bytes, nil when there is none.
  package func contents(of name: String) -> [UInt8]? { names[name].map { files[$0].bytes } }

  /// Puts a file there as if it had always been.
  package func place(_ bytes: [UInt8], as name: String) {
    files.append(File(bytes: bytes, durable: bytes))
    names[name] = files.count - 1
    durableNames[name] = files.count - 1
  }

  package func lose(_ name: String) {
    names[name] = nil
    durableNames[name] = nil
  }

  private func restart() {
    names = durableNames
    for index in files.indices {
      files[index].bytes = files[index].durable
      files[index].unsynced = []
    }
    failure = nil
  }

  private func nextTear(_ change: Change, _ random: inout some RandomNumberGenerator) -> Int? {
    guard case .write(_, let bytes) = change else { return nil }
    return Int.random(in: 0...bytes.count, using: &random)
  }

  // MARK: What the log asks of it

  package func list() throws(LogDiskError) -> [String] {
    try operation(.list, "") { () throws(LogDiskError) in [String](names.keys) }
  }

  package func byteCount(of name: String) throws(LogDiskError) -> Int {
    try operation(.measure, name) { () throws(LogDiskError) in files[try index(.measure, name)].bytes.count }
  }

  package func read(_ name: String, _ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    try operation(.read, name) { () throws(LogDiskError) in
      let bytes = files[try index(.read, name)].bytes
      return [UInt8](bytes[range.clamped(to: 0..<bytes.count)])
    }
  }

  package func create(_ name: String) throws(LogDiskError) {
    try operation(.create, name) { () throws(LogDiskError) in
      files.append(File())
      names[name] = files.count - 1
    }
  }

  package func write(_ bytes: [UInt8], to name: String, at offset: Int) throws(LogDiskError) {
    do throws(LogDiskError) {
      try operation(.write, name) { () throws(LogDiskError) in
        let file = try index(.write, name)
        let room = room(in: file, from: offset)
        change(file, .write(offset: offset, bytes: [UInt8](bytes.prefix(room))))
        guard room >= bytes.count else {
          throw LogDiskError(.write, path: name, cause: .noSpace, reason: "no space left on this disk")
        }
      }
    } catch {
      if hasFailed, case (_, .before)? = failure, let file = names[name] {
        change(file, .write(offset: offset, bytes: [UInt8](bytes.prefix(bytes.count / 2))))
      }
      throw error
    }
  }

  /// A failed sync leaves the bytes readable and takes them for written, as Linux does: a second sync saves nothing.
  package func sync(_ name: String) throws(LogDiskError) {
    do throws(LogDiskError) {
      try operation(.sync, name) { () throws(LogDiskError) in
        let file = try index(.sync, name)
        for change in files[file].unsynced { Self.apply(change, to: &files[file].durable) }
        files[file].unsynced = []
      }
    } catch {
      if let file = names[name] { files[file].unsynced = [] }
      throw error
    }
  }

  package func rename(_ name: String, to newName: String) throws(LogDiskError) {
    try operation(.rename, name) { () throws(LogDiskError) in
      names[newName] = try index(.rename, name)
      names[name] = nil
    }
  }

  package func remove(_ name: String) throws(LogDiskError) {
    try operation(.remove, name) { () throws(LogDiskError) in
      _ = try index(.remove, name)
      names[name] = nil
    }
  }

  package func truncate(_ name: String, to byteCount: Int) throws(LogDiskError) {
    try operation(.truncate, name) { () throws(LogDiskError) in
      change(try index(.truncate, name), .truncate(byteCount: byteCount))
    }
  }

  package func syncDirectory() throws(LogDiskError) {
    try operation(.syncDirectory, "") { () throws(LogDiskError) in durableNames = names }
  }

  package func freeByteCount() throws(LogDiskError) -> Int? { volume.map { max(0, $0.freeByteCount) } }

  /// How many bytes can be written from an offset on: over what is there, and as far as the volume has room.
  private func room(in file: Int, from offset: Int) -> Int {
    guard let volume else { return .max }
    return max(0, files[file].bytes.count - offset + max(0, volume.freeByteCount))
  }

  private func noteUse() {
    volume?.note(self, usedByteCount: names.values.reduce(0) { $0 + files[$1].bytes.count })
  }

  package func quarantine(_ bytes: [UInt8], as name: String) throws(LogDiskError) {
    try operation(.quarantine, name) { () throws(LogDiskError) in
      quarantined[name] = quarantined[name] ?? bytes
    }
  }

  private func operation<Result>(
    _ operation: LogDiskError.Operation, _ name: String, _ work: () throws(LogDiskError) -> Result
  ) throws(LogDiskError) -> Result {
    operationCount += 1
    defer { noteUse() }
    guard let (number, failure) = failure, number == operationCount else { return try work() }
    hasFailed = true
    if failure == .after { _ = try work() }
    throw LogDiskError(operation, path: name, cause: .other, reason: "told to fail")
  }

  private func index(_ operation: LogDiskError.Operation, _ name: String) throws(LogDiskError) -> Int {
    guard let index = names[name] else {
      throw LogDiskError(operation, path: name, cause: .noSuchFile, reason: "no such file")
    }
    return index
  }

  private func change(_ file: Int, _ change: Change) {
    Self.apply(change, to: &files[file].bytes)
    files[file].unsynced.append(change)
  }

  private static func apply(_ change: Change, to file: inout [UInt8], torn: Int? = nil) {
    switch change {
    case .write(let offset, let bytes):
      let part = bytes.prefix(torn ?? bytes.count)
      let end = offset + part.count
      if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
      file.replaceSubrange(offset..<end, with: part)
    case .truncate(let byteCount):
      file = [UInt8](file.prefix(byteCount))
      if file.count < byteCount { file += [UInt8](repeating: 0, count: byteCount - file.count) }
    }
  }
}
