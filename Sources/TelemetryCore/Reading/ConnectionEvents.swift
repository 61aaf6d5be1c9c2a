/// A site that is read over a connection.
package struct ConnectionMember: Hashable, Sendable {
  package var site: SiteIndex
  package var unit: UInt8
  /// How often it is read.
  package var scan: Milliseconds
  package var source: MeterSource

  package init(site: SiteIndex, unit: UInt8, scan: Milliseconds, source: MeterSource = .sunSpec(.any)) {
    self.site = site
    self.unit = unit
    self.scan = scan
    self.source = source
  }
}

/// What a connection is given.
package struct ConnectionLimits: Hashable, Sendable {
  /// How many requests may be under way at a time: 1 to 16.
  ///
  /// More than one only where the device is known to queue them; most drop or mix up what they did not expect.
  package var pipeline: Int
  /// How long a device may take for one reply.
  package var replyTimeout: Milliseconds
  /// On a line without transaction identifiers one request is under way, whatever the pipeline.
  package var framing: ModbusFraming

  package static let standard = ConnectionLimits(pipeline: 1, replyTimeout: .seconds(3))
  package static let pipelines = 1...16
  /// A whole model is 223 bytes, 2 s on a serial line of 1,200 baud behind a gateway.
  package static let replyTimeouts = Milliseconds(100) ... .seconds(30)

  /// - Precondition: 1 to 16 requests.
  package init(pipeline: Int, replyTimeout: Milliseconds, framing: ModbusFraming = .tcp) {
    precondition(Self.pipelines.contains(pipeline), "a connection has 1 to 16 requests under way")
    self.pipeline = pipeline
    self.replyTimeout = replyTimeout
    self.framing = framing
  }
}

/// When something happened, and chance.
struct ConnectionContext {
  let moment: Moment
  let jitter: UInt8
  var uptime: UptimeInstant { moment.uptime }
}

/// What a connection is to do: used again for each event, so that a scan allocates nothing.
package struct ConnectionOutput: Sendable {
  /// To be sent in one piece.
  package var bytes: [UInt8] = []
  package var actions: [ConnectionSession.Action] = []

  package init() {}

  package mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    actions.removeAll(keepingCapacity: true)
  }
}

extension ConnectionSession {
  /// What happened.
  package enum Event: Hashable, Sendable {
    // From the schedule; a site is named by its place among the connection's members.
    case scanDue(Int)
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
    /// Also ends an attempt to connect.
    case close
    // To the pipeline.
    case reading(SiteReading)
    case lost(SiteIndex, ReadFailure)
    /// The site has given no reading for so long that boundaries go unmeasured, or never gave one.
    ///
    /// Comes once, until ``back(_:)``.
    case quiet(SiteIndex, ReadFailure)
    case back(SiteIndex)
    /// A walk found the device, for the first time or with something new about it; perhaps it is another one.
    case identified(SiteIndex, SunSpecDevice)
    /// The device answers long reads otherwise than short ones, so that it is read in so many requests.
    case cut(SiteIndex, requests: Int)
    /// Someone else takes the connection away, on which this site and perhaps others are read.
    ///
    /// Comes once, until ``uncontested(_:)``.
    case contested(SiteIndex)
    case uncontested(SiteIndex)
  }
}
