import Foundation
import TelemetryCore

/// What `dersim fleet` writes for each site when it listens.
struct SiteAnnouncement: Codable, Equatable {
  var site: String
  var host: String
  var port: Int
  var unit: UInt8
  var model: UInt16
  var serialNumber: String
  /// How many of the recorded array the site has.
  var factor: Int64
  var nameplateWatts: Int64
  /// UTC seconds since 1970.
  var epoch: Int64
  var speed: Int64

  init(_ site: FleetSite, host: String, port: Int, unit: UInt8) {
    self.site = site.name
    self.host = host
    self.port = port
    self.unit = unit
    model = site.model.rawValue
    serialNumber = site.serialNumber
    factor = site.factor
    nameplateWatts = site.nameplateWatts
    epoch = site.replay.epoch.seconds
    speed = site.replay.speed
  }
}

/// What `dersim fleet --describe` writes for each site.
///
/// Millijoules are since the epoch and exact but for what is cut off below one; counts are what the registers hold before
/// they are cut to 32 bits. Integers beyond 2^53 are written in full.
struct SiteDescription: Codable, Equatable {
  var site: String
  var model: UInt16
  /// UTC seconds since 1970.
  var at: Int64
  /// Positive when it leaves the site.
  var powerMilliwatts: Int64
  var powerScale: Int
  var powerCount: Int64
  var exportedMillijoules: Int64
  var importedMillijoules: Int64
  var exportCount: Int64
  var importCount: Int64
  var energyScale: Int

  init(_ site: FleetSite, at instant: UTCInstant) {
    let state = site.state(at: instant)
    self.site = site.name
    model = site.model.rawValue
    at = instant.seconds
    powerMilliwatts = state.milliwatts
    powerScale = site.powerScale
    powerCount = FleetSite.powerCount(state.milliwatts, scale: site.powerScale)
    exportedMillijoules = Int64(clamping: state.exportedMillijoules)
    importedMillijoules = Int64(clamping: state.importedMillijoules)
    exportCount = Int64(clamping: state.exportCount)
    importCount = Int64(clamping: state.importCount)
    energyScale = site.energyScale
  }
}

/// Writes values to standard output, one line of JSON for each.
enum FleetLine {
  static func write(_ values: [some Encodable]) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for value in values {
      // Past the buffer of `print`, so that whoever reads a pipe sees the line at once.
      FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
    }
  }
}
