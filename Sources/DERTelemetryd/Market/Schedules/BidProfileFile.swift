import ArgumentParser
import MarketCore

/// The profile `sibr`.
enum BidProfileFile {
  static func load(beside configuration: String) throws(ExitCode) -> BidProfile {
    try MarketProfileFile.load("sibr", beside: configuration, isVerified: { $0.isVerified }, read: BidProfile.read)
  }
}
