import Foundation
import Testing

@testable import DERSimulator

@Suite struct ReceivedFileTests {
  private let first = ReceivedBatch.example(id: "1", [.example(300, "0.10")])
  private let second = ReceivedBatch.example(
    id: "2", [.example(600, "-0.20")], faults: [.init(row: 0, message: "Fehler: „é“\n")])

  @Test func whatWasAppendedIsThereAfterARestart() throws {
    try withDirectory { directory in
      do {
        let file = try ReceivedFile(directory: directory + "/new")
        #expect(file.found.batches.isEmpty)
        try file.append(first)
        try file.append(second)
      }
      #expect(try ReceivedFile(directory: directory + "/new").found.batches == [first, second])
      #expect(try ReceivedFile.read(directory: directory + "/new").batches == [first, second])
    }
  }

  @Test func aLineCutOffAnywhereIsDroppedAndTheOthersStay() throws {
    try withDirectory { directory in
      let whole = try bytes(of: [first, second], in: directory)
      let firstLength = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
      for length in firstLength..<whole.count {
        let (batches, kept) = try ReceivedFile.batches(in: whole[..<length], path: "test")
        #expect(batches.batches == [first])
        #expect(kept == firstLength)
      }
    }
  }

  @Test func aCutLineIsNotGluedToTheNextOne() throws {
    try withDirectory { directory in
      let whole = try bytes(of: [first, second], in: directory)
      try whole.dropLast(7).write(to: URL(filePath: ReceivedFile.path(in: directory)))
      do {
        let file = try ReceivedFile(directory: directory)
        #expect(file.found.batches == [first])
        try file.append(second)
      }
      #expect(try ReceivedFile.read(directory: directory).batches == [first, second])
    }
  }

  @Test func aDamagedLineIsNamedAndNothingIsOverwritten() throws {
    try withDirectory { directory in
      var damaged = try bytes(of: [first, second], in: directory)
      damaged[damaged.startIndex + 3] = UInt8(ascii: "#")
      try damaged.write(to: URL(filePath: ReceivedFile.path(in: directory)))
      #expect(throws: OperatorFileProblem.self) {
        _ = try ReceivedFile(directory: directory)
      }
      #expect(try Data(contentsOf: URL(filePath: ReceivedFile.path(in: directory))) == damaged)
    }
  }

  @Test func aSecondWriterIsTurnedAway() throws {
    try withDirectory { directory in
      let file = try ReceivedFile(directory: directory)
      #expect(throws: OperatorFileProblem.self) {
        _ = try ReceivedFile(directory: directory)
      }
      try file.append(first)
    }
  }

  private func bytes(of batches: [ReceivedBatch], in directory: String) throws -> Data {
    let file = try ReceivedFile(directory: directory)
    for batch in batches { try file.append(batch) }
    return try Data(contentsOf: URL(filePath: ReceivedFile.path(in: directory)))
  }
}

/// A directory of its own for one test.
func withDirectory(_ body: (String) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory.appending(path: "dersim-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try body(directory.path())
}
