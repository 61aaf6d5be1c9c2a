package import TelemetryCore

/// What every disk under a log keeps to, as sentences that can be tried.
///
/// The disk in memory and the real one are held to the same, so that what the log is tested on is what it runs on.
package enum LogDiskContract {
  /// The sentences that a disk breaks, each tried on an empty one; none if all is well.
  package static func broken<Disk: LogDisk & ~Copyable>(
    by makeEmptyDisk: () throws -> Disk
  ) throws -> [String] {
    var broken: [String] = []
    for (sentence, isKept) in sentences(for: Disk.self) {
      var disk = try makeEmptyDisk()
      if try !isKept(&disk) { broken.append(sentence) }
    }
    return broken
  }

  private typealias Sentence<Disk: LogDisk & ~Copyable> = (String, (inout Disk) throws -> Bool)

  private static func sentences<Disk: LogDisk & ~Copyable>(for disk: Disk.Type) -> [Sentence<Disk>] {
    [
      ("an empty disk lists nothing", { disk in try disk.list().isEmpty }),
      (
        "a new file is empty and listed",
        { disk in
          try disk.create("a")
          return try disk.list() == ["a"] && disk.byteCount(of: "a") == 0 && disk.read("a", 0..<9).isEmpty
        }
      ),
      (
        "written bytes come back, synced or not",
        { disk in
          try disk.create("a")
          try disk.write([1, 2, 3], to: "a", at: 0)
          let unsynced = try disk.read("a", 0..<3)
          try disk.sync("a")
          try disk.syncDirectory()
          return try unsynced == [1, 2, 3] && disk.read("a", 0..<3) == unsynced && disk.byteCount(of: "a") == 3
        }
      ),
      (
        "a write replaces what it covers, and only that",
        { disk in
          try disk.create("a")
          try disk.write([1, 2, 3, 4], to: "a", at: 0)
          try disk.write([9, 9], to: "a", at: 1)
          return try disk.read("a", 0..<4) == [1, 9, 9, 4]
        }
      ),
      (
        "a write beyond the end leaves zeros in between",
        { disk in
          try disk.create("a")
          try disk.write([7], to: "a", at: 3)
          return try disk.read("a", 0..<4) == [0, 0, 0, 7]
        }
      ),
      (
        "two files are two files",
        { disk in
          try disk.create("a")
          try disk.create("b")
          try disk.write([1], to: "a", at: 0)
          try disk.write([2], to: "b", at: 0)
          try disk.write([3], to: "a", at: 1)
          return try disk.read("a", 0..<9) == [1, 3] && disk.read("b", 0..<9) == [2]
        }
      ),
      (
        "a read stops at the end of the file",
        { disk in
          try disk.create("a")
          try disk.write([1, 2, 3], to: "a", at: 0)
          return try disk.read("a", 1..<1_000) == [2, 3] && disk.read("a", 3..<9).isEmpty
            && disk.read("a", 8..<9).isEmpty
        }
      ),
      (
        "creating a file empties the one that had its name",
        { disk in
          try disk.create("a")
          try disk.write([1, 2, 3], to: "a", at: 0)
          try disk.create("a")
          try disk.write([4], to: "a", at: 0)
          return try disk.read("a", 0..<9) == [4]
        }
      ),
      (
        "a rename takes the contents along and replaces",
        { disk in
          try disk.create("a")
          try disk.create("b")
          try disk.write([1], to: "a", at: 0)
          try disk.rename("a", to: "b")
          try disk.write([2], to: "b", at: 1)
          try disk.sync("b")
          return try disk.list() == ["b"] && disk.read("b", 0..<9) == [1, 2]
        }
      ),
      (
        "a file that is cut keeps its start",
        { disk in
          try disk.create("a")
          try disk.write([1, 2, 3], to: "a", at: 0)
          try disk.truncate("a", to: 1)
          try disk.sync("a")
          return try disk.read("a", 0..<9) == [1] && disk.byteCount(of: "a") == 1
        }
      ),
      (
        "a removed file is gone",
        { disk in
          try disk.create("a")
          try disk.write([1], to: "a", at: 0)
          try disk.remove("a")
          try disk.syncDirectory()
          return try disk.list().isEmpty && isMissing { _ = try disk.read("a", 0..<1) }
        }
      ),
      (
        "what is asked of a file that is not there says so, and makes none",
        { disk in
          let answers = try [
            isMissing { _ = try disk.byteCount(of: "x") },
            isMissing { _ = try disk.read("x", 0..<1) },
            isMissing { try disk.write([1], to: "x", at: 0) },
            isMissing { try disk.sync("x") },
            isMissing { try disk.rename("x", to: "y") },
            isMissing { try disk.truncate("x", to: 0) },
            isMissing { try disk.remove("x") },
          ]
          return try answers.allSatisfy { $0 } && disk.list().isEmpty
        }
      ),
      (
        "what is free is told or not known, and never less than nothing",
        { disk in try disk.freeByteCount().map { $0 >= 0 } ?? true }
      ),
      (
        "quarantined bytes are not among the log's files, and keeping them twice is no error",
        { disk in
          try disk.quarantine([1, 2], as: "q")
          try disk.quarantine([1, 2], as: "q")
          return try disk.list().isEmpty
        }
      ),
    ]
  }

  private static func isMissing(_ work: () throws -> Void) throws -> Bool {
    do {
      try work()
      return false
    } catch let error as LogDiskError {
      return error.cause == .noSuchFile
    }
  }
}
