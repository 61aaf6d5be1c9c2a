import TelemetryCore

/// What became of an edited configuration, as people and programs read it, under names that stay (`docs/json.md`).
struct ReloadReport: Codable, Hashable {
  struct Problem: Codable, Hashable {
    /// Left out where the whole configuration is at fault.
    var file: String?
    var line: Int?
    var column: Int?
    var key: String
    var message: String
  }

  struct ChangedSite: Codable, Hashable {
    var id: String
    var keys: [String]
  }

  struct Names: Codable, Hashable {
    var added: [String] = []
    var removed: [String] = []
    var changed: [String] = []
  }

  struct ChangedValues: Codable, Hashable {
    var resource: String
    var measurements: [String]
    var reasons: [String]
  }

  /// It is in force; false for a dry run and where it was refused.
  var isDone = false
  var isDryRun: Bool
  /// Why nothing is changed; empty where it was or would be taken.
  var problems: [Problem] = []
  /// Those that are not listed.
  var omittedProblems = 0
  var sitesAdded: [String] = []
  var sitesRemoved: [String] = []
  var sitesChanged: [ChangedSite] = []
  var sitesUnchanged = 0
  var resources = Names()
  /// Keys of the main file that are others, but for its resources.
  var keys: [String] = []
  /// The start of the first interval that is measured by it; left out where no value changes.
  var valuesFrom: String?
  /// The resources whose values change from there on.
  var values: [ChangedValues] = []

  init(_ problems: ConfigurationProblems, isDryRun: Bool) {
    self.isDryRun = isDryRun
    self.problems = problems.problems.map { problem in
      Problem(
        file: problem.place.file, line: problem.place.line, column: problem.place.column, key: problem.key,
        message: problem.message)
    }
    omittedProblems = problems.omittedCount
  }

  init(problem: String, isDryRun: Bool) {
    self.isDryRun = isDryRun
    problems = [Problem(key: "", message: problem)]
  }

  init(_ plan: ReloadPlan, isDryRun: Bool) {
    self.isDryRun = isDryRun
    isDone = !isDryRun && !plan.isRefused
    problems = plan.refusals.map { Problem(key: $0.key, message: $0.message) }
    sitesAdded = plan.added.map(\.name)
    sitesRemoved = plan.removed.map(\.name)
    sitesChanged = plan.changed.map { ChangedSite(id: $0.id.name, keys: $0.keys) }
    sitesUnchanged = plan.unchangedCount
    resources = Names(
      added: plan.resourcesAdded.map(\.name), removed: plan.resourcesRemoved.map(\.name),
      changed: plan.resourcesChanged.map(\.name))
    keys = plan.keys
    values = plan.values.map { value in
      ChangedValues(
        resource: value.resource.name, measurements: value.measurements.map(\.name), reasons: value.reasons)
    }
    valuesFrom = values.isEmpty ? nil : plan.from.text
  }

  var isRefused: Bool { !problems.isEmpty }

  /// Lines for a terminal.
  var text: String {
    let names = [
      ("sites added", sitesAdded), ("sites removed", sitesRemoved),
      ("sites changed", sitesChanged.map { "\($0.id) (\($0.keys.joined(separator: ", ")))" }),
      ("resources added", resources.added), ("resources removed", resources.removed),
      ("resources changed", resources.changed), ("settings changed", keys),
    ]
    var lines = names.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
    if sitesUnchanged > 0 { lines.append("sites unchanged: \(sitesUnchanged)") }
    if let valuesFrom {
      lines.append("values change in intervals that start at \(valuesFrom) or later:")
      lines += values.map { value in
        "  \(value.resource) \(value.measurements.joined(separator: ", ")): \(value.reasons.joined(separator: ", "))"
      }
    } else {
      lines.append("no value changes")
    }
    lines.append(isDryRun ? "a dry run: nothing was changed" : "done")
    return lines.joined(separator: "\n")
  }

  /// Why it was refused, a line for each reason.
  var refusal: String {
    let lines = problems.map { problem in
      let place = problem.file.map { file in
        "\(file):\(problem.line ?? 1):\(problem.column ?? 1): "
      }
      return "\(place ?? "")\(problem.key.isEmpty ? "" : "\(problem.key): ")\(problem.message)"
    }
    let more = omittedProblems > 0 ? ["… and \(omittedProblems) more"] : []
    return (lines + more + ["refused, and nothing was changed"]).joined(separator: "\n")
  }
}

/// Asks a running daemon to take the edited configuration: one line of JSON.
struct ReloadMessage: Codable, Hashable {
  enum Verb: String, Codable {
    case reload
  }

  var verb = Verb.reload
  var isDryRun: Bool
  /// Which configuration the caller means, as an absolute path.
  var path: String
}
