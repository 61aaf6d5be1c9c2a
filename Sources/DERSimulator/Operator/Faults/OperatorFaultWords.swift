import TelemetryCore

/// What CAISO is known to say when something is wrong; `OperatorWords` has the rest.
///
/// The texts are those that CAISO's own client looks for. How the pages look around them is not known.
extension OperatorWords {
  static let unavailable = "The service is not available."
  static let outOfRange = "The value is outside of its range."
  static let roleRefused = "<error>Invalid role and/or Entity list identifier.</error>"

  static let throttled = page(
    "CAISO Acceptable Use Policy Violation",
    "The number of requests exceeds the CAISO Acceptable Use Policy. Please retry after 5 seconds.")
  static let forbidden = page("Access denied", "You are not authorized to access this page.")

  /// A submission that is refused in the form in which one is taken in.
  static func rejected(at now: UTCInstant) -> [UInt8] {
    envelope(
      """
      <StandardOutput xmlns="\(CAISONames.standardOutput)"><MessagePayload><EventLog>\
      <Event><result>ERR0001</result><description>The submission is refused.</description>\
      <creationTime>\(now.timestamp(.milliseconds))</creationTime><severity>ERROR</severity></Event>\
      <Service><name>submitMeterData</name></Service>\
      </EventLog></MessagePayload></StandardOutput>
      """)
  }

  private static func page(_ title: String, _ text: String) -> [UInt8] {
    Array(
      """
      <!DOCTYPE html>
      <html><head><title>\(title)</title></head><body><h1>\(title)</h1><p>\(text)<br></body></html>

      """.utf8)
  }
}
