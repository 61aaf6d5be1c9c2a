import ArgumentParser

private let exits = """
  Asks the running daemon, or takes the lock and writes the ledger itself where none is running. Shows first what would \
  become of it, and asks.

  Exit status: 0 done, 64 usage, 65 the accounts do not allow it and nothing was changed, 69 the daemon does not answer, \
  or no ledger yet, 74 the disk failed, 75 another process has the state directory, 78 the configuration is not valid.
  """

/// `dertelemetryd hold`: nothing leaves a channel until it is released.
struct Hold: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send nothing more through a channel; measure, seal and keep.",
    discussion: "\(exits)\n\nExample: dertelemetryd hold production --reason \"certificate is being renewed\"")

  @Argument(help: "The channel's name in the configuration.")
  var channel: String
  @OptionGroup var options: PersonOptions

  func run() throws {
    try options.carryOut(ControlMessage(verb: .hold, reason: "", isDryRun: true, channel: channel))
  }
}

/// `dertelemetryd release`: what was held goes out.
struct Release: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a channel go on that a person holds.",
    discussion: "\(exits)\n\nExample: dertelemetryd release production --reason \"certificate renewed\"")

  @Argument(help: "The channel's name in the configuration.")
  var channel: String
  @OptionGroup var options: PersonOptions

  func run() throws {
    try options.carryOut(ControlMessage(verb: .release, reason: "", isDryRun: true, channel: channel))
  }
}

/// `dertelemetryd adopt`: a state directory that looks like a copy is the one that counts.
struct Adopt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Submit from a state directory that was moved or restored.",
    discussion: """
      A state directory that is found in another place than before submits nothing, since another daemon may go on with \
      the original. Make sure that none does, and compare with what the operator holds.

      \(exits)

      Example: dertelemetryd adopt --reason "restored after the disk was replaced; the old gateway is off"
      """)

  @OptionGroup var options: PersonOptions

  func run() throws { try options.carryOut(ControlMessage(verb: .adopt, reason: "", isDryRun: true)) }
}

/// `dertelemetryd waive`: given up, with a reason.
struct Waive: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give intervals up: they are neither sent nor waited for any more.",
    discussion: """
      For what is missing, queued, rejected or unknown.

      \(exits)

      Example: dertelemetryd waive EXAMPL_7_DERA1 2026-11-23/HE15 --reason "submitted by hand, ticket 4711"
      """)

  @OptionGroup var intervals: IntervalArguments
  @OptionGroup var options: PersonOptions

  func run() throws { try options.carryOut(try intervals.message(.waive)) }
}

/// `dertelemetryd resubmit`: what was refused goes out again.
struct Resubmit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send intervals again that were rejected, or waived after they had been sealed.",
    discussion: """
      What the operator holds is never sent again.

      \(exits)

      Example: dertelemetryd resubmit EXAMPL_7_DERA1 2026-11-23 --reason "resource is registered now"
      """)

  @OptionGroup var intervals: IntervalArguments
  @OptionGroup var options: PersonOptions

  func run() throws { try options.carryOut(try intervals.message(.resubmit)) }
}

/// `dertelemetryd resolve`: what the operator was found to hold, by other means.
struct Resolve: ParsableCommand {
  enum Outcome: String, EnumerableFlag {
    case held, absent

    static func help(for value: Self) -> ArgumentHelp? {
      value == .held ? "The operator holds the values." : "The operator does not hold them: they are sent again."
    }
  }

  static let configuration = CommandConfiguration(
    abstract: "Say what the operator holds of intervals whose outcome is unknown.",
    discussion: """
      The daemon asks the operator itself; this is for when the operator cannot be asked that way.

      \(exits)

      Example: dertelemetryd resolve EXAMPL_7_DERA1 2026-11-23T08:05:00Z --held --reason "seen in the operator's portal"
      """)

  @OptionGroup var intervals: IntervalArguments
  @Flag var outcome: Outcome
  @OptionGroup var options: PersonOptions

  func run() throws {
    try options.carryOut(try intervals.message(outcome == .held ? .resolveHeld : .resolveAbsent))
  }
}
