import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd backup`: a consistent copy of the state directory, while the daemon runs.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy ledger, readings and evidence to a new folder, beside the running daemon.",
    discussion: """
      The copy ends with a whole record, and holds everything that this record rests on. It is checked frame by frame. It \
      is written to DIRECTORY.part first, and has its name once it is whole and durable. The configuration and the key are \
      not in it; what OASIS has said is not, and can be asked for again.

      Exit status: 0 copied and sound, 1 copied, and something is damaged, 64 usage, 65 there is something of this name, \
      69 no ledger, 74 disk, 78 the configuration is not valid.

      Example: dertelemetryd backup /srv/backup/2026-11-25
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Argument(help: "The folder to make; there must be nothing of this name.", completion: .directory)
  var directory: String

  func run() throws {
    let state = try configuration.settings().stateDirectory
    guard access("\(state)/ledger", F_OK) == 0 else {
      StandardError.write("\(state): there is no ledger here: the daemon has not run yet\n")
      throw ExitStatus.unavailable.exitCode
    }
    let directory = self.directory.hasSuffix("/") ? String(self.directory.dropLast()) : self.directory
    let part = "\(directory).part"
    for path in [directory, part] where access(path, F_OK) == 0 {
      StandardError.write("\(path): there is something of this name: expected another, or remove it\n")
      throw ExitStatus.data.exitCode
    }
    var copy = StateCopy(of: state, into: part)
    try LogPath.orExit(directory) { () throws(LogDiskError) in try copy.run() }
    var isSound = true
    for log in try LogPath.logs(at: part) {
      let check = try LogPath.orExit(log.path) { () throws(LogDiskError) in try LogCheck(log) }
      print(check.text)
      isSound = isSound && check.isSound
    }
    try LogPath.orExit(directory) { () throws(LogDiskError) in
      let mark = "dertelemetryd \(Version.number), \(SystemClock().now().utc.text)\n"
      try FileSystem.publish(Array(mark.utf8), as: StateCopy.markName, in: part)
      try FileSystem.rename(part, to: directory)
      let parent = URL(filePath: directory).deletingLastPathComponent().path()
      try FileDescriptor(directory: parent).syncNames()
    }
    print("\(directory): \(copy.byteCount) bytes. A restored copy submits nothing until it is adopted.")
    guard isSound else { throw ExitCode(1) }
  }
}
