import Glibc
package import TelemetryCore

/// Reads whole files of people's making, of bounded size.
package enum BoundedFile {
  /// 4 MiB: a site takes some 300 bytes of YAML.
  package static let byteLimit = 4 << 20

  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Follows the name of the file.
    package var description: String
  }

  package static func bytes(of path: String) throws(Failure) -> [UInt8] {
    // Without O_NONBLOCK opening a pipe would wait for its writer; a folder and a terminal fail at the first read.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure(description: "cannot be read: \(reason(errno))") }
    defer { _ = close(descriptor) }  // read only: nothing can be lost
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= byteLimit {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(description: "cannot be read: \(reason(errno))") }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
    throw Failure(description: "is larger than \(byteLimit >> 20) MiB: expected a configuration file")
  }

  /// The text of a YAML file.
  package static func text(of path: String) throws(ConfigurationProblems) -> String {
    try text(of: try file(path, from: DiskFiles()), path: path)
  }

  static func file(_ path: String, from source: some FileSource) throws(ConfigurationProblems) -> [UInt8] {
    do throws(Failure) {
      return try source.bytes(of: path)
    } catch {
      throw problem(path, line: 1, error.description)
    }
  }

  static func text(of bytes: [UInt8], path: String) throws(ConfigurationProblems) -> String {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }  // a mark some editors put first
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw problem(path, line: validLineCount(bytes), "is not UTF-8 text from here on")
  }

  /// The line in which the first bad byte stands.
  private static func validLineCount(_ bytes: ArraySlice<UInt8>) -> Int {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func problem(_ path: String, line: Int, _ message: String) -> ConfigurationProblems {
    let place = ConfigurationPlace(file: path, line: line, column: 1)
    return ConfigurationProblems([ConfigurationProblem(place: place, key: "(file)", message: message)])
  }
}
