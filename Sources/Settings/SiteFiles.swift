import Glibc
import TelemetryCore

/// The files that the key `sites` means.
enum SiteFiles {
  /// Paths in the order of their bytes, so that the order of sites is the same everywhere.
  ///
  /// A folder without files is a gateway before its first site; a folder that is not there is a mistake.
  static func find(
    _ pattern: String, in directory: String, among source: some FileSource
  ) throws(BoundedFile.Failure) -> [String] {
    let path = FilePaths.join(directory, pattern)
    let (folder, name) = FilePaths.split(path)
    guard !folder.contains(where: { "*?[".contains($0) }) else {
      throw BoundedFile.Failure(
        description: "has a wildcard in the name of a folder: expected one only after the last `/`")
    }
    guard name.contains(where: { "*?[".contains($0) }) else { return [path] }
    let names = try source.names(in: folder)
    let found = names.filter { fnmatch(name, $0, FNM_PERIOD) == 0 }.sorted()
    let others = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    if found.isEmpty, let other = others.first {
      throw BoundedFile.Failure(description: "matches no file in \(folder), where \(other) stands")
    }
    return found.map { FilePaths.join(folder, $0) }
  }
}
