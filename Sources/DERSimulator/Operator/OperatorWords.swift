import SignedXML
import TelemetryCore

/// The names in CAISO's messages around the payload.
///
/// As used by clients of CAISO's gateway; those of the payload itself are the wire profile's business.
enum CAISONames {
  static let soap = "http://schemas.xmlsoap.org/soap/envelope/"
  static let header = "http://www.caiso.com/soa/2006-09-30/CAISOWSHeader.xsd"
  static let attachmentHash = "http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash"
  static let attachment = "http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd"
  static let standardOutput = "http://www.caiso.com/soa/StandardOutput_v1.xsd#"
  static let faultOutput = "http://www.caiso.com/soa/2006-06-13/StandardOutput.xsd"
  static let batchStatus = "http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#"
}

/// CAISO's answers as XML.
enum OperatorWords {
  static let userNameRefused = "CAISOUsernameToken Validation Error."
  static let signatureRefused = "Signature validation status: false"
  static let nothingHeld = "No data found"

  /// The answer to a submission that was taken in.
  static func taken(batch: String, at now: UTCInstant) -> [UInt8] {
    envelope(
      """
      <StandardOutput xmlns="\(CAISONames.standardOutput)"><MessagePayload><EventLog>\
      <Batch><mRID>\(escape(batch))</mRID></Batch>\
      <Event><result>SCSS0001</result><description>Batch received for validation.</description>\
      <creationTime>\(now.timestamp(.milliseconds))</creationTime><severity>INFO</severity></Event>\
      <Service><name>submitMeterData</name></Service>\
      </EventLog></MessagePayload></StandardOutput>
      """)
  }

  /// A refusal, which comes with HTTP 500.
  static func fault(_ description: String, at now: UTCInstant) -> [UInt8] {
    envelope(
      """
      <soap:Fault><faultcode>soap:Server</faultcode><faultstring>\(escape(description))</faultstring><detail>\
      <outputDataType xmlns="\(CAISONames.faultOutput)"><EventLog>\
      <Event><result>ERR</result><description>\(escape(description))</description>\
      <creationTime>\(now.timestamp(.milliseconds))</creationTime><severity>ERROR</severity></Event>\
      </EventLog></outputDataType></detail></soap:Fault>
      """)
  }

  /// Something went wrong on our side: no word about the message itself.
  static func breakdown(_ description: String) -> [UInt8] {
    envelope(
      """
      <soap:Fault><faultcode>soap:Server</faultcode><faultstring>\(escape(description))</faultstring></soap:Fault>
      """)
  }

  enum Verdict: String, Sendable {
    case pending = "PENDING"
    case success = "SUCCESS"
    case error = "ERROR"
  }

  /// What became of a batch.
  ///
  /// Only with ``Verdict/error`` are its faults told.
  static func status(_ batch: ReceivedBatch, _ verdict: Verdict, at now: UTCInstant) -> [UInt8] {
    let faults = verdict == .error ? batch.faults : []
    return envelope(
      """
      <BatchValidationStatus xmlns="\(CAISONames.batchStatus)"><MessagePayload><BatchStatus>\
      <mRID>\(escape(batch.id))</mRID><description>\(verdict.rawValue)</description>\
      <creationTime>\(now.timestamp(.milliseconds))</creationTime></BatchStatus>\
      \(verdict == .error && faults.isEmpty ? batchLog(at: now) : "")\
      \(faults.map { rowLog(batch.rows[$0.row], $0.message, at: now) }.joined())\
      </MessagePayload></BatchValidationStatus>
      """)
  }

  /// An error that names no row.
  private static func batchLog(at now: UTCInstant) -> String {
    """
    <ErrorLog><errMessage>The batch is refused.</errMessage><errPriority>1</errPriority>\
    <logTimeStamp>\(now.timestamp(.milliseconds))</logTimeStamp></ErrorLog>
    """
  }

  private static func rowLog(_ row: ReceivedBatch.Row, _ message: String, at now: UTCInstant) -> String {
    """
    <RegisteredResource><ErrorLog><errMessage>\(escape(message))</errMessage><errPriority>1</errPriority>\
    <logTimeStamp>\(now.timestamp(.milliseconds))</logTimeStamp></ErrorLog>\
    <Measurements><measurementType>\(escape(row.measurement))</measurementType><MeasurementValue>\
    <intervalEndTime>\(UTCInstant(seconds: row.intervalEnding).timestamp())</intervalEndTime></MeasurementValue></Measurements>\
    <RegisteredGenerator><mRID>\(escape(row.resource))</mRID></RegisteredGenerator></RegisteredResource>
    """
  }

  /// A payload as an attachment: gzip, Base64, in the body.
  static func attached(_ payload: [UInt8]) -> [UInt8] {
    let text = String(decoding: Base64.encode(Gzip.compress(payload)), as: UTF8.self)
    return envelope(
      """
      <ISOAttachment xmlns="\(CAISONames.attachment)"><AttachmentValue>\(text)</AttachmentValue></ISOAttachment>
      """)
  }

  static func envelope(_ body: String) -> [UInt8] {
    Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <soap:Envelope xmlns:soap="\(CAISONames.soap)"><soap:Header/><soap:Body>\(body)</soap:Body></soap:Envelope>
      """.utf8)
  }

  /// Text for the inside of an element.
  ///
  /// What XML cannot carry at all becomes a question mark.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\t", "\n", "\r": escaped += " "
      default: escaped.unicodeScalars.append(scalar.value < 0x20 || scalar.value > 0xFFFD ? "?" : scalar)
      }
    }
    return escaped
  }
}
