import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd restore`: a state directory from a copy.
struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a backup in place of a state directory that is empty, for the daemon to start on.",
    discussion: """
      The daemon must not run, and the state directory must hold no log: move the old one away first. The backup is \
      checked frame by frame before anything is written. The daemon then measures and seals, and submits nothing until \
      `dertelemetryd adopt`: what was accepted after the backup was made is not in it. See docs/deciding.md.

      Exit status: 0 restored, 64 usage, 65 the backup is not whole or damaged, or there is a log already, 69 no such \
      backup, 74 disk, 75 another process has the state directory, 78 the configuration is not valid.

      Example: dertelemetryd restore /srv/backup/2026-11-25
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Argument(help: "What `dertelemetryd backup` has made.", completion: .directory)
  var directory: String

  func run() throws {
    let state = try configuration.settings().stateDirectory
    let backup = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    try check(backup)
    if let found = Self.firstFile(in: state) {
      StandardError.write("\(state)/\(found) is there: nothing is restored over accounts: move \(state) away first\n")
      throw ExitStatus.data.exitCode
    }
    do throws(LogDiskError) {
      try put(backup, into: state)
    } catch {
      StandardError.write("\(state): \(error)\n")
      throw (error.cause == .busy ? ExitStatus.temporary : .inputOutput).exitCode
    }
    print("\(state): restored. Start the daemon: it measures and seals, and submits nothing until dertelemetryd adopt.")
  }

  private func check(_ backup: String) throws {
    guard access("\(backup)/\(StateCopy.markName)", R_OK) == 0 else {
      let isThere = access(backup, F_OK) == 0
      StandardError.write("\(backup): \(isThere ? "no backup, or one that is not whole" : "there is no such backup")\n")
      throw (isThere ? ExitStatus.data : .unavailable).exitCode
    }
    for log in try LogPath.logs(at: backup) {
      let check = try LogPath.orExit(log.path) { () throws(LogDiskError) in try LogCheck(log) }
      print(check.text)
      guard check.isSound else {
        StandardError.write("\(log.path): damaged: nothing was restored; take another backup\n")
        throw ExitStatus.data.exitCode
      }
    }
  }

  /// What a state directory holds beside what belongs to a process and what OASIS has said.
  private static func firstFile(in state: String) -> String? {
    guard let entries = FileManager.default.enumerator(atPath: state) else { return nil }
    while let entry = entries.nextObject() as? String {
      let isOfNobody = ["lock", "reserve", "control.sock"].contains(entry) || entry.hasPrefix("market.sqlite")
      if !isOfNobody, entries.fileAttributes?[.type] as? FileAttributeType != .typeDirectory { return entry }
    }
    return nil
  }

  /// Under the lock, and marked as restored before the first record is there, so that nothing is ever sent from a part.
  private func put(_ backup: String, into state: String) throws(LogDiskError) {
    let isNew = access(state, F_OK) != 0
    let owner = StateCopy.Owner(of: isNew ? URL(filePath: state).deletingLastPathComponent().path() : state)
    let lock = try StateDirectory(locking: state)
    try FileSystem.publish(StateHome.newMark(), as: StateHome.markName, in: lock.path)
    var copy = StateCopy(of: backup, into: lock.path, owner: owner)
    try copy.run()
    for name in (isNew ? ["."] : []) + ["lock", "ledger", "readings", "evidence", "quarantine", StateHome.markName] {
      try copy.giveAway(name)
    }
    try FileDescriptor(directory: lock.path).syncNames()
  }
}
