/// Why a scan of a site brought no reading.
///
/// A failed read is absence, never zero (P4).
package enum ReadFailure: Error, Hashable, Sendable {
  /// No connection could be made.
  case unreachable(reason: String)
  case connectionTimedOut
  /// The connection ended before the reply came.
  case connectionLost(reason: String)
  case replyTimedOut
  /// The reply took so long that its instant says nothing about the boundaries around it.
  case replyTooSlow
  case refused(ModbusException)
  case framing(ModbusFramingError)
  case unreadable(ModbusMessageError)
  case walk(SunSpecWalkError)
  /// The map cannot be read by this device.
  case blocks(BlockCheckError)
  /// A point and its scale factor lie further apart than one request reaches.
  case mapTooWide
  /// Where the metered model was there is another one now.
  case modelMoved
  /// The device implements neither power nor energy, or says it does not know them now.
  case nothingMeasured
}

extension ReadFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let reason): "unreachable: \(reason)"
    case .connectionTimedOut: "unreachable: no connection within \(ConnectionSession.connectTimeout.count / 1_000) s"
    case .connectionLost(let reason): "connection lost: \(reason)"
    case .replyTimedOut: "no reply in time"
    case .replyTooSlow: "a reply too slow to say when it was true"
    case .refused(let exception): "\(exception)"
    case .framing(let error): "\(error)"
    case .unreadable(let error): "\(error)"
    case .walk(let error): "\(error)"
    case .blocks(let error): "\(error)"
    case .mapTooWide: "a point lies further from its scale factor than one request reaches"
    case .modelMoved: "another SunSpec model stands where the metered one was"
    case .nothingMeasured: "neither power nor energy in its answer"
    }
  }
}
