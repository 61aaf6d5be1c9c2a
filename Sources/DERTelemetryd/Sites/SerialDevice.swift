import Glibc
import TelemetryCore

/// Opens a serial port of this machine.
enum SerialDevice {
  struct Failure: Error, CustomStringConvertible {
    let step: String
    let code: Int32
    var description: String { "\(step): \(String(cString: strerror(code)))" }
  }

  /// A descriptor in raw mode that nobody else opens meanwhile.
  static func open(_ port: SerialPort) throws(Failure) -> CInt {
    let descriptor = Glibc.open(port.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(step: "cannot open it", code: errno) }
    do throws(Failure) {
      try prepare(descriptor, port)
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func prepare(_ descriptor: CInt, _ port: SerialPort) throws(Failure) {
    guard ioctl(descriptor, UInt(TIOCEXCL)) == 0 else { throw Failure(step: "it is no terminal", code: errno) }
    var mode = termios()
    guard tcgetattr(descriptor, &mode) == 0 else { throw Failure(step: "it is no terminal", code: errno) }
    cfmakeraw(&mode)
    mode.c_cflag |= tcflag_t(CLOCAL | CREAD)
    mode.c_cflag &= ~tcflag_t(CSTOPB | PARENB | PARODD)
    if port.stopBits == 2 { mode.c_cflag |= tcflag_t(CSTOPB) }
    if port.parity != .none { mode.c_cflag |= tcflag_t(PARENB) }
    if port.parity == .odd { mode.c_cflag |= tcflag_t(PARODD) }
    guard cfsetspeed(&mode, speed(port.baud)) == 0, tcsetattr(descriptor, TCSANOW, &mode) == 0 else {
      throw Failure(step: "it takes no \(port.baud) bits in a second", code: errno)
    }
    tcflush(descriptor, TCIOFLUSH)
  }

  private static func speed(_ baud: Int) -> speed_t {
    let speeds = [
      1_200: B1200, 2_400: B2400, 4_800: B4800, 9_600: B9600, 19_200: B19200, 38_400: B38400, 57_600: B57600,
      115_200: B115200,
    ]
    return speed_t(speeds[baud] ?? B9600)
  }
}
