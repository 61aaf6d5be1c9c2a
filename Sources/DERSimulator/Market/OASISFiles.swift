import MarketCore
import MarketFiles

/// The files that the stand-in for OASIS sends, whole and damaged.
extension OASISDesk {
  private static let namespace = "http://www.caiso.com/soa/OASISReport_v1.xsd"

  func zip(_ table: OASISTable, _ stem: String, _ fault: MarketFault?, note: String) throws -> Answer {
    if fault == .xml {
      return Answer(body: try Self.zip([.init(name: "\(stem).xml", bytes: Self.xml(table))]), note: "\(note), XML")
    }
    var columns = table.columns
    if fault == .otherColumns { columns = columns.map { "OLD_\($0)" } }
    // Two members, as price reports come.
    let half = (table.rows.count + 1) / 2
    let members = [table.rows[..<half], table.rows[half...]].filter { !$0.isEmpty }.enumerated().map { index, rows in
      let text = ([columns] + rows).map { CSVText.line($0) }.joined()
      return OASISReply.Member(name: "\(stem)_\(index + 1).csv", bytes: Array(text.utf8))
    }
    return Answer(body: try Self.zip(members), note: note)
  }

  func error(_ code: Int, _ description: String, member: String = "INVALID_REQUEST") throws -> Answer {
    let text =
      "<?xml version=\"1.0\"?><m:OASISReport xmlns:m=\"\(Self.namespace)\"><m:MessageHeader><m:Source>OASIS</m:Source>"
      + "</m:MessageHeader><m:MessagePayload><m:RTO><m:name>CAISO</m:name><m:DISCLAIMER_ITEM><m:DISCLAIMER>as is"
      + "</m:DISCLAIMER></m:DISCLAIMER_ITEM><m:ERROR><m:ERR_CODE>\(code)</m:ERR_CODE><m:ERR_DESC>"
      + "\(description.filter { !"<>&".contains($0) })</m:ERR_DESC></m:ERROR></m:RTO></m:MessagePayload></m:OASISReport>"
    return Answer(
      body: try Self.zip([.init(name: "\(member).xml", bytes: Array(text.utf8))]), note: "error \(code) \(description)")
  }

  static func zip(_ members: [OASISReply.Member]) throws -> [UInt8] { try ZipArchive.bytes(of: members) }

  private static func xml(_ table: OASISTable) -> [UInt8] {
    let rows = table.rows.map { row in
      "<REPORT_DATA>" + Swift.zip(table.columns, row).map { "<\($0.0)>\($0.1)</\($0.0)>" }.joined() + "</REPORT_DATA>"
    }
    let text =
      "<OASISReport xmlns=\"\(namespace)\"><MessagePayload><RTO><name>CAISO</name><REPORT_ITEM><REPORT_HEADER>"
      + "<SYSTEM>OASIS</SYSTEM><TZ>PPT</TZ></REPORT_HEADER>\(rows.joined())</REPORT_ITEM></RTO></MessagePayload>"
      + "</OASISReport>"
    return Array(text.utf8)
  }

  static func damaged(_ answer: Answer, _ fault: MarketFault) -> Answer {
    var answer = answer
    answer.note += ", fault \(fault.rawValue)"
    switch fault {
    case .cutShort: answer.body.removeLast(min(answer.body.count, 30))
    case .wrongChecksum: answer.body = withOtherChecksum(answer.body)
    case .outOfFolder: answer.body = renamed(answer.body)
    case .bomb: answer.body = bomb
    default: break
    }
    return answer
  }

  /// In the member's own header, after it and in the directory: wherever it stands.
  private static func withOtherChecksum(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    guard let directory = bytes.lastRange(of: [0x50, 0x4B, 0x01, 0x02]) else { return bytes }
    let place = directory.lowerBound + 16
    guard place + 4 <= bytes.count else { return bytes }
    let checksum = Array(bytes[place..<place + 4])
    while let found = bytes.firstRange(of: checksum) {
      bytes.replaceSubrange(found, with: checksum.map { $0 ^ 0x5A })
    }
    return bytes
  }

  private static func renamed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    while let found = bytes.firstRange(of: Array("20261123".utf8)) {
      bytes.replaceSubrange(found, with: Array("../../..".utf8))
    }
    return bytes
  }

  private static var bomb: [UInt8] {
    let zeros = [UInt8](repeating: 0x30, count: 100 << 20)
    do {
      return try zip((0..<3).map { .init(name: "bomb\($0).csv", bytes: zeros) })
    } catch {
      return []
    }
  }
}

extension Array where Element == UInt8 {
  fileprivate func lastRange(of pattern: [UInt8]) -> Range<Int>? {
    var last: Range<Int>?
    var from = startIndex
    while let found = self[from...].firstRange(of: pattern) {
      last = found
      from = found.upperBound
    }
    return last
  }
}
