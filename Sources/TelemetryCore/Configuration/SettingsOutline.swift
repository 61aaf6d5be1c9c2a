/// Which further files a main file needs: what has to be known before it can be decoded.
///
/// Looks only, and never finds fault: what is wrong with these keys is said by ``SettingsDecoder``.
package struct SettingsOutline: Sendable {
  /// Something that the main file names.
  package struct Name: Sendable, Hashable {
    package var name: String
    package var place: ConfigurationPlace
    package var key: String

    package func problem(_ message: String) -> ConfigurationProblem {
      ConfigurationProblem(place: place, key: key, message: message)
    }
  }

  /// The pattern of the site files.
  package let sites: Name
  /// One for each channel; names that can be no file name are left out.
  package let profiles: [Name]

  package init(_ main: ConfigurationNode) {
    sites = Self.name("sites", of: main, path: "sites", default: SettingsDefault.sites)
    var channels: [(node: ConfigurationNode, path: String)] = main["channel"].map { [($0, "channel")] } ?? []
    if case .sequence(let nodes) = main["channels"]?.content {
      channels += nodes.enumerated().map { ($0.element, "channels[\($0.offset)]") }
    }
    profiles = channels.compactMap { channel in
      guard case .mapping = channel.node.content else { return nil }
      let name = Self.name(
        "profile", of: channel.node, path: "\(channel.path).profile", default: SettingsDefault.profile)
      return ConfigurationForm<String>.profileName.parse(name.name) == nil ? nil : name
    }
  }

  private static func name(
    _ key: String, of node: ConfigurationNode, path: String, default: String
  ) -> Name {
    guard let value = node[key], case .scalar(let text) = value.content, !text.isEmpty else {
      return Name(name: `default`, place: node.place, key: path)
    }
    return Name(name: text, place: value.place, key: path)
  }
}

extension ConfigurationNode {
  /// The first value under a key, nil where this is no mapping or has no such key.
  package subscript(key: String) -> ConfigurationNode? {
    guard case .mapping(let pairs) = content else { return nil }
    return pairs.first { $0.key == key }?.value
  }
}
