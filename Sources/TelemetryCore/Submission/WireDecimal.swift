extension WireUnit {
  /// Reads XML Schema's `decimal` as steps of the last digit; nil where it is none, not a whole number of steps, or too
  /// large.
  package func value(_ text: String) -> Int64? {
    var number = text[...]
    while let first = number.first, first.isWhitespace { number.removeFirst() }
    while let last = number.last, last.isWhitespace { number.removeLast() }
    let isNegative = number.first == "-"
    if isNegative || number.first == "+" { number.removeFirst() }
    guard number != ".", let first = number.first, first != "-" else { return nil }
    let whole = first == "." ? "0" + number : String(number)
    let complete = whole.last == "." ? String(whole.dropLast()) : whole
    return ExactDecimal.parse((isNegative ? "-" : "") + complete, digits: digits)
  }
}
