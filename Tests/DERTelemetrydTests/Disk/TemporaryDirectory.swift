import Foundation

/// A directory of its own for one test, gone afterwards.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "dertelemetryd-test-\(UUID().uuidString)", directoryHint: .notDirectory)
    path = directory.path
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    } catch {
      preconditionFailure("the test needs a temporary directory: \(error)")
    }
  }

  /// What is left behind is the system's to clean up.
  deinit { _ = try? FileManager.default.removeItem(atPath: path) }
}
