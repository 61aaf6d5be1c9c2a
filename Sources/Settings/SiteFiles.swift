import Glibc
import TelemetryCore

/// The files that the key `sites` means.
enum SiteFiles {
  /// Paths in the order of their bytes, so that the order of sites is the same everywhere.
  ///
  /// A folder without files is a gateway before its first site; a folder that is not there is a mistake.
  static func find(_ pattern: String, in directory: String) throws(BoundedFile.Failure) -> [String] {
    let path = FilePaths.join(directory, pattern)
    let (folder, name) = FilePaths.split(path)
    guard !folder.contains(where: { "*?[".contains($0) }) else {
      throw BoundedFile.Failure(
        description: "has a wildcard in the name of a folder: expected one only after the last `/`")
    }
    guard name.contains(where: { "*?[".contains($0) }) else { return [path] }
    let names = try names(in: folder)
    let found = names.filter { fnmatch(name, $0, FNM_PERIOD) == 0 }.sorted()
    let others = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    if found.isEmpty, let other = others.first {
      throw BoundedFile.Failure(description: "matches no file in \(folder), where \(other) stands")
    }
    return found.map { FilePaths.join(folder, $0) }
  }

  private static func names(in folder: String) throws(BoundedFile.Failure) -> [String] {
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

/// Paths as texts.
enum FilePaths {
  static func join(_ directory: String, _ path: String) -> String {
    if path.hasPrefix("/") || directory.isEmpty { return path }
    return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
  }

  /// The folder, `.` where there is none, and the last part.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let working = getcwd(nil, 0) else { return path }
    defer { free(working) }
    return path == "." ? String(cString: working) : join(String(cString: working), path)
  }
}
