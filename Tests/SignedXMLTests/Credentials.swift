import Foundation
import SignedXML

/// Certificates made once for this run by the `openssl` command.
enum Credentials {
  static let folder: String = {
    let folder = NSTemporaryDirectory() + "signed-xml-\(ProcessInfo.processInfo.processIdentifier)"
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Peers/certificates.sh").path
    let outcome = run(["bash", script, folder])
    precondition(outcome.status == 0, "the openssl command makes certificates: \(outcome.output)")
    return folder
  }()

  static func pem(_ name: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return [] }
    return Array(data)
  }

  static func write(_ bytes: [UInt8], to name: String) -> String {
    let path = "\(folder)/\(name)"
    precondition(FileManager.default.createFile(atPath: path, contents: Data(bytes)), "\(path) can be written")
    return path
  }
}

/// Runs a command to its end and takes what it printed.
func run(_ words: [String]) -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  do { try process.run() } catch { return (127, "\(error)") }
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
