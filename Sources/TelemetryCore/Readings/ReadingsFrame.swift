/// How the clock that labels readings with UTC was doing (rule 10 of the accounts).
package enum ClockSynchronisation: UInt8, Hashable, Sendable {
  /// Nobody could be asked, which condemns nothing.
  case unknown = 0
  case synchronised = 1
  case unsynchronised = 2

  package var name: String {
    switch self {
    case .unknown: "unknown"
    case .synchronised: "synchronised"
    case .unsynchronised: "unsynchronised"
    }
  }
}

/// What tells one boot of a host from another, since uptime begins anew with each.
package struct BootID: Hashable, Sendable {
  /// The first eight bytes of what Linux calls `boot_id`; 0 where it is not known.
  package let number: UInt64

  package static let unknown = BootID(0)

  package init(_ number: UInt64) { self.number = number }

  /// Reads the text of `/proc/sys/kernel/random/boot_id`, a UUID; nil where it is none.
  package init?(text: String) {
    let digits = text.filter { $0 != "-" }.prefix(16)
    guard digits.utf8.count == 16, let number = UInt64(digits, radix: 16) else { return nil }
    self.number = number
  }

  /// As the text of the UUID begins.
  package var text: String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Both clocks of the host at one moment, and what is known of them.
package struct HostClock: Hashable, Sendable {
  package var boot: BootID
  package var moment: Moment
  package var synchronisation: ClockSynchronisation

  package init(boot: BootID, moment: Moment, synchronisation: ClockSynchronisation) {
    self.boot = boot
    self.moment = moment
    self.synchronisation = synchronisation
  }
}

/// The readings that are written at once: what a power cut can cost.
package struct ReadingsFrame: Equatable, Sendable {
  /// When they were given to the log.
  package var clock: HostClock
  /// In the order in which they came; a site by its place in the list of sites that the log names.
  package var readings: [SiteReading]

  /// More than 10,000 sites give in a commit, and a bound for what a record may make us allocate.
  package static let readingLimit = 65_536

  package init(clock: HostClock, readings: [SiteReading]) {
    self.clock = clock
    self.readings = readings
  }
}
