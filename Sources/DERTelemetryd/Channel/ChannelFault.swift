/// Why a channel cannot be used as it is configured: a person must act.
struct ChannelFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence: what is wrong, and with which file or key.
  var description: String

  init(_ description: String) { self.description = description }
}
