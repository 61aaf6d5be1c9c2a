extension SiteSession {
  /// What happened.
  package enum Event: Hashable, Sendable {
    // From the schedule.
    case scanDue
    case deadlinePassed
    // From the connection.
    case connected
    case unreachable(reason: String)
    case received([UInt8])
    case closed(reason: String)
  }

  /// What is to be done.
  package enum Action: Equatable, Sendable {
    // To the connection.
    case connect
    case send([UInt8])
    /// Also ends an attempt to connect.
    case close
    // To the pipeline.
    case reading(SiteReading)
    case lost(ReadFailure)
    /// The site has given no reading for so long that boundaries go unmeasured, or never gave one.
    ///
    /// Comes once, until ``back``.
    case quiet(ReadFailure)
    case back
    /// A walk found the device, for the first time or with something new about it.
    case identified(SunSpecDevice)
    /// Another device answers at the site's address: its registers are not those of the old one.
    case replaced(old: DeviceIdentity, new: DeviceIdentity)
  }
}
