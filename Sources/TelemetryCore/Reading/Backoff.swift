/// How long to wait before the next attempt: 1 s, doubling with each failure, to 60 s.
///
/// Half of the wait is jittered away, so that many sites that failed together do not come back together.
///
///     failures   1        2      3      7 and more
///     wait       0.5–1 s  1–2 s  2–4 s  30–60 s
package struct Backoff: Hashable, Sendable {
  package static let shortest = Milliseconds.seconds(1)
  package static let longest = Milliseconds.seconds(60)

  package private(set) var failures = 0

  package init() {}

  /// Counts one more failure and gives the wait: half of it at a jitter of 0, nearly the whole at 255.
  package mutating func failed(jitter: UInt8) -> Milliseconds {
    failures = min(failures + 1, 63)
    let doubled = failures <= 6 ? Self.shortest * (1 << Int64(failures - 1)) : Self.longest
    let whole = min(doubled, Self.longest)
    return Milliseconds(whole.count / 2 + whole.count / 2 * Int64(jitter) / 256)
  }

  package mutating func succeeded() { failures = 0 }
}
