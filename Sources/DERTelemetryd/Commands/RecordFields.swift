import TelemetryCore

/// The parts of a record, under the names that the source code gives them.
///
/// Made by reflection, so that a kind that comes later is told without a line here.
enum RecordFields: Encodable {
  case text(String)
  case number(Int64)
  case flag(Bool)
  case list([RecordFields])
  case object([(name: String, value: RecordFields)])

  /// Nil where there is no value.
  init?(_ value: Any) {
    if let leaf = Self.leaf(value) {
      self = leaf
      return
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      guard let child = mirror.children.first else { return nil }
      self.init(child.value)
    case .collection, .set: self = .list(mirror.children.compactMap { Self($0.value) })
    case .enum where mirror.children.isEmpty: self = .text("\(value)")
    case .enum: self = .object(Self.payload(of: mirror))
    default: self = .object(Self.fields(of: mirror))
    }
  }

  /// The parts of an enumeration's case.
  static func payload(of record: Any) -> [(name: String, value: RecordFields)] {
    guard let child = Mirror(reflecting: record).children.first else { return [] }
    if let leaf = leaf(child.value) { return [(name(child.value), leaf)] }
    let payload = Mirror(reflecting: child.value)
    return payload.displayStyle == .enum ? [(name(child.value), .text("\(child.value)"))] : fields(of: payload)
  }

  private static func payload(of mirror: Mirror) -> [(name: String, value: RecordFields)] {
    mirror.children.compactMap { child in Self(child.value).map { (child.label ?? name(child.value), $0) } }
  }

  /// What has no name in a record goes by that of its type.
  private static func fields(of mirror: Mirror) -> [(name: String, value: RecordFields)] {
    mirror.children.compactMap { child in
      let label = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 } ?? name(child.value)
      return Self(child.value).map { (label, $0) }
    }
  }

  private static func name(_ value: Any) -> String {
    if value is any BinaryInteger { return "number" }
    let type = "\(Swift.type(of: value))"
    return type.prefix(1).lowercased() + type.dropFirst()
  }

  private static func leaf(_ value: Any) -> RecordFields? {
    switch value {
    case let instant as UTCInstant: .text(instant.timestamp(.milliseconds))
    case let ending as IntervalEnding: .text(ending.instant.text)
    case let name as any Identifier: .text(name.name)
    case let sequence as LogSequence: .number(Int64(clamping: sequence.number))
    case let digest as Digest: .text(hex(digest.bytes))
    case let bytes as [UInt8]: .text(String(validating: bytes, as: UTF8.self) ?? hex(bytes))
    case let energy as CumulativeEnergy: .text("\(energy.millijoules)")
    case let boot as BootID: .text(boot.text)
    case let text as String: .text(text)
    case let flag as Bool: .flag(flag)
    case let number as any BinaryInteger: Int64(exactly: number).map(Self.number) ?? .text("\(number)")
    default: nil
    }
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // MARK: How it is written

  /// On one line.
  var text: String {
    switch self {
    case .text(let text): text.isEmpty || text.contains { $0.isWhitespace || $0 == "\"" } ? text.debugDescription : text
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "yes" : "no"
    case .list(let list): "[\(list.map(\.text).joined(separator: ", "))]"
    case .object(let fields): fields.count == 1 ? fields[0].value.text : "{\(Self.text(fields))}"
    }
  }

  static func text(_ fields: [(name: String, value: RecordFields)]) -> String {
    fields.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text): try Self.encode(text, encoder)
    case .number(let number): try Self.encode(number, encoder)
    case .flag(let flag): try Self.encode(flag, encoder)
    case .list(let list): try Self.encode(list, encoder)
    case .object(let fields):
      var container = encoder.container(keyedBy: Key.self)
      for field in fields { try container.encode(field.value, forKey: Key(field.name)) }
    }
  }

  private static func encode(_ value: some Encodable, _ encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
