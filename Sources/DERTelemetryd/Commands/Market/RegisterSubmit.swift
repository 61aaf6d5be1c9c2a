import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

extension RegistrationRecipient: ExpressibleByArgument {}
extension RegistrationStep: ExpressibleByArgument {}

/// `dertelemetryd register submit`.
struct RegisterSubmit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Freeze the registration for a recipient, write what it takes, and keep that it was handed over.",
    discussion: """
      Writes a cover sheet, the list of DERs as CSV and the fields of the form into the state directory, under \
      registration/, and prints where. Nothing is sent: hand the files over by letter, e-mail or portal, and enter the \
      answer with register record. The same registration again changes nothing.

      Exit status: 0, 64 usage, 65 it would be refused, or the history cannot be read; nothing was written, 69 no time \
      zone database, 74 disk, 75 another command is writing, 78 the configuration is not valid.

      Example: dertelemetryd register submit --to udc
      """)

  @OptionGroup var options: RegistrationOptions

  @Option(help: "To whom: udc, caiso or rims.")
  var to: RegistrationRecipient

  @Option(help: "Which aggregation, where there are several.")
  var resource: String?

  @Flag(help: "Print the files, and write nothing.")
  var show = false

  func run() throws {
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
    try store.writing { store throws(RegistrationStoreError) in
      if let last = try store.history().lastPacket(for: aggregation.resource, to: to), last.packet == digest {
        return print(
          "\(to.rawValue) was given the same on \(last.date): nothing was changed\n  \(store.folder(of: digest))")
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

  private func summary(_ packet: RegistrationPacket, _ digest: String, in store: RegistrationStore) -> String {
    let steps = to.steps.map(\.rawValue).joined(separator: " and ")
    let files = packet.files.map { "  \(store.folder(of: digest))/\($0.name)" }
    return (["frozen for \(to.rawValue), digest \(digest.prefix(16)); submitted: \(steps)"] + files)
      .joined(separator: "\n")
  }
}
