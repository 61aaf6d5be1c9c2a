import TelemetryCore

/// The files that one recipient takes, made of one registration: the same registration gives the same bytes.
package struct RegistrationPacket: Sendable, Hashable {
  package struct File: Sendable, Hashable {
    package var name: String
    package var text: String
  }

  package var recipient: RegistrationRecipient
  package var files: [File]

  package init(of aggregation: Aggregation, to recipient: RegistrationRecipient) {
    self.recipient = recipient
    let cover = Self.lines(of: aggregation, to: recipient).joined(separator: "\n") + "\n"
    files = [
      File(name: "cover.txt", text: cover), File(name: "ders.csv", text: Self.list(of: aggregation)),
      File(name: "form.txt", text: Self.form(of: aggregation, recipient)),
    ]
  }

  /// Everything in it as one text, for its digest: names and lengths stand before the files, so that no other files
  /// give the same text.
  package var content: String {
    files.map { "\($0.name) \($0.text.utf8.count)\n\($0.text)" }.joined()
  }

  // MARK: The list of DERs

  package static let columns = [
    "resource_id", "der_site_id", "capacity_kw", "technology", "pnode", "sub_lap", "interconnection_reference",
    "programmes", "permission",
  ]

  /// Attachment A of the letter to the utility, Schedule 1 of the agreement: one line for each DER, by site ID.
  package static func list(of aggregation: Aggregation) -> String {
    let rows = aggregation.ders.sorted { $0.site < $1.site }.map { der in
      [
        aggregation.resource.name, der.site, der.capacity.kilowattText, der.technology,
        der.pnode ?? aggregation.node.name, der.subLAP ?? aggregation.subLAP, der.interconnection,
        der.programmes.map(\.rawValue).joined(separator: " "), der.permission ?? "",
      ]
    }
    return ([columns] + rows).map { CSVText.line($0) }.joined()
  }

  // MARK: Fields and cover sheet

  /// The fields of a form, each on a line.
  private static func form(of aggregation: Aggregation, _ recipient: RegistrationRecipient) -> String {
    fields(of: aggregation).map { "\($0.name): \($0.value)\n" }.joined()
  }

  private static func fields(of aggregation: Aggregation) -> [(name: String, value: String)] {
    [
      ("Resource ID", aggregation.resource.name),
      ("Resource kind", "supply-side DER aggregation"),
      ("DER provider", aggregation.provider),
      ("Scheduling coordinator (SCID)", aggregation.schedulingCoordinator.name),
      ("Utility distribution company", aggregation.utility),
      ("Sub-LAP", aggregation.subLAP),
      ("Pricing node", "\(aggregation.node)"),
      ("CAIDReservation ID", aggregation.caidReservation),
      ("Agreement", aggregation.agreement ?? "not yet"),
      ("Project", aggregation.project ?? "not yet"),
      ("Ancillary services", aggregation.offersAncillaryServices ? "yes" : "no"),
      ("Number of DERs", "\(aggregation.ders.count)"),
      ("Registered capacity", aggregation.capacity.exactText),
    ]
  }

  private static func lines(of aggregation: Aggregation, to recipient: RegistrationRecipient) -> [String] {
    let fields = fields(of: aggregation).map { "  \(padded($0.name + ":", 32))\($0.value)" }
    return [title(recipient), ""] + fields + [""] + request(recipient, aggregation)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func title(_ recipient: RegistrationRecipient) -> String {
    switch recipient {
    case .udc: "Request for concurrence with a distributed energy resource aggregation"
    case .caiso: "Distributed Energy Resource Provider Agreement, Schedule 1, and project details"
    case .rims: "Fields of a project in the Resource Interconnection Management System (RIMS)"
    }
  }

  private static func request(_ recipient: RegistrationRecipient, _ aggregation: Aggregation) -> [String] {
    switch recipient {
    case .udc:
      return [
        "To \(aggregation.utility): please review the DERs in ders.csv (Attachment A) and answer in writing whether you",
        "concur. The concerns that can be raised are that a DER",
        "  1. is in another aggregation,",
        "  2. is part of a proxy demand resource or a reliability demand response resource,",
        "  3. is in a retail net metering programme that does not expressly permit wholesale participation,",
        "  4. breaks a tariff of the utility or a rule of the local regulator,",
        "  5. may threaten the safe and reliable operation of the distribution system.",
      ]
    case .caiso:
      return [
        "ders.csv is the list of DERs for Schedule 1. The utility's concurrence follows or is attached. The Project",
        "Details Form takes the fields above; it goes to NewResourceImplementation@caiso.com.",
      ]
    case .rims:
      return [
        "CAISO's page of 2024 has projects of DER aggregations opened with the Project Details Form, outside of RIMS: ask",
        "before you open one here. RIMS has an identity of its own, which no other application's stands in for.",
      ]
    }
  }
}
