package import TelemetryCore

extension ReadingsFrame {
  /// The readings as a start finds them, each with the name of its site.
  package func named(by sites: [SiteID]) -> [StoredReading] {
    readings.map {
      StoredReading(
        site: sites[$0.site.position], instant: $0.instant, power: $0.power, export: $0.export, import: $0.import)
    }
  }
}
