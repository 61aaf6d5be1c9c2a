import Settings
import SignedXML
import TelemetryCore

/// Holds a sample of each message of the configured wire profiles against a schema of the receiver.
struct SchemaCheck: ~Copyable {
  /// A message that was held against the schema.
  struct Checked: Codable, Equatable {
    var schema: String
    var channel: String
    var profile: String
    /// `submit`, `status` or `retrieve`.
    var message: String
  }

  /// Why the schema itself cannot be used.
  struct Unusable: Error, CustomStringConvertible {
    var description: String
  }

  /// A message has a dozen kinds of elements; those of its rows are the same again and again.
  private static let elementLimit = 1_000_000

  private let path: String
  private let schema: XMLSchema
  private(set) var checked: [Checked] = []
  private(set) var problems: [ConfigurationProblem] = []

  init(path: String) throws(Unusable) {
    self.path = path
    schema = try Self.schema(path)
  }

  private static func schema(_ path: String) throws(Unusable) -> XMLSchema {
    do {
      return try XMLSchema(try BoundedFile.bytes(of: path), path: path)
    } catch let problem as XMLProblem {
      throw Unusable(description: "\(path): \(problem)")
    } catch {
      throw Unusable(description: "\(path): \(error)")
    }
  }

  /// The messages that are in the schema's namespace; a profile without one is a problem, since its guess may be wrong.
  mutating func check(_ channel: ChannelSettings, in settings: Settings, file: String) throws(Unusable) {
    let resources = settings.resources.filter { $0.channel == channel.name }
    let samples = channel.profile.samples(resources, settings.intervalLength)
    let place = ConfigurationPlace(file: file, line: 1, column: 1)
    let profile = channel.profile.name
    let own = samples.filter { ($0.template.namespace ?? "") == schema.targetNamespace }
    if own.isEmpty, !samples.isEmpty {
      let others = Set(samples.map { "`\($0.template.namespace ?? "")`" }).sorted().joined(separator: ", ")
      let message = "none is in the namespace `\(schema.targetNamespace)` of \(path): they are in \(others)"
      problems.append(ConfigurationProblem(place: place, key: "profile \(profile): messages", message: message))
    }
    for sample in own {
      do {
        for (key, message) in try faults(in: sample) {
          problems.append(ConfigurationProblem(place: place, key: "profile \(profile): \(key)", message: message))
        }
      } catch {
        throw Unusable(description: "\(path): \(error)")
      }
      checked.append(
        Checked(schema: path, channel: channel.name.name, profile: profile, message: sample.service.rawValue))
    }
  }

  /// Each fault once, with the key of the template's element that it comes from.
  private func faults(in sample: WireSample) throws(XMLProblem) -> [(key: String, message: String)] {
    let text = try XMLDocument(parsing: sample.message, byteLimit: XMLSchema.byteLimit).serialized(indented: true)
    let message = try XMLDocument(parsing: text, byteLimit: XMLSchema.byteLimit)
    let root = try message.root(limit: Self.elementLimit)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var seen: Set<[String]> = []
    return try schema.faults(in: message).compactMap { fault in
      let key = sample.template.key(of: fault.place[...], in: root, "messages.\(sample.service.rawValue)")
      guard seen.insert([key, fault.reason]).inserted else { return nil }
      let line = lines.indices.contains(fault.line - 1) ? lines[fault.line - 1].drop { $0 == " " } : ""
      return (key, "line \(fault.line) of the sample, \(ConfigurationNode.shown(String(line))): \(fault.reason)")
    }
  }
}

extension WireElement {
  /// The key of the template's element that an element of a message was written from.
  ///
  /// Repetitions are neighbours of one name.
  fileprivate func key(of place: ArraySlice<Int>, in element: XMLElement, _ key: String) -> String {
    guard let index = place.first, element.children.indices.contains(index) else { return key }
    var template = 0
    for position in element.children.indices.prefix(index + 1).dropFirst() {
      guard children.indices.contains(template) else { return key }
      let repeats = children[template].repeatedFor != nil && element.children[position].name == children[template].name
      if !repeats { template += 1 }
    }
    guard children.indices.contains(template) else { return key }
    return children[template].key(of: place.dropFirst(), in: element.children[index], "\(key).content[\(template)]")
  }
}
