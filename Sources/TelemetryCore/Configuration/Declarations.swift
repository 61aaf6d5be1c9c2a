/// A name that stands somewhere in the files.
struct Declaration {
  var name: String
  var place: ConfigurationPlace
  var key: String

  init(_ name: String, _ reader: ConfigurationReader, _ key: String) {
    self.name = name
    place = reader.place(of: key)
    self.key = reader.subpath(key)
  }

  func problem(_ message: String) -> ConfigurationProblem {
    ConfigurationProblem(place: place, key: key, message: message)
  }
}

/// The names in all files, and whether they agree.
///
/// Names are gathered also from items that are wrong elsewhere, so that one mistake is told once.
struct Declarations {
  struct Timing {
    var interval: Milliseconds
    var grace: Milliseconds
    var scan: Milliseconds
    var scanPlace: ConfigurationPlace
    var gracePlace: ConfigurationPlace
  }

  var resources: [Declaration] = []
  var sites: [Declaration] = []
  var channels: [Declaration] = []
  /// The types of each resource.
  var measurements: [[Declaration]] = []
  var addresses: [Declaration] = []
  /// What each site says of its connection, named by host and port.
  var connections: [(address: ModbusAddress, declaration: Declaration)] = []
  var resourceReferences: [Declaration] = []
  var channelReferences: [Declaration] = []
  var siteScans: [(scan: Milliseconds, declaration: Declaration)] = []
  var timing: Timing?
  /// Whether every site file could be read to a list of sites.
  var isComplete = true

  func problems() -> [ConfigurationProblem] {
    repeated(resources, "resource") + repeated(sites, "site") + repeated(channels, "channel")
      + measurements.flatMap { repeated($0, "measurement type of this resource") }
      + repeated(addresses, "site at") + unknown(resourceReferences, among: resources, "resource")
      + unknown(channelReferences, among: channels, "channel") + idleResources() + connectionProblems()
      + timingProblems()
  }

  private func repeated(_ declarations: [Declaration], _ kind: String) -> [ConfigurationProblem] {
    var first: [String: ConfigurationPlace] = [:]
    return declarations.compactMap { declaration in
      guard let place = first[declaration.name] else {
        first[declaration.name] = declaration.place
        return nil
      }
      return declaration.problem("is the second \(kind) \(shown(declaration.name)); the first is at \(place)")
    }
  }

  private func unknown(
    _ references: [Declaration], among declarations: [Declaration], _ kind: String
  ) -> [ConfigurationProblem] {
    let names = Set(declarations.map(\.name))
    return references.filter { !names.contains($0.name) }.map { reference in
      let nearest = NearestWord.find(reference.name, among: names)
      let help = nearest.map { "; did you mean \(shown($0))?" } ?? ": expected the name of one that is declared"
      return reference.problem("names the \(kind) \(shown(reference.name)), which is not declared\(help)")
    }
  }

  /// Resources that no site feeds, which could never be measured.
  ///
  /// With no site at all nothing is wrong: a gateway is set up before its first site.
  private func idleResources() -> [ConfigurationProblem] {
    guard isComplete, !sites.isEmpty else { return [] }
    let fed = Set(resourceReferences.map(\.name))
    return resources.filter { !fed.contains($0.name) }.map { resource in
      resource.problem("has no site: expected at least one with `resource: \(resource.name)`")
    }
  }

  /// Sites that want different things of the one connection that they share.
  private func connectionProblems() -> [ConfigurationProblem] {
    var first: [String: (address: ModbusAddress, place: ConfigurationPlace)] = [:]
    return connections.compactMap { connection in
      let declaration = connection.declaration
      guard let found = first[declaration.name] else {
        first[declaration.name] = (connection.address, declaration.place)
        return nil
      }
      let isSame =
        found.address.endpoint == connection.address.endpoint && found.address.limits == connection.address.limits
      guard !isSame else { return nil }
      return declaration.problem(
        "shares the connection to \(shown(declaration.name)) with \(found.place), and says "
          + "something else of it: expected the same of everything but `unit` at both")
    }
  }

  /// Scans that leave too few readings in an interval, and a grace that ends before the reading that closes it.
  private func timingProblems() -> [ConfigurationProblem] {
    guard let timing else { return [] }
    var problems: [ConfigurationProblem] = []
    let longest = Milliseconds(timing.interval.count / 2)
    let limit = "expected at most half of the interval of \(timing.interval.configurationText)"
    if timing.scan > longest {
      let message = "is \(timing.scan.configurationText): \(limit)"
      problems.append(ConfigurationProblem(place: timing.scanPlace, key: "scan", message: message))
    }
    for site in siteScans where site.scan > longest {
      problems.append(site.declaration.problem("is \(site.declaration.name): \(limit)"))
    }
    let slowest = siteScans.map(\.scan).filter { $0 <= longest }.reduce(timing.scan, max)
    if timing.grace < slowest {
      let message =
        "is \(timing.grace.configurationText): expected at least the longest scan, "
        + "\(slowest.configurationText), so that the reading after the interval's end has come"
      problems.append(ConfigurationProblem(place: timing.gracePlace, key: "grace", message: message))
    }
    return problems
  }

  private func shown(_ name: String) -> String { ConfigurationNode.shown(name) }
}
