/// How finely a written instant is told.
package enum TimestampPrecision: Hashable, Sendable {
  /// `2025-06-03T18:00:00Z`
  case seconds
  /// `2025-06-03T18:00:00.000Z`
  case milliseconds
}

/// Instants as XML Schema's `dateTime` (W3C XML Schema 1.1 part 2, 3.3.7), which is ISO 8601 with a zone.
extension UTCInstant {
  /// The instant in universal time.
  ///
  /// With whole seconds, what lies between two of them is cut off.
  package func timestamp(_ precision: TimestampPrecision = .seconds) -> String {
    let day = milliseconds.flooredQuotient(CivilDate.millisecondsPerDay)
    let inDay = milliseconds.flooredRemainder(CivilDate.millisecondsPerDay)
    let date = CivilDate(dayNumber: day)
    var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
    text += "\(padded(inDay / 3_600_000, 2)):\(padded(inDay / 60_000 % 60, 2)):\(padded(inDay / 1_000 % 60, 2))"
    if precision == .milliseconds { text += ".\(padded(inDay % 1_000, 3))" }
    return text + "Z"
  }

  /// Reads a timestamp with or without a fraction; nil unless it is one and names its zone.
  ///
  /// Digits beyond the millisecond are cut off. A time without a zone is somebody's local time, and nobody knows whose.
  package init?(timestamp: String) {
    var reader = TimestampReader(timestamp)
    guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
      reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T"),
      let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
      reader.skip(":"), let second = reader.number(digits: 2), let fraction = reader.fraction(),
      let offset = reader.zone(), reader.isAtEnd
    else { return nil }
    let isMidnight = hour == 24 && minute == 0 && second == 0 && fraction == 0
    guard hour < 24 || isMidnight, minute < 60, second < 60,
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    let time = ((hour * 60 + minute - offset) * 60 + second) * 1_000 + fraction
    self.init(milliseconds: date.dayNumber * CivilDate.millisecondsPerDay + time)
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number.magnitude)
  let zeros = String(repeating: "0", count: max(0, width - digits.count))
  return (number < 0 ? "-" : "") + zeros + digits
}

/// A day of the Gregorian calendar, and its number counted from 1970-01-01.
///
/// The arithmetic counts years from March, so that the leap day is the last of its year.
struct CivilDate: Hashable {
  static let millisecondsPerDay: Int64 = 86_400_000
  private static let daysPerEra: Int64 = 146_097
  /// From 0000-03-01 to 1970-01-01.
  private static let daysToEpoch: Int64 = 719_468

  let year: Int64
  let month: Int64
  let day: Int64

  init(dayNumber: Int64) {
    let days = dayNumber + Self.daysToEpoch
    let era = days.flooredQuotient(Self.daysPerEra)
    let dayOfEra = days.flooredRemainder(Self.daysPerEra)
    let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
    let yearOfEra = (dayOfEra - leapDays) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  /// Nil where the calendar has no such day.
  init?(year: Int64, month: Int64, day: Int64) {
    guard (0...9_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    self.year = year
    self.month = month
    self.day = day
    guard CivilDate(dayNumber: dayNumber) == self else { return nil }
  }

  var dayNumber: Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear.flooredQuotient(400)
    let yearOfEra = marchYear.flooredRemainder(400)
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * Self.daysPerEra + dayOfEra - Self.daysToEpoch
  }
}

/// Takes a timestamp apart from the left.
private struct TimestampReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int64? {
    var number: Int64 = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      number = number * 10 + digit
    }
    return number
  }

  /// Milliseconds: 0 without a fraction, nil for a point without digits.
  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    guard let first = digit() else { return nil }
    var milliseconds = first * 100
    var weight: Int64 = 10
    while let digit = digit() {
      milliseconds += digit * weight
      weight /= 10
    }
    return milliseconds
  }

  /// Minutes east of Greenwich, at most 14 hours as XML Schema has it.
  mutating func zone() -> Int64? {
    if skip("Z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), minutes < 60,
      hours * 60 + minutes <= 14 * 60
    else { return nil }
    return sign * (hours * 60 + minutes)
  }

  private mutating func digit() -> Int64? {
    guard let byte = rest.first, byte.isDigit else { return nil }
    rest.removeFirst()
    return Int64(byte - UInt8(ascii: "0"))
  }
}
