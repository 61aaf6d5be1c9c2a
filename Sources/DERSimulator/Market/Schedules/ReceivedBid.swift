import MarketCore
import SignedXML
import TelemetryCore

/// A self-schedule as it came: read by the names of the shipped profile and of no other.
struct ReceivedBid: Hashable, Sendable {
  struct Hour: Hashable, Sendable {
    var start: UTCInstant
    var ending: UTCInstant
    /// As it stands there.
    var megawatts: String
    var power: Power
  }

  static let namespace = "http://www.caiso.com/soa/RawBidSet_v1.xsd#"
  static let requestNamespace = "http://www.caiso.com/soa/RequestBidResults_v1.xsd#"

  var name: String
  var start: UTCInstant
  var stop: UTCInstant
  var resource: String
  var coordinator: String
  var hours: [Hour]
  var digest: String
  var received = UTCInstant(milliseconds: 0)
  /// What validation will find.
  var rules: [String] = []

  init(_ root: XMLElement, digest: String) throws(Refusal) {
    self.digest = digest
    guard root.name == "RawBidSet", root.namespace == Self.namespace,
      root.children.map(\.name) == ["MessageHeader", "MessagePayload"], root.children[1].children.count == 1
    else { throw Refusal("The payload is no RawBidSet of one bid.") }
    let bid = root.children[1].children[0]
    let order = [
      "name", "startTime", "stopTime", "marketType", "RegisteredGenerator", "SchedulingCoordinator", "ProductBid",
    ]
    guard bid.name == "GeneratingBid", bid.children.map(\.name) == order else {
      throw Refusal("GeneratingBid does not have \(order.joined(separator: ", ")), in this order.")
    }
    guard bid.children[3].text == "DAM" else { throw Refusal("marketType is not DAM.") }
    name = bid.children[0].text
    start = try Self.instant(bid.children[1])
    stop = try Self.instant(bid.children[2])
    resource = try Self.text(bid.children[4], "mrid")
    coordinator = try Self.text(bid.children[5], "mrid")
    let product = bid.children[6].children
    guard let kind = product.first, kind.name == "MarketProduct", try Self.text(kind, "marketProductType") == "EN"
    else {
      throw Refusal("ProductBid is not of energy.")
    }
    hours = []
    for element in product.dropFirst() { hours.append(try Self.hour(element)) }
    guard (23...25).contains(hours.count) else { throw Refusal("\(hours.count) hours are none of a trade date.") }
  }

  private static func hour(_ element: XMLElement) throws(Refusal) -> Hour {
    let names = ["timeIntervalStart", "timeIntervalEnd", "selfSchedMw", "selfSchedType"]
    guard element.name == "BidSelfSched", element.children.map(\.name) == names, element.children[3].text == "PT" else {
      throw Refusal("BidSelfSched does not have \(names.joined(separator: ", ")) of a price taker.")
    }
    let megawatts = element.children[2].text
    guard let thousandths = ExactDecimal.parse(megawatts, digits: 3), abs(thousandths) < 1_000_000_000 else {
      throw Refusal("selfSchedMw \(megawatts) is no number of MW with three digits.")
    }
    return Hour(
      start: try instant(element.children[0]), ending: try instant(element.children[1]), megawatts: megawatts,
      power: Power(milliwatts: thousandths * 1_000_000))
  }

  private static func text(_ element: XMLElement, _ name: String) throws(Refusal) -> String {
    guard element.children.count == 1, element.children[0].name == name else {
      throw Refusal("\(element.name) does not hold one \(name).")
    }
    return element.children[0].text
  }

  private static func instant(_ element: XMLElement) throws(Refusal) -> UTCInstant {
    guard let instant = UTCInstant(timestamp: element.text), element.text.hasSuffix("Z") else {
      throw Refusal("\(element.name) \(element.text) is no time in GMT with a Z.")
    }
    return instant
  }
}
