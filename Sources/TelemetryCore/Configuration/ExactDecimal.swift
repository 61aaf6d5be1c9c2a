/// Decimal texts read by integer arithmetic: no binary fraction ever stands between the file and the account.
package enum ExactDecimal {
  /// The value in units of 10^-digits; nil unless the text is a plain decimal that is a whole number of them.
  ///
  /// A minus sign, digits, and a point between digits: no exponent, no plus, no separators. Nil too where the value
  /// does not fit.
  package static func parse(_ text: String, digits: Int) -> Int64? {
    precondition((0...18).contains(digits), "at most 18 digits fit")
    var bytes = text.utf8[...]
    let isNegative = bytes.first == 0x2D
    if isNegative { bytes = bytes.dropFirst() }
    // A bound on the length keeps the work on a hostile text small; 40 digits are more than any value has.
    guard !bytes.isEmpty, bytes.count <= 40 else { return nil }
    let parts = bytes.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) }) else { return nil }
    var fraction = parts.count == 2 ? Array(parts[1]) : []
    while fraction.count > digits, fraction.last == 0x30 { fraction.removeLast() }
    guard fraction.count <= digits else { return nil }
    fraction += Array(repeating: 0x30, count: digits - fraction.count)
    return value(of: Array(parts[0]) + fraction, isNegative: isNegative)
  }

  private static func value(of digits: [UInt8], isNegative: Bool) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflows) = product.addingReportingOverflow(Int64(digit - 0x30))
      guard !productOverflows, !sumOverflows else { return nil }
      value = sum
    }
    return isNegative ? -value : value
  }

  /// The shortest text that ``parse(_:digits:)`` reads back as this value.
  package static func format(_ value: Int64, digits: Int) -> String {
    precondition((0...18).contains(digits), "at most 18 digits fit")
    var text = Array(String(value.magnitude).utf8)
    while text.count <= digits { text.insert(0x30, at: 0) }
    var fraction = text.suffix(digits)
    while fraction.last == 0x30 { fraction.removeLast() }
    let whole = String(decoding: text.dropLast(digits), as: UTF8.self)
    let sign = value < 0 ? "-" : ""
    return fraction.isEmpty ? sign + whole : sign + whole + "." + String(decoding: fraction, as: UTF8.self)
  }
}
