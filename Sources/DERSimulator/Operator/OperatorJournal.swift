import Foundation
import Glibc
import TelemetryCore

/// One line on standard output for each thing that happens.
struct OperatorJournal: Sendable {
  private struct Line: Encodable {
    var time: String
    var event: String
    var host: String?
    var port: Int?
    var status: Int?
    var service: String?
    var outcome: String?
    var batch: String?
    var rows: Int?
    var reason: String?
    var fault: String?
    var faultCount: Int?
  }

  var asJSON: Bool

  func write(_ event: OperatorEvent, at now: UTCInstant) {
    let bytes = Array((line(event, at: now) + "\n").utf8)
    // Unbuffered, and not looked at: when nobody reads this any more, serving goes on.
    _ = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  func line(_ event: OperatorEvent, at now: UTCInstant) -> String {
    let line = Self.line(event, now.timestamp(.milliseconds))
    if asJSON, let text = JSONLine.text(line) { return text }
    let parts = [
      line.service, line.outcome, line.batch.map { "batch \($0)" }, line.rows.map { "\($0) rows" },
      line.host.map { "https://\($0):\(line.port ?? 0)" }, line.status.map { "HTTP \($0)" }, line.reason,
      line.fault.map { "fault \($0) (\(line.faultCount ?? 0))" },
    ]
    return ([line.time, line.event] + parts.compactMap { $0 }).joined(separator: " ")
  }

  private static func line(_ event: OperatorEvent, _ time: String) -> Line {
    switch event {
    case .listening(let host, let port):
      Line(time: time, event: "listening", host: host, port: port)
    case .connectionFailed(let reason):
      Line(time: time, event: "connection-failed", reason: reason)
    case .answered(let status, let note):
      Line(
        time: time, event: "call", status: status == 0 ? nil : status, service: note.service,
        outcome: note.outcome.rawValue, batch: note.batch, rows: note.rows, reason: note.reason, fault: note.fault,
        faultCount: note.faultCount)
    case .menuChanged(let text):
      Line(time: time, event: "menu", reason: text)
    case .door(let isOpen):
      Line(time: time, event: isOpen ? "back" : "away")
    }
  }
}

/// One JSON object on one line, its keys in the order of the alphabet.
enum JSONLine {
  static func text(_ value: some Encodable) -> String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      return nil
    }
  }
}
