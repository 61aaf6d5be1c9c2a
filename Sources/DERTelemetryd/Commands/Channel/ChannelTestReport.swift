import TelemetryCore

/// What `channel test --json` prints, a list of these.
struct ChannelTestReport: Codable, Equatable {
  struct Step: Codable, Equatable {
    enum Name: String, Codable {
      case certificate, clock, name, connection
      case tls = "TLS"
      case question
    }

    enum State: String, Codable {
      case works
      case failed
      /// It works, and a person should know something.
      case warning
    }

    var step: Name
    var state: State
    var message: String
    /// Left out where there is nothing to do.
    var whatToDo: String?
  }

  var channel: String
  var url: String
  var steps: [Step] = []
  /// What the process ends with.
  var exit = ExitStatus.success.rawValue

  init(channel: ChannelSettings) {
    self.channel = channel.name.name
    url = channel.retrieve.url
  }

  var exitStatus: ExitStatus { ExitStatus(rawValue: exit) ?? .unavailable }

  mutating func works(_ step: Step.Name, _ message: String) {
    steps.append(Step(step: step, state: .works, message: message))
  }

  mutating func warn(_ step: Step.Name, _ message: String, whatToDo: String) {
    steps.append(Step(step: step, state: .warning, message: message, whatToDo: whatToDo))
  }

  mutating func fail(
    _ step: Step.Name, _ message: String, whatToDo: String, exit status: ExitStatus = .unavailable
  ) {
    steps.append(Step(step: step, state: .failed, message: message, whatToDo: whatToDo))
    exit = max(exit, status.rawValue)
  }

  var text: String {
    let lines = steps.flatMap { step in
      let word = step.state == .failed ? "FAILED" : step.state.rawValue
      let line = Self.padded(word, 9) + Self.padded(step.step.rawValue, 12) + step.message.controlsEscaped
      return [line] + (step.whatToDo.map { [Self.padded("", 21) + "what to do: \($0.controlsEscaped)"] } ?? [])
    }
    return (["channel \(channel), \(url)"] + lines).joined(separator: "\n")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
