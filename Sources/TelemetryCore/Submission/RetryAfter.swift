/// What an answer's `Retry-After` asks for (RFC 9110, 10.2.3).
extension Milliseconds {
  /// Beyond this a number of seconds says only "very long".
  private static let digitLimit = 9

  /// Reads a number of seconds or a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
  ///
  /// A date that has passed is no wait. The two older forms of dates, which nobody may send any more, are not read.
  package init?(retryAfter text: String, at now: UTCInstant) {
    if !text.isEmpty, text.utf8.count <= Self.digitLimit, text.utf8.allSatisfy(\.isDigit), let seconds = Int64(text) {
      self = .seconds(seconds)
    } else if let date = UTCInstant(httpDate: text) {
      self = max(date - now, Milliseconds(0))
    } else {
      return nil
    }
  }
}

extension UTCInstant {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The one form of date that HTTP sends (RFC 9110, 5.6.7).
  fileprivate init?(httpDate text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
      let month = Self.months.firstIndex(of: String(words[2]))
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    self.init(timestamp: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
  }
}
