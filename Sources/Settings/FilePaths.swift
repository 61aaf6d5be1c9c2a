import Glibc

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

  /// The folder of a file, empty where its path names none.
  static func folder(of path: String) -> String { path.contains("/") ? split(path).folder : "" }

  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let working = getcwd(nil, 0) else { return path }
    defer { free(working) }
    return path == "." ? String(cString: working) : join(String(cString: working), path)
  }

  /// Absolute, and the same for `d.yaml`, `./d.yaml` and `sites//../d.yaml`; links stay what they are called.
  static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in absolute(path).split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// A path as it is called from a folder that it stands in; absolute where it stands elsewhere.
  static func name(of path: String, in folder: String) -> String {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : "\(folder)/"
    guard path.hasPrefix(prefix) else { return absolute(path) }
    return String(path.dropFirst(prefix.count))
  }
}

/// What a configuration is known by.
package enum ConfigurationPath {
  /// The same for every way of calling a file that goes through no link.
  package static func normal(_ path: String) -> String { FilePaths.normal(path) }
}
