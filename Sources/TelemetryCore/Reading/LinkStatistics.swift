/// What passed over one connection since the start.
package struct LinkStatistics: Hashable, Sendable {
  package var connections = 0
  package var requests = 0
  package var bytesSent = 0
  package var bytesReceived = 0
  /// Whole frames, discarded ones included.
  package var frames = 0
  /// Replies that came late or answer nothing we asked.
  package var framesDiscarded = 0
  package var exceptions = 0
  /// Answers to our request that cannot be understood.
  package var framesUnreadable = 0
  /// Connections closed because their bytes were not Modbus.
  package var framingErrors = 0
  package var timeouts = 0
  /// Scans that found the one before still under way, a silent unit, or no connection.
  package var scansSkipped = 0

  package init() {}
}
