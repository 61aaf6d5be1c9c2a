import ArgumentParser

/// `dertelemetryd channel`.
struct ChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel",
    abstract: "Try the way to the operator.",
    discussion: """
      See docs/credentials.md.

      Example: dertelemetryd channel test
      """,
    subcommands: [ChannelTest.self])
}
