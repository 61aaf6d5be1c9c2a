import Glibc
package import TelemetryCore

/// Where the loader finds files: on this machine's disk, or among those that the ledger has kept.
package protocol FileSource: Sendable {
  /// The whole of a file, of bounded size.
  func bytes(of path: String) throws(BoundedFile.Failure) -> [UInt8]
  /// The names of what stands in a folder, in any order.
  func names(in folder: String) throws(BoundedFile.Failure) -> [String]
  func exists(_ path: String) -> Bool
}

/// The files of this machine.
package struct DiskFiles: FileSource {
  package init() {}

  package func bytes(of path: String) throws(BoundedFile.Failure) -> [UInt8] { try BoundedFile.bytes(of: path) }

  package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  package func names(in folder: String) throws(BoundedFile.Failure) -> [String] {
    guard let directory = opendir(folder) else {
      throw BoundedFile.Failure(description: "looks in \(folder), which cannot be read: \(BoundedFile.reason(errno))")
    }
    defer { _ = closedir(directory) }  // read only: nothing can be lost
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }
  }
}

/// The files of a configuration that was kept, under the paths that they had.
package struct KeptFiles: FileSource {
  private let files: [String: [UInt8]]

  /// Names that are relative are in the folder of `path`, as the main file is called now.
  package init(_ kept: ConfigurationFiles, path: String) {
    let folder = FilePaths.folder(of: path)
    let pairs = kept.files.map { file in (file.role == .main ? path : FilePaths.join(folder, file.name), file.bytes) }
    files = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  package func bytes(of path: String) throws(BoundedFile.Failure) -> [UInt8] {
    guard let bytes = files[path] else {
      throw BoundedFile.Failure(description: "is not among the files that were kept")
    }
    return bytes
  }

  package func exists(_ path: String) -> Bool { files[path] != nil }

  package func names(in folder: String) -> [String] {
    files.keys.map { FilePaths.split($0) }.filter { $0.folder == folder }.map(\.name)
  }
}
