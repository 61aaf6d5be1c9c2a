import TelemetryCore

/// What became of a request, as people and programs read it, under names that stay.
struct PersonReport: Codable, Hashable {
  struct Interval: Codable, Hashable {
    var resource: String
    var measurement: String
    var intervalEnding: String
    /// Before the decision.
    var state: String
    /// Why it stays as it is; left out where it is decided.
    var refusal: String?
  }

  /// Something was written down; false for a dry run and where nothing could be done.
  var isDone: Bool
  var isDryRun: Bool
  var problem: String?
  var intervals: [Interval]

  init(_ verdict: PersonVerdict, isDryRun: Bool) {
    isDone = !isDryRun && !verdict.records.isEmpty
    self.isDryRun = isDryRun
    problem = verdict.problem
    intervals = verdict.lines.map { line in
      Interval(
        resource: line.key.resource.name, measurement: line.key.measurement.name,
        intervalEnding: line.intervalEnding.instant.text, state: line.state.name, refusal: line.refusal)
    }
    if problem == nil, verdict.records.isEmpty {
      problem = "nothing was changed: \(verdict.refusedCount) of \(intervals.count) intervals do not allow it"
    }
  }

  init(problem: String) {
    isDone = false
    isDryRun = false
    self.problem = problem
    intervals = []
  }

  /// Lines for a terminal.
  var text: String {
    let lines = intervals.map { interval in
      "  \(interval.resource) \(interval.measurement) \(interval.intervalEnding)  \(interval.state)"
        + (interval.refusal.map { "  stays: \($0)" } ?? "")
    }
    let decided = intervals.count { $0.refusal == nil }
    let sum = intervals.isEmpty ? [] : ["\(decided) of \(intervals.count) intervals"]
    let end = problem ?? (isDryRun ? "a dry run: nothing was changed" : "done")
    return (lines + sum + [end]).joined(separator: "\n")
  }
}
