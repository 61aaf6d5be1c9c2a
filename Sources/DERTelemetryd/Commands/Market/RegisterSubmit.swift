import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

extension RegistrationRecipient: ExpressibleByArgument {}
extension RegistrationStep: ExpressibleByArgument {}

/// `dertelemetryd register submit`.
struct RegisterSubmit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Freeze the registration for a recipient, write what it takes, and keep that it was handed over.",
    discussion: """
      Writes a cover sheet, the list of DERs as CSV and the fields of the form into the state directory, under \
      registration/, and prints where. Hand the files over by letter, e-mail or portal, and enter the answer with register \
      record: nothing is sent, unless market.yaml says where RIMS is. Then --to rims sends them over HTTPS by the profile \
      rims, as the identity rims. The same registration again changes nothing.

      Exit status: 0, 64 usage, 65 it would be refused, or the history cannot be read; nothing was written; or RIMS refuses \
      it, 69 not reached, or no time zone database, 74 disk, 75 another command is writing, or not known whether RIMS has \
      it: run the same again, 78 the configuration, market.yaml, the identity or the profile cannot be used.

      Example: dertelemetryd register submit --to udc
      """)

  @OptionGroup var options: RegistrationOptions

  @Option(help: "To whom: udc, caiso or rims.")
  var to: RegistrationRecipient

  @Option(help: "Which aggregation, where there are several.")
  var resource: String?

  @Flag(help: "Print the files, and write nothing.")
  var show = false

  func run() async throws {
    let (registration, review, settings) = try options.open()
    let aggregation = try registration.chosen(resource)
    guard review.isAccepted else {
      StandardError.write(review.problems.registrationReport)
      throw ExitStatus.data.exitCode
    }
    let packet = RegistrationPacket(of: aggregation, to: to)
    guard !show else { return print(packet.files.map { "== \($0.name)\n\($0.text)" }.joined(separator: "\n")) }
    let store = RegistrationStore(stateDirectory: settings.stateDirectory)
    let digest = RegistrationStore.digest(packet.content)
    if to == .rims {
      let path = options.configuration.path
      let market = try MarketFile.load(beside: path)
      if let rims = market.rims {
        let client = try RegistrarSubmitting.client(market, rims, beside: path, folder: store.folder(of: digest))
        return try await submit(packet, digest, aggregation, review.date, to: client, store)
      }
    }
    try store.writing { store throws(RegistrationStoreError) in
      if let last = try store.history().lastPacket(for: aggregation.resource, to: to), last.isSame(as: digest) {
        return print(same(last, digest, in: store))
      }
      try store.keep(packet, digest: digest)
      let ders = RegistrationStore.digest(RegistrationPacket.list(of: aggregation))
      let events = to.steps.map { step in
        RegistrationEvent(
          resource: aggregation.resource, step: step, outcome: .submitted, date: review.date, packet: digest,
          ders: ders, recipient: to)
      }
      try store.append(events)
      print(summary(packet, digest, in: store))
    }
  }

  private func same(_ last: RegistrationEvent, _ digest: String, in store: RegistrationStore) -> String {
    "\(to.rawValue) was given the same on \(last.date): nothing was changed\n  \(store.folder(of: digest))"
  }

  private func submit(
    _ packet: RegistrationPacket, _ digest: String, _ aggregation: Aggregation, _ date: TradeDate,
    to client: RegistrarClient, _ store: RegistrationStore
  ) async throws {
    let lock = try store.locked()
    let last = try store.reading { store throws(RegistrationStoreError) in
      try store.history().lastPacket(for: aggregation.resource, to: to)
    }
    if let last, last.isSame(as: digest) { return print(same(last, digest, in: store)) }
    let ders = RegistrationStore.digest(RegistrationPacket.list(of: aggregation))
    let submitting = RegistrarSubmitting(
      store: store, client: client, packet: packet, digest: digest, ders: ders, resource: aggregation.resource,
      date: date)
    try await submitting.run()
    _ = consume lock
  }

  private func summary(_ packet: RegistrationPacket, _ digest: String, in store: RegistrationStore) -> String {
    let steps = to.steps.map(\.rawValue).joined(separator: " and ")
    let files = packet.files.map { "  \(store.folder(of: digest))/\($0.name)" }
    return (["frozen for \(to.rawValue), digest \(digest.prefix(16)); submitted: \(steps)"] + files)
      .joined(separator: "\n")
  }
}

extension RegistrationEvent {
  /// Whether this packet was handed over, and not only to be, and not refused.
  fileprivate func isSame(as digest: String) -> Bool {
    packet == digest && outcome != .noted && outcome != .refused
  }
}
