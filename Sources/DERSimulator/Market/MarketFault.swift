import ArgumentParser

/// What the stand-in for OASIS can do wrong; each fault is for one call.
enum MarketFault: String, CaseIterable, ExpressibleByArgument, Sendable {
  case throttle
  case throttlePage = "throttle-200"
  case noData = "no-data"
  case brokenCode = "busy-there"
  case cutShort = "cut-short"
  case wrongChecksum = "wrong-checksum"
  case outOfFolder = "out-of-folder"
  case bomb
  case page
  case otherColumns = "other-columns"
  case trickle
  case halfBody = "half-body"
  case xml

  var meaning: String {
    switch self {
    case .throttle: "the throttle's page, status 429"
    case .throttlePage: "the throttle's page, status 200"
    case .noData: "code 1000 as XML under the report's own name"
    case .brokenCode: "code 1013, which passes"
    case .cutShort: "a ZIP whose end is missing"
    case .wrongChecksum: "a ZIP whose member has another checksum"
    case .outOfFolder: "a ZIP with a member named ../evil"
    case .bomb: "a ZIP of some kilobytes with 300 MB in it"
    case .page: "a page in place of a ZIP, status 200"
    case .otherColumns: "a report with other columns"
    case .trickle: "a byte each second"
    case .halfBody: "half of what was announced, then the end of the connection"
    case .xml: "the report as XML"
    }
  }
}
