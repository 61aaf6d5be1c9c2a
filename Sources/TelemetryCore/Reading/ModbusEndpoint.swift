/// What a connection goes to.
package enum ModbusEndpoint: Hashable, Sendable {
  case tcp(host: String, port: Int)
  case serial(SerialPort)

  /// In small letters, as names of hosts are the same in both.
  package static func host(_ host: String, port: Int) -> Self { .tcp(host: host.lowercased(), port: port) }
}

extension ModbusEndpoint: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .serial(let port): port.path
    }
  }
}

/// A serial port of this machine and how its line is driven.
package struct SerialPort: Hashable, Sendable {
  package enum Parity: UInt8, Hashable, Sendable {
    case none, even, odd
  }

  package var path: String
  /// Bits in a second.
  package var baud: Int
  package var parity: Parity
  package var stopBits: Int

  package static let bauds = [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200]

  /// The default of MODBUS over Serial Line V1.02, 2.5.1, is even parity and 19,200 bits in a second; most meters leave the
  /// factory with 9,600.
  package static let standard = SerialPort(path: "", baud: 9_600, parity: .even, stopBits: 1)

  package init(path: String, baud: Int, parity: Parity, stopBits: Int) {
    self.path = path
    self.baud = baud
    self.parity = parity
    self.stopBits = stopBits
  }

  /// The silence before a message in microseconds: 3.5 characters of 11 bits, 1,750 µs above 19,200 bits in a second.
  ///
  /// Source: MODBUS over Serial Line V1.02, 2.5.1.1.
  package var silence: Int { baud > 19_200 ? 1_750 : 38_500_000 / baud }
}
