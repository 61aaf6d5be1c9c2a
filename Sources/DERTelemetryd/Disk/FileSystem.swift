import Glibc
import TelemetryCore

/// The few things that are done to paths.
enum FileSystem {
  /// Makes a directory and those above it that are missing, each durable before the next.
  static func makeDirectories(_ path: String) throws(LogDiskError) {
    if mkdir(path, FileDescriptor.directoryMode) == 0 {
      return try FileDescriptor(directory: parent(of: path)).syncNames()
    }
    let code = errno
    switch code {
    case EEXIST:
      _ = try FileDescriptor(directory: path)  // throws when it is a file
    case ENOENT where parent(of: path) != path:
      try makeDirectories(parent(of: path))
      try makeDirectories(path)
    default: throw LogDiskError(.create, path: path, code: code)
    }
  }

  /// Puts a file there, whole or not at all, durable on return; one that has this name is replaced.
  static func publish(_ bytes: [UInt8], as name: String, in directory: String) throws(LogDiskError) {
    let temporary = "\(directory)/\(name).tmp"
    let file = try FileDescriptor(.create, path: temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(bytes, at: 0)  // under a name that nobody reads
    try file.syncData()  // bytes first: a name must never point at nothing
    try rename(temporary, to: "\(directory)/\(name)")  // there whole or not at all
    try FileDescriptor(directory: directory).syncNames()  // else the rename itself can be lost
  }

  static func rename(_ path: String, to newPath: String) throws(LogDiskError) {
    try FileDescriptor.retry(.rename, path) { Glibc.rename(path, newPath) }
  }

  static func remove(_ path: String) throws(LogDiskError) {
    try FileDescriptor.retry(.remove, path) { unlink(path) }
  }

  /// The names of the regular files in a directory.
  static func files(in directory: String) throws(LogDiskError) -> [String] {
    guard let stream = opendir(directory) else { throw LogDiskError(.list, path: directory, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // Some old file systems do not tell what an entry is.
      if [DT_REG, DT_UNKNOWN].contains(Int(entry.pointee.d_type)) { names.append(name) }
    }
    guard errno == 0 else { throw LogDiskError(.list, path: directory, code: errno) }
    return names
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
