/// How long to wait before the next attempt: twice as long after each failure in a row, up to a limit.
///
/// Half of the wait is jittered away, so that many that failed together do not come back together. For sites, from 1 s to
/// 60 s:
///
///     failures   1        2      3      7 and more
///     wait       0.5–1 s  1–2 s  2–4 s  30–60 s
package struct Backoff: Hashable, Sendable {
  package static let shortest = Milliseconds.seconds(1)
  package static let longest = Milliseconds.seconds(60)
  /// The doublings that are counted: enough for every limit, and no product that overflows.
  private static let doublingLimit = 30

  package private(set) var failures = 0
  private let shortest: Milliseconds
  private let longest: Milliseconds

  /// - Precondition: 0 < `shortest` ≤ `longest` ≤ a day.
  package init(from shortest: Milliseconds = shortest, to longest: Milliseconds = longest) {
    precondition(shortest.count > 0 && shortest <= longest && longest <= .seconds(86_400), "waits between 0 and a day")
    self.shortest = shortest
    self.longest = longest
  }

  /// Counts one more failure and gives the wait: half of it at a jitter of 0, nearly the whole at 255.
  package mutating func failed(jitter: UInt8) -> Milliseconds {
    failures = min(failures + 1, Self.doublingLimit)
    let whole = min(shortest * (1 << Int64(failures - 1)), longest)
    return Milliseconds(whole.count / 2 + whole.count / 2 * Int64(jitter) / 256)
  }

  package mutating func succeeded() { failures = 0 }
}
