import ArgumentParser

@main
struct Dersim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dersim",
    abstract: "Simulates what stands around dertelemetryd: the sites and the operator.",
    subcommands: [FleetCommand.self, OperatorCommand.self])
}
