import ArgumentParser

@main
struct DERTelemetryd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dertelemetryd",
    abstract: "Meters distributed energy resources and accounts for every interval.",
    subcommands: [Check.self, Probe.self])
}
