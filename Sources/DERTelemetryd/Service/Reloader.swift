import Dispatch
import Logging
import Settings
import TelemetryCore

/// Reads the edited configuration and hands it to the service, which takes it whole or not at all.
struct Reloader: Sendable {
  typealias Answer = @Sendable (ReloadReport) -> Void

  /// How many mistakes are told one by one in the journal.
  private static let shownCount = 10

  /// As it was given to the process, so that messages name files as `check` does.
  let path: String
  let environment: [String: String]
  let service: TelemetryService
  let logger: Logger
  /// Files are read here, one reload after the other.
  private let queue = DispatchQueue(label: "der.reload")
  private let notifier = ServiceNotifier()

  init(path: String, environment: [String: String], service: TelemetryService, logger: Logger) {
    self.path = path
    self.environment = environment
    self.service = service
    self.logger = logger
  }

  /// For a command, which says whose configuration it means.
  func reload(_ message: ReloadMessage, user: String, answer: @escaping Answer) {
    guard message.path == ConfigurationPath.normal(path) else {
      let problem = "this daemon works by \(ConfigurationPath.normal(path)), not by \(message.path)"
      return answer(ReloadReport(problem: problem, isDryRun: message.isDryRun))
    }
    reload(isDryRun: message.isDryRun, origin: "by \(user)", answer: answer)
  }

  /// For a signal, which is answered in the journal.
  func hungUp() {
    logger.write(Announcement(.hangUp, "SIGHUP: reading the configuration again"))
    reload(isDryRun: false, origin: "by SIGHUP") { _ in }
  }

  private func reload(isDryRun: Bool, origin: String, answer: @escaping Answer) {
    queue.async {
      if !isDryRun { notifier.reloading() }
      let end: Answer = { report in
        if !isDryRun { notifier.ready() }
        answer(report)
      }
      switch SettingsLoader.load(from: DiskFiles(), path: path, environment: environment) {
      case .failure(let problems):
        if !isDryRun { tell(problems, origin) }
        end(ReloadReport(problems, isDryRun: isDryRun))
      case .success(let loaded):
        let reload = Pipeline.Reload(
          settings: loaded.settings, configuration: ConfigurationInForce(loaded).kept, origin: origin)
        service.reload(reload, isDryRun: isDryRun, answer: end)
      }
    }
  }

  private func tell(_ problems: ConfigurationProblems, _ origin: String) {
    for problem in problems.problems.prefix(Self.shownCount) {
      logger.write(Announcement(.reloadRefused, "the edited configuration is not valid: \(problem)"))
    }
    let count = problems.problems.count + problems.omittedCount
    logger.write(
      Announcement(
        .reloadRefused,
        "\(path), asked for \(origin), has \(count == 1 ? "1 problem" : "\(count) problems"): it is refused, and nothing "
          + "is changed"))
  }
}
