/// A point in universal time.
///
/// Milliseconds since 1970-01-01T00:00:00Z on the POSIX scale, which has no leap seconds: a leap second shares its label
/// with the second after it, so no interval is ever longer or shorter than its length.
package struct UTCInstant: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package init(seconds: Int64) { milliseconds = seconds * 1_000 }

  /// Whole seconds since 1970, rounded down.
  package var seconds: Int64 { milliseconds.flooredQuotient(1_000) }

  package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  package static func + (instant: Self, duration: Milliseconds) -> Self {
    Self(milliseconds: instant.milliseconds + duration.count)
  }

  package static func - (instant: Self, duration: Milliseconds) -> Self {
    Self(milliseconds: instant.milliseconds - duration.count)
  }

  package static func - (later: Self, earlier: Self) -> Milliseconds {
    Milliseconds(later.milliseconds - earlier.milliseconds)
  }
}

/// A point on the clock that counts since boot, sleep included, and that nobody can set.
package struct UptimeInstant: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  package static func + (instant: Self, duration: Milliseconds) -> Self {
    Self(milliseconds: instant.milliseconds + duration.count)
  }

  package static func - (later: Self, earlier: Self) -> Milliseconds {
    Milliseconds(later.milliseconds - earlier.milliseconds)
  }
}

/// A length of time in milliseconds.
package struct Milliseconds: Hashable, Comparable, Sendable {
  package var count: Int64

  package init(_ count: Int64) { self.count = count }

  package static func seconds(_ seconds: Int64) -> Self { Self(seconds * 1_000) }

  package static func < (left: Self, right: Self) -> Bool { left.count < right.count }

  package static func + (left: Self, right: Self) -> Self { Self(left.count + right.count) }

  package static func * (duration: Self, factor: Int64) -> Self { Self(duration.count * factor) }
}

/// The same point on both clocks: intervals are labelled with one, waits are measured with the other.
package struct Moment: Hashable, Sendable {
  package var utc: UTCInstant
  package var uptime: UptimeInstant

  package init(utc: UTCInstant, uptime: UptimeInstant) {
    self.utc = utc
    self.uptime = uptime
  }
}

extension FixedWidthInteger {
  /// The quotient rounded towards minus infinity.
  ///
  /// - Precondition: the divisor is positive.
  package func flooredQuotient(_ divisor: Self) -> Self {
    precondition(divisor > 0, "a positive divisor")
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The remainder that goes with ``flooredQuotient(_:)``: 0 ..< divisor.
  ///
  /// Computed without the product, which overflows for the least numbers, and those can come from damaged bytes.
  package func flooredRemainder(_ divisor: Self) -> Self {
    precondition(divisor > 0, "a positive divisor")
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }

  /// The quotient rounded to the nearest integer, a tie to the even one.
  ///
  /// - Precondition: the divisor is positive.
  package func roundedQuotient(_ divisor: Self) -> Self {
    let below = flooredQuotient(divisor)
    let remainder = self - below * divisor
    let other = divisor - remainder
    if remainder < other { return below }
    if remainder > other { return below + 1 }
    return below.isMultiple(of: 2) ? below : below + 1
  }
}
