import Foundation
import TelemetryCore

/// What a command asks a running daemon: one line of JSON.
struct ControlMessage: Codable, Hashable {
  enum Verb: String, Codable, CaseIterable {
    case hold, release, adopt, waive, resubmit
    case resolveHeld = "resolve-held"
    case resolveAbsent = "resolve-absent"
  }

  var verb: Verb
  var reason: String
  var isDryRun: Bool
  var isPartly = false
  var channel: String?
  var resource: String?
  var measurement: String?
  /// UTC, as texts with a `Z`.
  var first: String?
  var last: String?

  /// Longer ones do not fit the ledger.
  static let reasonByteLimit = 500

  /// - Throws: what is wrong with it, in words.
  func request(user: String) throws(ControlProblem) -> PersonRequest {
    guard isDryRun || !reason.allSatisfy(\.isWhitespace) else { throw ControlProblem("a reason is missing") }
    guard reason.utf8.count <= Self.reasonByteLimit else {
      throw ControlProblem("the reason is longer than \(Self.reasonByteLimit) bytes")
    }
    return PersonRequest(try subject(), user: user, reason: reason, isPartly: isPartly)
  }

  private func subject() throws(ControlProblem) -> PersonRequest.Subject {
    switch verb {
    case .hold: .hold(ChannelName(try given(channel, "channel")))
    case .release: .release(ChannelName(try given(channel, "channel")))
    case .adopt: .adopt
    case .waive: .intervals(.waived, try selection())
    case .resubmit: .intervals(.resubmitted, try selection())
    case .resolveHeld: .intervals(.foundHeld, try selection())
    case .resolveAbsent: .intervals(.foundAbsent, try selection())
    }
  }

  private func selection() throws(ControlProblem) -> IntervalSelection {
    guard let first = UTCInstant(timestamp: try given(first, "first")),
      let last = UTCInstant(timestamp: try given(last, "last"))
    else { throw ControlProblem("first and last are no instants") }
    return IntervalSelection(
      resource: ResourceID(try given(resource, "resource")), measurement: measurement.map(MeasurementType.init),
      first: first, last: last)
  }

  private func given(_ value: String?, _ name: String) throws(ControlProblem) -> String {
    guard let value, !value.isEmpty else { throw ControlProblem("\(name) is missing") }
    return value
  }
}

/// What a command wants to know of a running daemon: one line of JSON too.
struct ControlQuestion: Codable, Hashable {
  enum Verb: String, Codable {
    case status
  }

  var verb: Verb
}

/// Why a request came to nothing.
struct ControlProblem: Error, Hashable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
