import MarketCore
import TelemetryCore

/// Registrations as trees, for tests that need no YAML.
enum RegistrationFixtures {
  static let date = TradeDate(days: 20_781)  // 2026-11-24

  static func node(_ content: ConfigurationNode.Content) -> ConfigurationNode {
    ConfigurationNode(content, at: ConfigurationPlace(file: "registration.yaml", line: 1, column: 1))
  }

  static func map(_ pairs: [(String, ConfigurationNode)]) -> ConfigurationNode {
    let place = ConfigurationPlace(file: "registration.yaml", line: 1, column: 1)
    return node(.mapping(pairs.map { (key: $0.0, place: place, value: $0.1) }))
  }

  static func text(_ text: String) -> ConfigurationNode { node(.scalar(text)) }
  static func list(_ nodes: [ConfigurationNode]) -> ConfigurationNode { node(.sequence(nodes)) }

  static func der(
    _ site: String, _ capacity: String, _ more: [(String, ConfigurationNode)] = []
  ) -> ConfigurationNode {
    map(
      [
        ("site", text(site)), ("capacity", text(capacity)), ("technology", text("solar")),
        ("interconnection", text("IA-\(site)")),
      ] + more)
  }

  static func aggregation(
    _ ders: [ConfigurationNode], resource: String = "R1", without: String = "",
    more: [(String, ConfigurationNode)] = []
  ) -> ConfigurationNode {
    let pairs: [(String, ConfigurationNode)] = [
      ("resource", text(resource)), ("resource_kind", text("supply-side")), ("der_provider", text("Example LLC")),
      ("scheduling_coordinator", text("EXSC")), ("utility_distribution_company", text("PGAE")),
      ("sub_lap", text("PGFG")), ("pnode", text("FRESNO_7_N001")), ("caid_reservation", text("CAID-1")),
      ("ders", list(ders)),
    ]
    return map(pairs.filter { $0.0 != without } + more)
  }

  static func file(
    _ aggregations: [ConfigurationNode], more: [(String, ConfigurationNode)] = []
  ) -> ConfigurationNode {
    map([("format", text("1")), ("aggregations", list(aggregations))] + more)
  }

  static func rule(_ rule: String, from: String, _ value: String) -> ConfigurationNode {
    map([("rule", text(rule)), ("from", text(from)), ("value", text(value)), ("source", text("a test"))])
  }

  static func resources(_ names: String...) -> [ResourceSettings] {
    names.map {
      ResourceSettings(
        id: ResourceID($0), schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: ChannelName("c"),
        measurements: [])
    }
  }

  static func site(_ id: String, der: String? = nil, resource: String = "R1", kilowatts: Int64 = 5_000) -> SiteSettings
  {
    SiteSettings(
      id: SiteID(id), der: der, resource: ResourceID(resource),
      nameplate: Power(milliwatts: kilowatts * 1_000_000), lossFactors: .none,
      modbus: ModbusAddress(host: "127.0.0.1", port: 502, unit: 1), scan: nil)
  }

  static func review(
    _ file: ConfigurationNode, _ resources: [ResourceSettings] = resources("R1"), sites: [SiteSettings],
    on date: TradeDate = date
  ) throws -> RegistrationReview {
    RegistrationReview(of: try Registration.read(file), resources: resources, sites: sites, on: date)
  }
}

extension RegistrationReview {
  var messages: [String] { problems.problems.map { "\($0.key): \($0.message)" } }
}
