import ArgumentParser
import Testing

@testable import DERSimulator

@Suite struct HelpTests {
  private static func leaves(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let below = command.configuration.subcommands.flatMap(leaves)
    return below.isEmpty ? [command] : below
  }

  @Test func everyCommandHasAnExampleThatIsTaken() {
    let commands = Self.leaves(Dersim.self)
    #expect(commands.count == 9)
    for command in commands {
      let examples = command.configuration.discussion.matches(of: /Example: dersim (.*)/)
      #expect(!examples.isEmpty, "\(command)")
      for example in examples {
        #expect(throws: Never.self, "\(example.output.0)") {
          let taken = try Dersim.parseAsRoot(example.output.1.split(separator: " ").map(String.init))
          #expect(type(of: taken) == command)
        }
      }
    }
  }
}
