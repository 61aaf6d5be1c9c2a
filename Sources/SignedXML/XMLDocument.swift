import CXMLSec

/// A parsed document, asked by XPath.
///
/// Made for bytes from outside: nothing is fetched, no entity is replaced, a DOCTYPE is refused before its content is
/// read, and libxml2's own limits on depth and on single texts stay in force.
package struct XMLDocument: ~Copyable {
  let pointer: xmlDocPtr

  /// Parses a whole document.
  package init(parsing bytes: [UInt8], byteLimit: Int) throws(XMLProblem) {
    XMLSecurity.initialize()
    guard bytes.count <= byteLimit else { throw .tooLong(byteLimit: byteLimit) }
    guard let length = Int32(exactly: bytes.count) else { throw .tooLong(byteLimit: Int(Int32.max)) }
    guard let context = xmlNewParserCtxt() else { throw .malformed(reason: "no memory") }
    defer { xmlFreeParserCtxt(context) }
    context.pointee.sax?.pointee.internalSubset = { context, _, _, _ in
      xmlStopParser(context?.assumingMemoryBound(to: xmlParserCtxt.self))
    }
    let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    let document = bytes.withUnsafeBytes { buffer in
      xmlCtxtReadMemory(
        context, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), length, nil, nil, Int32(options))
    }
    guard let document else { throw Self.problem(context) }
    // A parser that was stopped still returns what it had and calls it well-formed.
    guard context.pointee.errNo == Int32(XML_ERR_OK.rawValue), document.pointee.intSubset == nil else {
      xmlFreeDoc(document)
      throw Self.problem(context)
    }
    // Without this, sorting a node set compares siblings by walking them: quadratic in the rows of a long answer.
    xmlXPathOrderDocElems(document)
    pointer = document
  }

  deinit { xmlFreeDoc(pointer) }

  private static func problem(_ context: xmlParserCtxtPtr) -> XMLProblem {
    let stopped = context.pointee.errNo == Int32(XML_ERR_USER_STOP.rawValue)
    if stopped { return .documentType }
    guard let error = xmlCtxtGetLastError(context), let message = error.pointee.message else {
      return .malformed(reason: "empty")
    }
    let text = String(cString: message).split(separator: "\n").joined(separator: " ")
    return .malformed(reason: "line \(error.pointee.line): \(text)")
  }

  /// The document as UTF-8, with an XML declaration; indented with an element on each line, or as it is.
  package func serialized(indented: Bool = false) throws(XMLProblem) -> [UInt8] {
    var text: UnsafeMutablePointer<xmlChar>?
    var length: Int32 = 0
    xmlDocDumpFormatMemoryEnc(pointer, &text, &length, "UTF-8", indented ? 1 : 0)
    guard let text else { throw .malformed(reason: "no memory") }
    defer { freeXMLText(text) }
    return Array(UnsafeBufferPointer(start: text, count: Int(length)))
  }
}
