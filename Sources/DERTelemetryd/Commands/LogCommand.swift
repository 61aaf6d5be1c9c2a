import ArgumentParser
import Foundation
import TelemetryCore

/// `dertelemetryd log`: the logs themselves, for whoever wants to see what is on the disk.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Check the logs frame by frame, or print their records.",
    discussion: """
      PATH is a state directory, the folder of one log (ledger or readings), or one segment file. Both commands read \
      without a lock and change nothing.

      Example: dertelemetryd log verify /var/lib/dertelemetryd
      """,
    subcommands: [LogVerify.self, LogDump.self])
}

/// `dertelemetryd log verify`.
struct LogVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every frame and every record, and name what is damaged.",
    discussion: """
      Exit status: 0 all is sound, 1 something is damaged, 69 there is no log, 74 the disk failed.

      Example: dertelemetryd log verify /var/lib/dertelemetryd/readings
      """)

  @Argument(help: "A state directory, a log's folder or a segment file.", completion: .directory)
  var path: String

  func run() throws {
    var isSound = true
    for log in try LogPath.logs(at: path) {
      let check = try LogPath.orExit(log.path) { () throws(LogDiskError) in try LogCheck(log) }
      print(check.text)
      isSound = isSound && check.isSound
    }
    guard isSound else { throw ExitCode(1) }
  }
}

/// `dertelemetryd log dump`.
struct LogDump: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print every record that can be read, one a line.",
    discussion: """
      The number of the record, its kind, and its parts under the names that the source code gives them. What is damaged \
      is left out and named on standard error.

      Exit status: 0, 69 there is no log, 74 the disk failed.

      Example: dertelemetryd log dump /var/lib/dertelemetryd/ledger --kind sealed --json
      """)

  @Argument(help: "A state directory, a log's folder or a segment file.", completion: .directory)
  var path: String

  @Option(help: ArgumentHelp("Only records from this number on.", valueName: "number"))
  var from: UInt64 = 1

  @Option(help: "Only records of this kind, such as sealed or readings.")
  var kind: String?

  @Flag(help: "Print each record as a JSON object.")
  var json = false

  func run() throws {
    for log in try LogPath.logs(at: path) {
      var words = RecordWords()
      var isHeard = true
      let damage = try LogPath.orExit(log.path) { () throws(LogDiskError) in
        try log.forEachRecord(from: LogSequence(max(1, from))) { sequence, record in
          let line = words.line(sequence, record, of: log.name)
          guard isHeard, sequence.number >= from, kind.map({ $0 == line.kind }) ?? true else { return }
          isHeard = StandardOutput.write((json ? line.json : line.text) + "\n")
        }
      }
      for sentence in damage { StandardError.write("\(log.path): \(sentence)\n") }
      guard isHeard else { return }
    }
  }
}
