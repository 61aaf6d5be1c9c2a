import ArgumentParser

/// `dersim`: the neighbours of the daemon, to try it without a site or a market.
@main
struct Dersim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dersim", abstract: "Pretend to be what dertelemetryd talks to.",
    subcommands: [OperatorCommand.self])
}
