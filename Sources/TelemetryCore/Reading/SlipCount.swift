/// How late scans begin, in buckets of a few milliseconds: what most of them keep to is read off.
package struct SlipCount: Hashable, Sendable {
  /// Upper ends of the buckets, in milliseconds.
  private static let ends: [Int64] = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000]
  private var counts = [Int](repeating: 0, count: ends.count + 1)
  /// Scans of the last while weigh more: all counts are halved when there are this many.
  private static let limit = 100_000
  private var total = 0

  package init() {}

  package mutating func note(_ late: Milliseconds) {
    let bucket = Self.ends.firstIndex { late.count <= $0 } ?? Self.ends.count
    counts[bucket] += 1
    total += 1
    guard total >= Self.limit else { return }
    counts = counts.map { $0 / 2 }
    total = counts.reduce(0, +)
  }

  /// 99 of 100 scans were as late as this, or less; nil before the first one.
  package var ninetyNinth: Milliseconds? {
    guard total > 0 else { return nil }
    var passed = 0
    for (bucket, end) in Self.ends.enumerated() {
      passed += counts[bucket]
      if passed * 100 >= total * 99 { return Milliseconds(end) }
    }
    return Self.ends.last.map { Milliseconds($0) }
  }
}
