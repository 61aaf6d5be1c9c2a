import ArgumentParser

/// `dersim`: the neighbours of the daemon, to try it without a site or a market.
@main
struct Dersim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dersim",
    abstract: "Simulates what stands around dertelemetryd: the sites and the operator.",
    subcommands: [
      FleetCommand.self, OperatorCommand.self, MarketCommand.self, SIBRCommand.self, ResultsCommand.self,
      GatewayCommand.self,
      SimulateCommand.self,
      ProveCommand.self,
    ])
}
