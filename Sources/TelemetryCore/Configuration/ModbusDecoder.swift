/// Reads `modbus` of a site.
extension ModbusAddress {
  static func read(_ reader: inout ConfigurationReader) -> Self? {
    reader.contains("serial") ? readSerial(&reader) : readHost(&reader)
  }

  private static func readHost(_ reader: inout ConfigurationReader) -> Self? {
    let host = reader.required("host", .host)
    let port = reader.value("port", .integer(1...65_535, such: 502), default: SettingsDefault.modbusPort)
    let unit = reader.required("unit", .integer(0...255, such: 1))
    for key in ["baud", "parity", "stop_bits"] { reader.refuse(key, "belongs to a `serial` port, not to a `host`") }
    let framing = reader.value("framing", .oneOf(["tcp": ModbusFraming.tcp, "rtu": .rtu]), default: .tcp)
    if framing == .rtu { checkLine(unit, &reader) }
    let limits = ConnectionLimits(
      pipeline: framing == .tcp ? readPipeline(&reader) : 1, replyTimeout: readTimeout(&reader), framing: framing)
    guard let host, let unit, let unit = UInt8(exactly: unit) else { return nil }
    return Self(host: host, port: port, unit: unit, limits: limits)
  }

  private static func readSerial(_ reader: inout ConfigurationReader) -> Self? {
    let standard = SerialPort.standard
    let path = reader.required("serial", .absolutePath)
    let unit = reader.required("unit", .integer(0...255, such: 1))
    checkLine(unit, &reader)
    for key in ["host", "port", "framing"] { reader.refuse(key, "stands beside `serial`: a line has none") }
    let port = path.map {
      SerialPort(
        path: $0, baud: reader.value("baud", .baud, default: standard.baud),
        parity: reader.value("parity", .oneOf(["even": .even, "odd": .odd, "none": .none]), default: standard.parity),
        stopBits: reader.value("stop_bits", .integer(1...2, such: 1), default: standard.stopBits))
    }
    let limits = ConnectionLimits(pipeline: 1, replyTimeout: readTimeout(&reader), framing: .rtu)
    guard let port, let unit, let unit = UInt8(exactly: unit) else { return nil }
    return Self(.serial(port), unit: unit, limits: limits)
  }

  /// What a serial line does not have (MODBUS over Serial Line V1.02, 2.2).
  private static func checkLine(_ unit: Int?, _ reader: inout ConfigurationReader) {
    reader.refuse("pipeline", "has no meaning on a serial line, which carries one request at a time")
    if let unit, !(1...247).contains(unit) { reader.report("unit", "is \(unit): expected 1 to 247 on a serial line") }
  }

  private static func readPipeline(_ reader: inout ConfigurationReader) -> Int {
    let standard = ConnectionLimits.standard.pipeline
    return reader.value("pipeline", .integer(ConnectionLimits.pipelines, such: standard), default: standard)
  }

  private static func readTimeout(_ reader: inout ConfigurationReader) -> Milliseconds {
    reader.value(
      "timeout", .duration(ConnectionLimits.replyTimeouts, such: "3s"),
      default: ConnectionLimits.standard.replyTimeout)
  }
}

extension ConfigurationForm<Int> {
  fileprivate static var baud: Self {
    let list = SerialPort.bauds.map { "`\($0)`" }.joined(separator: ", ")
    return Self("one of \(list)") { text in SerialPort.bauds.first { "\($0)" == text } }
  }
}
