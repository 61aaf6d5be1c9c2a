import SignedXML

/// Answers as they stand on the wire.
enum HTTP {
  static func answer(_ body: String, _ status: String = "200 OK", type: String = "text/xml", more: String? = nil)
    -> String
  {
    let head = ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
    return (head + [more].compactMap { $0 }).joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  static func chunked(_ body: String) -> String {
    let pieces = [body.prefix(100), body.dropFirst(100)].map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(pieces.joined())0\r\n\r\n"
  }

  static func untilClosed(_ body: String) -> String { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(body)" }
}

/// What the operator says, in the names of the shipped profile.
enum Answers {
  static let receiptDocument = """
    <StandardOutput xmlns="http://www.caiso.com/soa/StandardOutput_v1.xsd#"><MessagePayload><EventLog>\
    <Batch><mRID>B-17</mRID></Batch><Event><description>Submitted</description></Event><Service/></EventLog>\
    </MessagePayload></StandardOutput>
    """
  static let receipt = envelope(receiptDocument)
  static let compressedReceipt = Gzip.compress(Array(receiptDocument.utf8))

  static func envelope(_ body: String) -> String {
    """
    <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>\(body)</s:Body></s:Envelope>
    """
  }

  static func attached(_ document: String) -> String { attached(bytes: Gzip.compress(Array(document.utf8))) }

  static func attached(bytes: [UInt8]) -> String {
    attached(text: String(decoding: Base64.encode(bytes), as: UTF8.self))
  }

  static func attached(text: String) -> String {
    envelope(
      """
      <ISOAttachment xmlns="http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd"><AttachmentValue>\(text)\
      </AttachmentValue></ISOAttachment>
      """)
  }

  static func old(result: String, severity: String) -> String {
    envelope(
      """
      <outputDataType xmlns="http://www.caiso.com/soa/2006-06-13/StandardOutput.xsd"><EventLog><Event>\
      <result>\(result)</result><description>words</description><severity>\(severity)</severity></Event></EventLog>\
      </outputDataType>
      """)
  }

  static func fault(_ text: String = "failed", code: String = "soap:Server", event: String? = nil) -> String {
    let detail = event.map {
      """
      <detail><outputDataType xmlns="http://www.caiso.com/soa/2006-06-13/StandardOutput.xsd"><EventLog><Event>\
      <description>\($0)</description></Event></EventLog></outputDataType></detail>
      """
    }
    return envelope(
      "<s:Fault><faultcode>\(code)</faultcode><faultstring>\(text)</faultstring>\(detail ?? "")</s:Fault>")
  }

  static func newFault(_ event: String) -> String {
    envelope(
      """
      <s:Fault><faultcode>s:Server</faultcode><faultstring>failed</faultstring><detail><StandardOutput \
      xmlns="http://www.caiso.com/soa/StandardOutput_v1.xsd#"><MessagePayload><EventLog><Event><description>\(event)\
      </description></Event></EventLog></MessagePayload></StandardOutput></detail></s:Fault>
      """)
  }

  static func page(_ text: String) -> String { "<html><body><p>\(text)<br></body></html>" }

  static func statusDocument(_ word: String, _ more: String = "") -> String {
    """
    <BatchValidationStatus xmlns="http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#"><MessagePayload>\
    <BatchStatus><mRID>B-17</mRID><description>\(word)</description></BatchStatus>\(more)</MessagePayload>\
    </BatchValidationStatus>
    """
  }

  static func status(_ word: String, _ more: String = "") -> String { envelope(statusDocument(word, more)) }

  static let rowError = """
    <RegisteredResource><ErrorLog><errMessage>too high</errMessage></ErrorLog><Measurements>\
    <measurementType>GEN</measurementType><MeasurementValue><intervalEndTime>2026-03-18T12:05:00Z</intervalEndTime>\
    </MeasurementValue></Measurements><RegisteredGenerator><mRID>EXAMPL_7_DERA1</mRID></RegisteredGenerator>\
    </RegisteredResource>
    """

  static let laughs = """
    <!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">\
    <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]><a>&e;&e;&e;</a>
    """

  static let elsewhere = """
    <!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\(receipt.replacing("B-17", with: "&x;"))
    """
}
