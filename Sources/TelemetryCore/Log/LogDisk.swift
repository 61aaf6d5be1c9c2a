/// What a log asks of the disk: one directory of files, and a place for damaged bytes.
///
/// Nothing is durable before it is synced: written bytes by ``sync(_:)``, a created, renamed or removed name by
/// ``syncDirectory()``. After an error the state of the file is unknown; nothing here is ever tried twice.
package protocol LogDisk: ~Copyable {
  /// The names of all files in the log's directory, in any order.
  func list() throws(LogDiskError) -> [String]

  func byteCount(of name: String) throws(LogDiskError) -> Int

  /// The bytes of a range, fewer where the file ends before it.
  ///
  /// For a block that the device refuses to read it gives ``UnreadableBlock``, and the rest as it is.
  func read(_ name: String, _ range: Range<Int>) throws(LogDiskError) -> [UInt8]

  /// Makes an empty file; one that has this name loses its contents.
  mutating func create(_ name: String) throws(LogDiskError)

  /// Writes all the bytes into an existing file, which grows where they reach beyond its end.
  mutating func write(_ bytes: [UInt8], to name: String, at offset: Int) throws(LogDiskError)

  /// Returns when every byte of the file is durable.
  mutating func sync(_ name: String) throws(LogDiskError)

  /// Gives a file another name, whole or not at all; a file that has that name is replaced.
  mutating func rename(_ name: String, to newName: String) throws(LogDiskError)

  mutating func remove(_ name: String) throws(LogDiskError)

  /// Cuts a file off, durable only after ``sync(_:)``.
  mutating func truncate(_ name: String, to byteCount: Int) throws(LogDiskError)

  /// Returns when every name in the directory is durable.
  mutating func syncDirectory() throws(LogDiskError)

  /// Keeps damaged bytes for a person to look at, durable on return.
  ///
  /// The name says what the bytes are: when it exists already nothing is done.
  mutating func quarantine(_ bytes: [UInt8], as name: String) throws(LogDiskError)

  /// How many more bytes the disk has room for; nil where nobody can tell.
  func freeByteCount() throws(LogDiskError) -> Int?
}

extension LogDisk where Self: ~Copyable {
  package func freeByteCount() throws(LogDiskError) -> Int? { nil }
}

/// The disk did not do what it was asked to.
package struct LogDiskError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Operation: String, Hashable, Sendable, CaseIterable {
    case list, measure, read, create, write, sync, rename, remove, truncate
    case syncDirectory = "sync directory"
    case quarantine, lock
  }

  package enum Cause: Hashable, Sendable {
    case noSuchFile
    case noSpace
    /// Another process has it.
    case busy
    /// The device refuses to read what stands there.
    case unreadable
    /// What stands there is not what was written.
    case damaged
    case other
  }

  package var operation: Operation
  package var path: String
  package var cause: Cause
  /// The system's words.
  package var reason: String

  package init(_ operation: Operation, path: String, cause: Cause, reason: String) {
    self.operation = operation
    self.path = path
    self.cause = cause
    self.reason = reason
  }

  package var description: String { "\(operation.rawValue) \(path): \(reason)" }
}
