/// A step on the way from a list of sites to a resource of the market.
package enum RegistrationStep: String, Sendable, CaseIterable, Hashable, Codable {
  case coordinator
  case agreement
  case concurrence
  case project
  case implementation
  case metering
  case telemetry
  case certificates

  /// What it is called by people who set out to do it.
  package var title: String {
    switch self {
    case .coordinator: "registered as a scheduling coordinator, or signed up with one"
    case .agreement: "Participating Aggregator agreement"
    case .concurrence: "coordination with the utility (UDC)"
    case .project: "resource configured with CAISO"
    case .implementation: "resource in the models and in the market"
    case .metering: "metering accepted"
    case .telemetry: "telemetry feed to the Energy Management System"
    case .certificates: "access to each application"
    }
  }

  /// What CAISO calls it.
  package var marketTerm: String {
    switch self {
    case .coordinator: "Scheduling Coordinator Certification"
    case .agreement: "Distributed Energy Resource Provider Agreement, Schedule 1"
    case .concurrence: "UDC/MSS concurrence letter with Attachment A"
    case .project: "RIMS project, or Project Details Form by e-mail"
    case .implementation: "New Resource Implementation, about three months"
    case .metering: "Settlement Quality Meter Data plan of the coordinator"
    case .telemetry: "Direct Telemetry, DNP3: CAISO polls"
    case .certificates: "Application Access by the User Access Administrator"
    }
  }

  /// What must be approved before it, as far as CAISO's pages say.
  package var prerequisite: Self? {
    switch self {
    case .implementation: .concurrence
    default: nil
    }
  }

  /// Whether a change of the list of DERs makes it due again.
  package var dependsOnDERs: Bool { self == .agreement || self == .concurrence || self == .project }
}

/// To whom a registration is handed.
package enum RegistrationRecipient: String, Sendable, CaseIterable, Hashable, Codable {
  /// The utility distribution company.
  case udc
  /// CAISO, by e-mail: agreement and project.
  case caiso
  /// CAISO's Resource Interconnection Management System.
  case rims

  /// The steps that a packet for it is about.
  package var steps: [RegistrationStep] {
    switch self {
    case .udc: [.concurrence]
    case .caiso: [.agreement, .project]
    case .rims: [.project]
    }
  }
}
