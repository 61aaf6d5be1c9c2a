import TelemetryCore

/// What the pipeline hears from the sites.
enum SiteEvent: Sendable, Equatable {
  case reading(SiteReading)
  /// The site has given no reading for so long that boundaries go unmeasured, or never gave one.
  ///
  /// Comes once, until ``back(_:)``.
  case quiet(SiteIndex, ReadFailure)
  case back(SiteIndex)
  /// The device was found, for the first time or with something new about it; perhaps it is another one.
  case identified(SiteIndex, SunSpecDevice)
  /// The device answers long reads otherwise than short ones, so that it is read in so many requests.
  case cut(SiteIndex, requests: Int)
  /// Someone else takes the connection away, on which this site and perhaps others are read.
  ///
  /// Comes once, until ``uncontested(_:_:)``.
  case contested(SiteIndex, ModbusEndpoint)
  case uncontested(SiteIndex, ModbusEndpoint)
}
