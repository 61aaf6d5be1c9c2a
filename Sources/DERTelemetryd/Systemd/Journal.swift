import CSystemd
import Foundation
import Logging
import TelemetryCore

/// Writes log messages to journald with their fields, or to standard error where no journal reads it.
///
/// What goes to a pipe or a file begins with the priority as sd-daemon(3) has it.
struct JournalHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  private let isJournal: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Standard error is the journal when its device and inode are the ones that systemd names.
  init() {
    var status = stat()
    let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    isJournal = fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
    if isJournal, sendToJournal(event.level, event.message.description, fields) { return }
    writeToStandardError(event.level, event.message.description)
  }

  /// Returns false where the journal did not take it.
  private func sendToJournal(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> Bool {
    var entries = ["MESSAGE=\(message)", "PRIORITY=\(level.syslogPriority)", "SYSLOG_IDENTIFIER=dertelemetryd"]
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) { entries.append("\(key)=\(value)") }
    var bytes: [UInt8] = []
    let ranges = entries.map { entry in
      let start = bytes.count
      bytes += entry.utf8
      return start..<bytes.count
    }
    return bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return false }
      let vectors = ranges.map { iovec(iov_base: base + $0.lowerBound, iov_len: $0.count) }
      return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
    }
  }

  private func writeToStandardError(_ level: Logger.Level, _ message: String) {
    let time = SystemClock().now().utc.text
    let start = isTerminal ? "\(time) \(level.rawValue)" : "<\(level.syslogPriority)>\(time)"
    let line = Array("\(start) \(message)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }  // nowhere left to say that it failed
  }
}

extension Logger.Level {
  /// The priority of syslog(3).
  fileprivate var syslogPriority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

extension Logger {
  /// Writes an announcement with its native fields.
  func write(_ announcement: Announcement) {
    var fields: Logger.Metadata = [:]
    if let site = announcement.site { fields["DER_SITE"] = "\(site)" }
    if let resource = announcement.resource { fields["DER_RESOURCE"] = "\(resource)" }
    if let ending = announcement.intervalEnding { fields["DER_INTERVAL_ENDING"] = "\(ending.instant.text)" }
    if let submission = announcement.submission { fields["DER_SUBMISSION"] = "\(submission)" }
    log(level: announcement.priority.level, "\(announcement.message)", metadata: fields)
  }
}

extension Announcement.Priority {
  fileprivate var level: Logger.Level {
    switch self {
    case .critical: .critical
    case .error: .error
    case .warning: .warning
    case .notice: .notice
    case .info: .info
    }
  }
}
