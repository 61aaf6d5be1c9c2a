import Foundation
import Glibc

/// Why the stand-in cannot use a file.
enum OperatorFileProblem: Error, CustomStringConvertible {
  case system(String, path: String, code: Int32)
  case inUse(path: String)
  case damaged(path: String, line: Int)

  var description: String {
    switch self {
    case .system(let act, let path, let code): "\(path): cannot \(act): \(String(cString: strerror(code)))"
    case .inUse(let path): "\(path): another stand-in is writing it"
    case .damaged(let path, let line): "\(path):\(line): no batch of a stand-in"
    }
  }
}

/// The file of everything received: one batch in JSON for each line, only ever appended to.
///
/// A line without its end was cut off by a crash before the client was answered, so it was never received.
final class ReceivedFile: Sendable {
  private let path: String
  private let descriptor: Int32
  /// What the file held when it was opened.
  let found: ReceivedBatches

  static func path(in directory: String) -> String { directory + "/received.jsonl" }

  /// Opens or makes the file in a directory for one writer, and reads what it holds.
  init(directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    path = Self.path(in: directory)
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw OperatorFileProblem.system("open", path: path, code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw OperatorFileProblem.inUse(path: path) }
    let (read, wholeByteCount) = try Self.batches(in: Data(contentsOf: URL(filePath: path)), path: path)
    guard ftruncate(descriptor, off_t(wholeByteCount)) == 0, fsync(descriptor) == 0 else {
      throw OperatorFileProblem.system("truncate", path: path, code: errno)
    }
    try Self.syncDirectory(directory)
    found = read
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Reads what a directory holds without opening it for writing.
  static func read(directory: String) throws -> ReceivedBatches {
    let path = path(in: directory)
    guard access(path, R_OK) == 0 else { throw OperatorFileProblem.system("read", path: path, code: errno) }
    return try batches(in: Data(contentsOf: URL(filePath: path)), path: path).0
  }

  /// Returns once the batch is on the disk.
  func append(_ batch: ReceivedBatch) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = Array(try encoder.encode(batch))
    line.append(UInt8(ascii: "\n"))
    let start = lseek(descriptor, 0, SEEK_END)
    do {
      try write(line)
      guard fsync(descriptor) == 0 else { throw OperatorFileProblem.system("sync", path: path, code: errno) }
    } catch {
      // What was not answered must not stand there half when the next line comes.
      guard start >= 0, ftruncate(descriptor, start) == 0 else {
        throw OperatorFileProblem.damaged(path: path, line: 0)
      }
      throw error
    }
  }

  private func write(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw OperatorFileProblem.system("write", path: path, code: errno) }
      written += count
    }
  }

  /// The batches in a file, and how many of its bytes are whole lines.
  static func batches(in data: Data, path: String) throws -> (ReceivedBatches, Int) {
    var batches = ReceivedBatches()
    var start = data.startIndex
    var number = 0
    while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      guard let batch = batch(data[start..<end]) else { throw OperatorFileProblem.damaged(path: path, line: number) }
      batches.receive(batch)
      start = data.index(after: end)
    }
    return (batches, start - data.startIndex)
  }

  private static func batch(_ line: Data) -> ReceivedBatch? {
    do {
      let batch = try JSONDecoder().decode(ReceivedBatch.self, from: line)
      return batch.isSound ? batch : nil
    } catch {
      return nil
    }
  }

  private static func syncDirectory(_ directory: String) throws {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw OperatorFileProblem.system("open", path: directory, code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw OperatorFileProblem.system("sync", path: directory, code: errno)
    }
  }
}
