import ArgumentParser
import Crypto
import Foundation
import MarketCore
import Settings
import TelemetryCore

/// What was handed over for the registrations and what became of it, in the state directory.
///
///     registration/history.jsonl   a line for each event; it names the SHA-256 of the line before it
///     registration/DIGEST/         the files that a recipient was given, named by the digest of all of them
///     registration/lock            held while a command writes
///
/// The history is published whole: it is there as it was before or with all that was added. The chain of digests shows
/// where somebody has changed a line, which a person who reads it by eye would not see.
struct RegistrationStore {
  let directory: String

  init(stateDirectory: String) { directory = "\(stateDirectory)/registration" }

  func folder(of digest: String) -> String { "\(directory)/\(digest.prefix(16))" }

  static func digest(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // MARK: Reading

  private var path: String { "\(directory)/history.jsonl" }

  private func lines() throws(RegistrationStoreError) -> [String] {
    guard DiskFiles().exists(path) else { return [] }
    do throws(ConfigurationProblems) {
      return try BoundedFile.text(of: path).split(separator: "\n").map { String($0) }
    } catch {
      throw .damaged(error.problems.first.map { "\($0)" } ?? path)
    }
  }

  func history() throws(RegistrationStoreError) -> RegistrationHistory {
    var history = RegistrationHistory()
    var previous = ""
    for (index, line) in try lines().enumerated() {
      let place = "\(path):\(index + 1)"
      guard let decoded = RegistrationLine(json: line), let event = decoded.event else {
        throw .damaged("\(place): is no entry of the history")
      }
      guard decoded.previous == previous else {
        throw .damaged("\(place): does not follow from the line before it: one of them was changed")
      }
      history.append(event)
      previous = Self.digest(line)
    }
    return history
  }

  // MARK: Writing

  /// Adds events; durable on return.
  func append(_ events: [RegistrationEvent]) throws(RegistrationStoreError) {
    _ = try history()  // nothing is added to what was changed by other hands
    var lines = try lines()
    for event in events {
      let line = RegistrationLine(
        event, recordedAt: SystemClock().now().utc, by: UserName.of(getuid()),
        previous: lines.last.map(Self.digest) ?? "")
      lines.append(try line.json())
    }
    try disk { () throws(LogDiskError) in
      try FileSystem.publish(
        Array((lines.joined(separator: "\n") + "\n").utf8), as: "history.jsonl", in: directory)
    }
  }

  /// Writes the files of a packet; they are there before the history names them.
  func keep(_ packet: RegistrationPacket, digest: String) throws(RegistrationStoreError) {
    try disk { () throws(LogDiskError) in
      try FileSystem.makeDirectories(folder(of: digest))
      for file in packet.files {
        try FileSystem.publish(Array(file.text.utf8), as: file.name, in: folder(of: digest))
      }
    }
  }

  private func disk(_ body: () throws(LogDiskError) -> Void) throws(RegistrationStoreError) {
    do throws(LogDiskError) { try body() } catch { throw .disk(error) }
  }

  // MARK: Commands

  /// Runs the work of a command that reads; what goes wrong is said on standard error.
  func reading<Value>(
    _ body: (Self) throws(RegistrationStoreError) -> Value
  ) throws(ExitCode) -> Value {
    do throws(RegistrationStoreError) {
      return try body(self)
    } catch {
      StandardError.write("\(error)\n")
      throw error.status.exitCode
    }
  }

  /// Likewise of one that writes, alone.
  func writing(_ body: (Self) throws(RegistrationStoreError) -> Void) throws(ExitCode) {
    try reading { store throws(RegistrationStoreError) in
      let lock = try store.lock()
      try body(store)
      _ = consume lock
    }
  }

  /// The lock of a command that writes and waits for others meanwhile; it is held as long as this is.
  func locked() throws(ExitCode) -> FileDescriptor {
    do throws(RegistrationStoreError) {
      return try lock()
    } catch {
      StandardError.write("\(error)\n")
      throw error.status.exitCode
    }
  }

  private func lock() throws(RegistrationStoreError) -> FileDescriptor {
    do throws(LogDiskError) {
      try FileSystem.makeDirectories(directory)
      let file = try FileDescriptor(.lock, path: "\(directory)/lock", flags: O_RDWR | O_CREAT)
      if try file.lock() { return file }
    } catch {
      throw .disk(error)
    }
    throw .busy(directory)
  }
}

/// Why the history of the registrations cannot be used.
enum RegistrationStoreError: Error, CustomStringConvertible {
  case damaged(String)
  case disk(LogDiskError)
  case busy(String)

  var description: String {
    switch self {
    case .damaged(let place): place
    case .disk(let error): "\(error)"
    case .busy(let directory): "another command is writing to \(directory): try again"
    }
  }

  var status: ExitStatus {
    switch self {
    case .damaged: .data
    case .disk: .inputOutput
    case .busy: .temporary
    }
  }
}
