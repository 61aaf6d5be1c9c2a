package import TelemetryCore

/// How ADS is asked for dispatch, and where in its answers stands what.
package struct DispatchProfile: Sendable, Hashable {
  package var isVerified: Bool
  /// Asks for the batches since one.
  package var since: MarketTemplate
  /// Asks for one batch.
  package var batch: MarketTemplate
  package var namespaces: [String: String]
  /// Finds the text of a fault.
  package var fault: String
  /// Finds something in every answer about batches, even one without any.
  package var known: String
  /// Finds the names of the batches, the oldest first.
  package var names: String
  /// Finds the Base64 of a compressed batch.
  package var content: String
  /// Types of batches that are dispatch of five minutes; others are passed over.
  package var types: [String]
  /// Finds the type in the batch itself.
  package var type: String
  package var instructions: Instructions

  /// Each instruction, and what stands in it, relative to it.
  package struct Instructions: Sendable, Hashable {
    package var each: String
    package var resource: String
    package var start: String
    /// The operating target, "go to" so many MW.
    package var megawatts: String

    package var fields: [String: String] { ["resource": resource, "start": start, "megawatts": megawatts] }
  }

  /// The name that stands for the time before the first batch.
  package static let beginning = "-1"

  package static func read(_ node: ConfigurationNode) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .oneOf(["1": 1]))
      let isVerified = reader.required("verified", .boolean)
      let since = reader.requiredMapping("since") { MarketTemplate.read(&$0, fields: [.lastBatch]) }
      let batch = reader.requiredMapping("batch") { MarketTemplate.read(&$0, fields: [.batch]) }
      let path = ConfigurationForm<String>.text(such: "//ads:instruction", limit: 1_000)
      let found = reader.requiredMapping("answers") { reader -> Self? in
        let namespaces = reader.pairs("namespaces", named: .name(such: "ads"), .text(such: "http://ads.caiso.com"))
        let fault = reader.required("fault", path)
        let known = reader.required("known", path)
        let names = reader.required("names", path)
        let content = reader.required("content", path)
        let type = reader.required("type", path)
        let types = reader.list("types", of: .text(such: "0"))
        let instructions = reader.requiredMapping("instructions") { reader -> Instructions? in
          let each = reader.required("each", path)
          let resource = reader.required("resource", path)
          let start = reader.required("start", path)
          let megawatts = reader.required("megawatts", path)
          guard let each, let resource, let start, let megawatts else { return nil }
          return Instructions(each: each, resource: resource, start: start, megawatts: megawatts)
        }
        guard let isVerified, let since, let batch, let namespaces, let fault, let known, let names, let content,
          let type, let types, let instructions
        else { return nil }
        return Self(
          isVerified: isVerified, since: since, batch: batch,
          namespaces: Dictionary(namespaces.map { ($0.name, $0.value) }) { first, _ in first }, fault: fault,
          known: known, names: names, content: content, types: types, type: type, instructions: instructions)
      }
      return found
    }
  }

  package func sinceRequest(_ name: String) -> [UInt8] { Self.envelope(since, [.lastBatch: name]) }

  package func batchRequest(_ name: String) -> [UInt8] { Self.envelope(batch, [.batch: name]) }

  /// ADS wants TLS with a client certificate and no signature.
  private static func envelope(_ template: MarketTemplate, _ values: MarketTemplate.Values) -> [UInt8] {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/"
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"\(soap)\"><soap:Body>"
    return Array((head + template.element(values) + "</soap:Body></soap:Envelope>").utf8)
  }
}

/// Where a resource is to be from an instant on.
package struct DispatchInstruction: Sendable, Hashable {
  package var resource: ResourceID
  /// The start of its interval of five minutes.
  package var start: UTCInstant
  package var power: Power
  package var batch: String

  /// Nil where a text is not what it should be.
  package init?(_ fields: [String: String], batch: String) {
    func text(_ name: String) -> String { (fields[name] ?? "").filter { !$0.isWhitespace } }
    guard !text("resource").isEmpty, text("resource").utf8.count <= 64,
      let start = UTCInstant(timestamp: text("start")),
      let power = Power(megawatts: text("megawatts"))
    else { return nil }
    resource = ResourceID(text("resource"))
    self.start = start
    self.power = power
    self.batch = batch
  }
}

extension Power {
  /// An exact decimal of megawatts; nil for anything else, and for more than all of California.
  package init?(megawatts text: String) {
    guard let milliwatts = ExactDecimal.parse(text, digits: 9), abs(milliwatts) <= 100_000_000_000_000 else {
      return nil
    }
    self.init(milliwatts: milliwatts)
  }
}
