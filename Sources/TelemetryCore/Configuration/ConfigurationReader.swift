/// Reads one mapping of a configuration, key by key, and collects every problem on the way.
///
/// A read that fails records why and gives nil or the default; reading goes on, so that a person sees all problems at
/// once. Whoever reads returns nil where something it needs is nil:
///
///     static func site(_ reader: inout ConfigurationReader) -> Site? {
///       let id = reader.required("id", .name(such: "fresno-01"))
///       let scan = reader.optional("scan", .duration(.seconds(1) ... .seconds(60), such: "4s"))
///       let modbus = reader.requiredMapping("modbus", ModbusAddress.init(reading:))
///       guard let id, let modbus else { return nil }
///       return Site(id: id, scan: scan, modbus: modbus)
///     }
///     let site = try ConfigurationReader.read(node, site)
///
/// What was never asked for is unknown, and reported with the nearest key that was.
package struct ConfigurationReader {
  /// The keys that lead here, such as `resources[0]`; empty at the root of a file.
  package let path: String
  /// Where the mapping stands.
  package let place: ConfigurationPlace

  private struct Entry {
    var place: ConfigurationPlace
    var value: ConfigurationNode
  }

  private var entries: [String: Entry] = [:]
  /// In the order of the file, each once.
  package private(set) var keys: [String] = []
  private var asked: Set<String> = []
  private var refused: Set<String> = []
  private var problems = ConfigurationProblems()

  private init(path: String, place: ConfigurationPlace, entries mapping: ConfigurationNode.Pairs) {
    self.path = path
    self.place = place
    for entry in mapping {
      if let first = entries[entry.key] {
        report(at: entry.place, key: subpath(entry.key), "is a second time here; the first is at \(first.place)")
      } else {
        entries[entry.key] = Entry(place: entry.place, value: entry.value)
        keys.append(entry.key)
      }
    }
  }

  // MARK: Whole files

  /// Reads a file whose root is a mapping.
  package static func read<Value>(
    _ node: ConfigurationNode, path: String = "", _ body: (inout Self) -> Value?
  ) throws(ConfigurationProblems) -> Value {
    var problems = ConfigurationProblems()
    let value = read(node, path: path, into: &problems, body)
    guard let value, problems.isEmpty else {
      // A body that gives nil without a reason is our mistake; the person at the file must still see a place.
      if problems.isEmpty { let _: Value? = wrong(node, path: path, "something else", &problems) }
      throw problems.sorted
    }
    return value
  }

  /// Reads a file whose root is a mapping, beside others.
  package static func read<Value>(
    _ node: ConfigurationNode, path: String = "", into problems: inout ConfigurationProblems,
    _ body: (inout Self) -> Value?
  ) -> Value? {
    mapping(node, path: path, &problems, body)
  }

  /// Reads a file whose root is a list of mappings; an empty file is an empty list.
  package static func readList<Value>(
    _ node: ConfigurationNode, path: String, into problems: inout ConfigurationProblems,
    _ body: (inout Self) -> Value?
  ) -> [Value]? {
    if case .empty = node.content { return [] }
    return list(node, path: path, &problems) { mapping($0, path: $1, &$2, body) }
  }

  // MARK: Texts

  package mutating func required<Value>(_ key: String, _ form: ConfigurationForm<Value>) -> Value? {
    guard let entry = take(key) else { return missing(key, form.expectation) }
    return value(of: entry, key, form)
  }

  /// Nil where the key is absent, and where its value is wrong, which is reported.
  package mutating func optional<Value>(_ key: String, _ form: ConfigurationForm<Value>) -> Value? {
    take(key).flatMap { value(of: $0, key, form) }
  }

  package mutating func value<Value>(_ key: String, _ form: ConfigurationForm<Value>, default: Value) -> Value {
    optional(key, form) ?? `default`
  }

  // MARK: Lists

  /// A list of texts.
  package mutating func list<Value>(_ key: String, of form: ConfigurationForm<Value>) -> [Value]? {
    guard let entry = take(key) else { return missing(key, "a list, each \(form.expectation)") }
    return Self.list(entry.value, path: subpath(key), &problems) { Self.scalar($0, path: $1, form, &$2) }
  }

  /// A list of mappings.
  package mutating func mappings<Value>(_ key: String, _ body: (inout Self) -> Value?) -> [Value]? {
    guard let entry = take(key) else { return missing(key, "a list of mappings") }
    return Self.list(entry.value, path: subpath(key), &problems) { Self.mapping($0, path: $1, &$2, body) }
  }

  // MARK: Mappings

  package mutating func requiredMapping<Value>(_ key: String, _ body: (inout Self) -> Value?) -> Value? {
    guard contains(key) else { return missing(key, "a mapping") }
    return optionalMapping(key, body)
  }

  package mutating func optionalMapping<Value>(_ key: String, _ body: (inout Self) -> Value?) -> Value? {
    guard let entry = take(key) else { return nil }
    return Self.mapping(entry.value, path: subpath(key), &problems, body)
  }

  /// A mapping whose keys the user chooses, in the order of the file.
  package mutating func pairs<Name, Value>(
    _ key: String, named name: ConfigurationForm<Name>, _ form: ConfigurationForm<Value>
  ) -> [(name: Name, value: Value)]? {
    requiredMapping(key) { reader in
      var pairs: [(name: Name, value: Value)] = []
      for key in reader.keys {
        if let name = name.parse(key) {
          if let value = reader.required(key, form) { pairs.append((name, value)) }
        } else {
          reader.refuse(key, "is no name that can stand here: expected \(name.expectation)")
        }
      }
      return pairs
    }
  }

  // MARK: Problems of meaning

  /// Whether the file has this key; the key counts as known from now on.
  package mutating func contains(_ key: String) -> Bool { take(key) != nil }

  /// Whether a mapping stands under this key.
  package func holdsMapping(_ key: String) -> Bool {
    guard case .mapping? = entries[key]?.value.content else { return false }
    return true
  }

  /// Where a key stands, or the mapping where the file does not have it.
  package func place(of key: String) -> ConfigurationPlace { entries[key]?.value.place ?? place }

  /// Records that a value makes no sense.
  package mutating func report(_ key: String, _ message: String) {
    report(at: place(of: key), key: subpath(key), message)
  }

  /// Reports a key, should the file have it, that must not stand there.
  ///
  /// Unlike what is asked for, it is never offered as a key that is known.
  package mutating func refuse(_ key: String, _ reason: String) {
    guard let entry = entries[key] else { return }
    refused.insert(key)
    report(at: entry.place, key: subpath(key), reason)
  }

  package func subpath(_ key: String) -> String {
    let shown = key.unicodeScalars.count <= 60 ? key : String(key.unicodeScalars.prefix(60)) + "…"
    let safe = shown.unicodeScalars.contains(where: \.isControl) ? ConfigurationNode.shown(shown) : shown
    return path.isEmpty ? safe : "\(path).\(safe)"
  }

  // MARK: Inside

  private mutating func take(_ key: String) -> Entry? {
    asked.insert(key)
    return entries[key]
  }

  private mutating func missing<Value>(_ key: String, _ expectation: String) -> Value? {
    report(at: place, key: subpath(key), "is missing: expected \(expectation)")
    return nil
  }

  private mutating func value<Value>(of entry: Entry, _ key: String, _ form: ConfigurationForm<Value>) -> Value? {
    Self.scalar(entry.value, path: subpath(key), form, &problems)
  }

  private mutating func report(at place: ConfigurationPlace, key: String, _ message: String) {
    problems.append(ConfigurationProblem(place: place, key: key, message: message))
  }

  /// Reports what was never asked for.
  private mutating func finish() {
    let known = asked.sorted().map { "`\($0)`" }.joined(separator: ", ")
    let absent = asked.filter { entries[$0] == nil }
    for key in keys where !asked.contains(key) && !refused.contains(key) {
      let nearest = NearestWord.find(key, among: absent)
      let help = nearest.map { "did you mean `\($0)`?" } ?? "known here: \(known)"
      report(at: entries[key]?.place ?? place, key: subpath(key), "is unknown; \(help)")
    }
  }

  private static func scalar<Value>(
    _ node: ConfigurationNode, path: String, _ form: ConfigurationForm<Value>, _ problems: inout ConfigurationProblems
  ) -> Value? {
    if case .scalar(let text) = node.content, let value = form.parse(text) { return value }
    return wrong(node, path: path, form.expectation, &problems)
  }

  private static func mapping<Value>(
    _ node: ConfigurationNode, path: String, _ problems: inout ConfigurationProblems, _ body: (inout Self) -> Value?
  ) -> Value? {
    guard case .mapping(let entries) = node.content else {
      return wrong(node, path: path, "a mapping, a `key: value` on each line", &problems)
    }
    var reader = Self(path: path, place: node.place, entries: entries)
    let value = body(&reader)
    reader.finish()
    problems.append(reader.problems)
    return value
  }

  private static func list<Value>(
    _ node: ConfigurationNode, path: String, _ problems: inout ConfigurationProblems,
    _ item: (ConfigurationNode, String, inout ConfigurationProblems) -> Value?
  ) -> [Value]? {
    guard case .sequence(let nodes) = node.content else {
      return wrong(node, path: path, "a list, each item on a line that begins with `- `", &problems)
    }
    let values = nodes.enumerated().compactMap { item($0.element, "\(path)[\($0.offset)]", &problems) }
    return values.count == nodes.count ? values : nil
  }

  private static func wrong<Value>(
    _ node: ConfigurationNode, path: String, _ expectation: String, _ problems: inout ConfigurationProblems
  ) -> Value? {
    let key = path.isEmpty ? "(file)" : path
    let message = "expected \(expectation); found \(node.shown)"
    problems.append(ConfigurationProblem(place: node.place, key: key, message: message))
    return nil
  }
}

extension ConfigurationNode {
  package typealias Pairs = [(key: String, place: ConfigurationPlace, value: ConfigurationNode)]
}
