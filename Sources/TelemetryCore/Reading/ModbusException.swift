/// Why a device refuses a request.
///
/// Source: MODBUS Application Protocol Specification V1.1b3, section 7.
package struct ModbusException: Error, Hashable, Sendable {
  package let code: UInt8

  package init(code: UInt8) { self.code = code }

  package static let illegalFunction = ModbusException(code: 0x01)
  package static let illegalDataAddress = ModbusException(code: 0x02)
  package static let illegalDataValue = ModbusException(code: 0x03)
  package static let serverDeviceFailure = ModbusException(code: 0x04)
  package static let acknowledge = ModbusException(code: 0x05)
  package static let serverDeviceBusy = ModbusException(code: 0x06)
  package static let memoryParityError = ModbusException(code: 0x08)
  package static let gatewayPathUnavailable = ModbusException(code: 0x0A)
  package static let gatewayTargetFailedToRespond = ModbusException(code: 0x0B)

  package var name: String {
    switch self {
    case .illegalFunction: "illegal function"
    case .illegalDataAddress: "illegal data address"
    case .illegalDataValue: "illegal data value"
    case .serverDeviceFailure: "server device failure"
    case .acknowledge: "acknowledge"
    case .serverDeviceBusy: "server device busy"
    case .memoryParityError: "memory parity error"
    case .gatewayPathUnavailable: "gateway path unavailable"
    case .gatewayTargetFailedToRespond: "gateway target device failed to respond"
    default: "no exception that Modbus defines"
    }
  }
}

extension ModbusException: CustomStringConvertible {
  package var description: String { "exception \(code) (\(name))" }
}
