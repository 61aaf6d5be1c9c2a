/// How long each interval is.
///
/// A divisor of one hour, so that hours begin on interval boundaries. CAISO meters a resource in five-minute intervals;
/// shorter ones are for commissioning.
package struct IntervalLength: Hashable, Sendable {
  package let seconds: Int64

  /// Nil unless the length divides one hour.
  package init?(seconds: Int64) {
    guard seconds > 0, Int64(3_600).isMultiple(of: seconds) else { return nil }
    self.seconds = seconds
  }

  package static var fiveMinutes: Self { Self(checked: 300) }
  /// The grid on which every interval of every length ends.
  package static var oneSecond: Self { Self(checked: 1) }

  private init(checked seconds: Int64) { self.seconds = seconds }

  package var milliseconds: Milliseconds { .seconds(seconds) }
}

/// The key of an interval: the instant at which it ends, in UTC.
///
/// An interval is open at its start and closed at its end: what happens at 12:05:00.000 belongs to the interval ending
/// 12:05. So the boundary register at an ending closes that interval and opens the next one, and the interval ending at
/// local midnight belongs to the day before.
package struct IntervalEnding: Hashable, Comparable, Sendable {
  /// Seconds since 1970, a multiple of the interval length.
  package let seconds: Int64

  /// - Precondition: the instant lies on the grid of this length.
  package init(seconds: Int64, length: IntervalLength) {
    precondition(seconds.flooredRemainder(length.seconds) == 0, "an interval ends on the grid of its length")
    self.seconds = seconds
  }

  /// An ending read back from bytes, which may be off the grid.
  package init?(unchecked seconds: Int64, length: IntervalLength) {
    guard seconds.flooredRemainder(length.seconds) == 0 else { return nil }
    self.seconds = seconds
  }

  /// The ending of the interval that an instant lies in.
  package init(containing instant: UTCInstant, length: IntervalLength) {
    let step = length.milliseconds.count
    let index = (instant.milliseconds - 1).flooredQuotient(step) + 1
    seconds = index * length.seconds
  }

  package var instant: UTCInstant { UTCInstant(seconds: seconds) }

  package func start(_ length: IntervalLength) -> UTCInstant { UTCInstant(seconds: seconds - length.seconds) }

  package func advanced(by count: Int64, _ length: IntervalLength) -> Self {
    Self(seconds: seconds + count * length.seconds, length: length)
  }

  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }
}
