/// What is known of a report of OASIS: what a request for it must have, and how its rows are told apart.
///
/// After CAISO's Interface Specification for OASIS, v5.1.8 of 2019, and what was seen of the live service in 2026. Versions
/// change: each can be set in `market.yaml`.
package struct OASISReport: Sendable, Hashable {
  package var name: String
  package var version: String
  /// What a request must have beside dates and version, with the value that is added where it has none; nil where only the
  /// person knows it.
  package var parameters: [Parameter]
  /// Columns without which the rows say nothing.
  package var columns: [String]
  /// What a person who asks for it should know.
  package var note: String?
  /// Atlas reports tell what is in force at an instant, not what happened in an interval.
  package var isReference: Bool

  package struct Parameter: Sendable, Hashable {
    package var name: String
    package var value: String?
    /// Values that OASIS knows; empty where it is not a closed list.
    package var allowed: [String]
  }

  init(
    _ name: String, version: String, _ parameters: [Parameter], columns: [String] = [], note: String? = nil,
    isReference: Bool = false
  ) {
    self.name = name
    self.version = version
    self.parameters = parameters
    self.columns = columns
    self.note = note
    self.isReference = isReference
  }

  /// Nil for a report that is not known here.
  package static func named(_ name: String) -> Self? { known.first { $0.name == name } }

  package static let known: [Self] = [
    Self(
      "AS_RESULTS", version: "1",
      [
        Parameter(name: "market_run_id", value: "RTM", allowed: ["DAM", "HASP", "RTM"]),
        Parameter(name: "anc_type", value: "ALL", allowed: ["ALL", "NR", "RD", "RU", "SR", "RMD", "RMU"]),
        Parameter(name: "anc_region", value: "ALL", allowed: []),
      ],
      columns: ["ANC_TYPE", "ANC_REGION", "MW"],
      note:
        "AS_RESULTS is ancillary service procured by region, every 15 minutes in the real-time market: nothing in it is "
        + "about one resource. The resource's own five-minute dispatch comes from ADS, its awards from CMRI; the price at "
        + "its node is PRC_INTVL_LMP (dertelemetryd oasis prices)"),
    Self(
      "PRC_LMP", version: "12",
      [
        Parameter(name: "market_run_id", value: "DAM", allowed: ["DAM"]),
        Parameter(name: "node", value: nil, allowed: []),
      ],
      columns: ["NODE", "LMP_TYPE", "MW"]),
    Self(
      "PRC_INTVL_LMP", version: "3",
      [
        Parameter(name: "market_run_id", value: "RTM", allowed: ["RTM"]),
        Parameter(name: "node", value: nil, allowed: []),
      ],
      columns: ["NODE", "LMP_TYPE"]),
    Self(
      "PRC_RTPD_LMP", version: "3",
      [
        Parameter(name: "market_run_id", value: "RTPD", allowed: ["RTPD"]),
        Parameter(name: "node", value: nil, allowed: []),
      ],
      columns: ["NODE", "LMP_TYPE"]),
    Self(
      "ATL_RESOURCE", version: "1",
      [
        Parameter(name: "resource_id", value: "ALL", allowed: []),
        Parameter(name: "agge_type", value: "ALL", allowed: []),
        Parameter(name: "resource_type", value: "ALL", allowed: []),
      ],
      columns: ["RESOURCE_ID"], isReference: true),
    Self(
      "ATL_GEN_CAP_LST", version: "4",
      [
        Parameter(name: "resource_id", value: "ALL", allowed: []),
        Parameter(name: "agge_type", value: "ALL", allowed: []),
        Parameter(name: "resource_type", value: "ALL", allowed: []),
      ],
      columns: ["RESOURCE_ID"], isReference: true),
    Self("ATL_PNODE", version: "1", [], isReference: true),
    Self("ATL_APNODE", version: "1", [], isReference: true),
    Self(
      "SLD_FCST", version: "1",
      [Parameter(name: "market_run_id", value: "DAM", allowed: ["2DA", "7DA", "DAM", "ACTUAL", "RTM"])]),
    Self(
      "PRC_AS", version: "12",
      [
        Parameter(name: "market_run_id", value: "DAM", allowed: ["DAM", "HASP"]),
        Parameter(name: "anc_type", value: "ALL", allowed: []),
        Parameter(name: "anc_region", value: "ALL", allowed: []),
      ]),
  ]
}
