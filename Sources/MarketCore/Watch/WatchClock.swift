package import TelemetryCore

/// When what is watched is asked, by elapsed time: each task by itself, one call of it at a time.
package struct WatchClock<Task: Hashable & Sendable>: Sendable {
  /// What a person is told of an application.
  package enum Change: Sendable, Hashable {
    case away
    case back
  }

  private struct Entry: Sendable {
    var every: Milliseconds
    var next: UptimeInstant
    var isRunning = false
    var failures = 0
  }

  /// No application that is away is left alone for longer, unless it is asked less often anyway.
  package static var longestPause: Milliseconds { .seconds(900) }

  private var entries: [Task: Entry] = [:]
  private var order: [Task] = []

  /// All are due at once, at the start; of two of one name the first counts.
  package init(_ tasks: [(task: Task, every: Milliseconds)], from start: UptimeInstant) {
    for (task, every) in tasks where entries[task] == nil {
      entries[task] = Entry(every: every, next: start)
      order.append(task)
    }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// Those that are due, each of which counts as running until it has ended.
  package mutating func begin(at now: UptimeInstant) -> [Task] {
    let due = order.filter { entries[$0].map { !$0.isRunning && $0.next <= now } ?? false }
    for task in due { entries[task]?.isRunning = true }
    return due
  }

  /// What to say of it, where that has changed.
  package mutating func end(_ task: Task, isWell: Bool, at now: UptimeInstant) -> Change? {
    guard var entry = entries[task] else { return nil }
    let before = entry.failures
    entry.isRunning = false
    entry.failures = isWell ? 0 : min(before + 1, 20)
    var pause = entry.every
    for _ in 0..<max(0, entry.failures - 1) where pause < Self.longestPause {
      pause = min(Milliseconds(pause.count * 2), Self.longestPause)
    }
    entry.next = now + pause
    entries[task] = entry
    return isWell ? (before > 0 ? .back : nil) : (before == 0 ? .away : nil)
  }
}
