/// What the clocks of one place show, as far as it has been told.
///
/// The core has no time zone database: whoever has one passes its transitions in as a value, so that the same ledger
/// and the same transitions give the same trade dates on every machine.
package struct TimeZoneTransitions: Hashable, Sendable {
  /// From an instant on, local clocks are ahead of UTC by this offset.
  package struct Transition: Hashable, Sendable {
    package var instant: UTCInstant
    /// Seconds, negative west of Greenwich.
    package var offsetSeconds: Int64

    package init(instant: UTCInstant, offsetSeconds: Int64) {
      self.instant = instant
      self.offsetSeconds = offsetSeconds
    }
  }

  /// The offset before the first transition.
  package let firstOffsetSeconds: Int64
  /// In the order of time.
  package let transitions: [Transition]

  /// - Precondition: the transitions are in the order of time.
  package init(firstOffsetSeconds: Int64, transitions: [Transition]) {
    let isOrdered = zip(transitions, transitions.dropFirst()).allSatisfy { $0.instant < $1.instant }
    precondition(isOrdered, "transitions in the order of time")
    self.firstOffsetSeconds = firstOffsetSeconds
    self.transitions = transitions
  }

  /// No transitions and no offset: local time is UTC.
  package static let utc = Self(firstOffsetSeconds: 0, transitions: [])

  /// How far local clocks are ahead of UTC, in seconds.
  package func offsetSeconds(at instant: UTCInstant) -> Int64 {
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].instant <= instant { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? firstOffsetSeconds : transitions[low - 1].offsetSeconds
  }

  /// What local clocks show, as seconds since 1970-01-01 00:00 of their own.
  package func localSeconds(at instant: UTCInstant) -> Int64 { instant.seconds + offsetSeconds(at: instant) }

  /// The first instant at which local clocks show this time or a later one.
  ///
  /// A time that clocks show twice is its first; one that they skip is the instant of the skip.
  package func instant(localSeconds: Int64) -> UTCInstant {
    var offset = firstOffsetSeconds
    for transition in transitions {
      let candidate = localSeconds - offset
      if candidate < transition.instant.seconds { return UTCInstant(seconds: candidate) }
      let shownAfter = transition.instant.seconds + transition.offsetSeconds
      if shownAfter >= localSeconds { return transition.instant }
      offset = transition.offsetSeconds
    }
    return UTCInstant(seconds: localSeconds - offset)
  }
}
