import CSystemd
import Foundation
import Logging
import TelemetryCore

/// Writes log messages to journald with their fields, or to standard error where no journal reads it.
///
/// What goes to a pipe or a file begins with the priority as sd-daemon(3) has it. A message is one line, whatever a
/// device or an operator put into it.
struct JournalHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  private let isJournal: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = SystemClock()

  init() {
    let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    isJournal = Self.isJournal(stream: stream, standardError: Self.target(of: "/proc/self/fd/\(STDERR_FILENO)"))
  }

  /// Standard error is the journal when it is the socket that systemd names: `DEVICE:INODE` against `socket:[INODE]`.
  static func isJournal(stream: String?, standardError: String) -> Bool {
    guard let inode = stream?.split(separator: ":", omittingEmptySubsequences: false).last else { return false }
    return standardError == "socket:[\(inode)]"
  }

  private static func target(of link: String) -> String {
    do {
      return try FileManager.default.destinationOfSymbolicLink(atPath: link)
    } catch {
      return ""
    }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let message = event.message.description
    if isJournal, sendToJournal(event.level, message, fields) { return }
    writeToStandardError(Self.line(message, event.level, at: clock.now().utc, inTerminal: isTerminal))
  }

  /// Returns false where the journal did not take it.
  private func sendToJournal(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> Bool {
    var entries = [
      "MESSAGE=\(message.controlsEscaped)", "PRIORITY=\(level.syslogPriority)", "SYSLOG_IDENTIFIER=dertelemetryd",
    ]
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

  private func writeToStandardError(_ line: String) {
    // Nowhere left to say that it failed.
    _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// One message, one line: people see its time and how urgent it is, other readers its priority.
  static func line(_ message: String, _ level: Logger.Level, at instant: UTCInstant, inTerminal: Bool) -> String {
    let start = inTerminal ? "\(instant.text) \(level.rawValue)" : "<\(level.syslogPriority)>\(instant.text)"
    return "\(start) \(message.controlsEscaped)\n"
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
  /// Writes an announcement with its id and its native fields; nothing else is written into the journal.
  func write(_ announcement: Announcement) {
    var fields: Logger.Metadata = [
      "MESSAGE_ID": "\(announcement.kind.id)", "DER_MESSAGE": "\(announcement.kind.rawValue)",
    ]
    for (field, value) in announcement.fields { fields[field.rawValue] = "\(value)" }
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
