import Crypto
import Logging
import Settings
import TelemetryCore

/// The configuration to work by: the one in the files, or the last one that the daemon accepted (P6).
struct ConfigurationInForce {
  var settings: Settings
  var files: ConfigurationFiles
  /// Where the length of the intervals stands in the files.
  var intervalPlace: ConfigurationPlace
  /// Nil while the files are valid.
  var fallback: Fallback?

  /// Why the files do not count, and what does instead.
  struct Fallback {
    var path: String
    var problems: ConfigurationProblems
    /// When the daemon first took the configuration that it works by now.
    var since: UTCInstant
  }

  /// Why there is nothing to fall back on.
  struct NothingKept: Error, CustomStringConvertible {
    /// A sentence; empty where there is no ledger at all.
    var description: String
  }

  init(_ loaded: LoadedConfiguration) {
    settings = loaded.settings
    files = loaded.files
    intervalPlace = loaded.intervalPlace
  }

  /// What the accounts keep, where it can still be read and belongs to the same main file.
  init(
    kept: AcceptedConfiguration?, insteadOf path: String, problems: ConfigurationProblems, stateDirectory: String,
    environment: [String: String]
  ) throws(NothingKept) {
    guard let kept else { throw NothingKept(description: "no configuration was ever accepted here") }
    let what = "the last configuration that was accepted, \(kept.since.text),"
    guard let files = kept.files else { throw NothingKept(description: "\(what) was too large to be kept") }
    guard files.path == ConfigurationPath.normal(path) else {
      throw NothingKept(description: "\(what) was that of \(files.path)")
    }
    switch SettingsLoader.load(kept: files, path: path, environment: environment) {
    case .failure(let refusal):
      let first = refusal.problems.first.map { ": \($0)" } ?? ""
      throw NothingKept(description: "\(what) cannot be read by this version\(first)")
    case .success(let loaded):
      self.init(loaded)
      settings.stateDirectory = stateDirectory
      self.files = files
      fallback = Fallback(path: path, problems: problems, since: kept.since)
    }
  }

  /// Looks for a ledger, as far as it can still be told where it is, and takes what it keeps.
  init(
    insteadOf path: String, problems: ConfigurationProblems, environment: [String: String]
  ) throws(NothingKept) {
    let directory = StateDirectoryName.find(path: path, environment: environment)
    var replay = LedgerReplay()
    do throws(LogDiskError) {
      let disk = StateDirectory.ledgerDisk(of: directory)
      let start = try LedgerStart(of: disk)
      replay = start.replay
      _ = try LogContents(of: disk, from: start.segment) { replay.take($0, $1) }
    } catch {
      let isAbsent = error.cause == .noSuchFile
      throw NothingKept(description: isAbsent ? "" : "the ledger in \(directory) cannot be read: \(error)")
    }
    try self.init(
      kept: replay.state.configuration, insteadOf: path, problems: problems, stateDirectory: directory,
      environment: environment)
  }

  /// What the ledger is to keep of it.
  var kept: Pipeline.Configuration {
    let digest = Digest(Array(SHA256.hash(data: files.content))) ?? Digest()
    return Pipeline.Configuration(files: files, digest: digest)
  }
}

extension ConfigurationInForce.Fallback {
  /// How many problems are told one by one.
  private static let shownCount = 10

  var problemCount: Int { problems.problems.count + problems.omittedCount }

  /// For the journal: what is wrong, how much more there is, and what holds meanwhile.
  var lines: [String] {
    let shown = problems.problems.prefix(Self.shownCount).map { "the configuration is not valid: \($0)" }
    let more = problemCount - shown.count
    let rest = more > 0 ? ["the configuration is not valid: \(more) problems more, see dertelemetryd check"] : []
    let sum =
      "\(path) has \(problemCount == 1 ? "1 problem" : "\(problemCount) problems") and is not used: running on the last "
      + "configuration that was accepted, \(since.text), as the ledger keeps it (dertelemetryd config show --kept); mend "
      + "the files and restart"
    return shown + rest + [sum]
  }

  /// For people who ask the command line.
  var note: String {
    "note: \(path) is not valid (see dertelemetryd check); going by the last configuration that was accepted, "
      + "\(since.text)\n"
  }

  /// Stands before everything else in `systemctl status`.
  var status: String { "configuration not valid, running on that of \(since.text); " }
}
