import ArgumentParser
import TelemetryCore

/// Which faults a stand-in has, on the command line.
struct FaultOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The menu of faults, YAML: a share for each, such as `throttle: 10%`. It is read again when it is saved.",
      valueName: "file"))
  var faults: String?
  @Option(
    name: .customLong("fault"),
    help: ArgumentHelp(
      "A fault and its share of the calls, by default 20%; may be repeated.", valueName: "kind[:share]"))
  var fault: [String] = []
  @Option(help: "The same seed, faults and calls go wrong in the same way.") var seed: UInt64 = 1

  func validate() throws {
    guard faults == nil || fault.isEmpty else {
      throw ValidationError("give --faults or --fault: the file replaces everything when it is read again")
    }
  }

  /// The menu as it is at the start; throws after it has said what is wrong.
  func menu() throws(ExitCode) -> FaultMenu {
    do throws(ConfigurationProblems) {
      var menu = try faults.map(FaultService.menu(of:)) ?? FaultMenu()
      for word in fault { try Self.add(word, to: &menu) }
      return menu
    } catch {
      for problem in error.problems { OperatorFailure.tell("\(problem)") }
      throw OperatorFailure.configuration
    }
  }

  private static func add(_ word: String, to menu: inout FaultMenu) throws(ConfigurationProblems) {
    let place = ConfigurationPlace(file: "--fault", line: 1, column: 1)
    do throws(Refusal) {
      try menu.add(word)
      if let problem = menu.problem { throw Refusal(problem) }
    } catch {
      throw ConfigurationProblems([ConfigurationProblem(place: place, key: word, message: error.reason)])
    }
  }
}
