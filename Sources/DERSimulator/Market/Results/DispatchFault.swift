import ArgumentParser

/// What the stand-in for ADS can do wrong; each fault is for one call.
enum DispatchFault: String, CaseIterable, ExpressibleByArgument, Sendable {
  case drop
  case half
  case hang
  case breakdown
  case denied
  case otherShape = "other-shape"
  case noGzip = "no-gzip"

  var meaning: String {
    switch self {
    case .drop: "the connection closed without a word"
    case .half: "half of the answer"
    case .hang: "silence"
    case .breakdown: "a fault"
    case .denied: "status 403"
    case .otherShape: "a batch with other names, where one is asked for"
    case .noGzip: "a batch that is not gzip, where one is asked for"
    }
  }
}
