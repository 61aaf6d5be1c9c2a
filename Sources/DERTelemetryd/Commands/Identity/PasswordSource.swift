import Foundation
import Settings
import TelemetryCore

/// Where a password comes from: a file, a systemd credential, or whoever sits at the terminal; never an argument, which
/// every user of the machine can read.
struct PasswordSource {
  private static let byteLimit = 1_024

  /// A path, `credential:NAME`, or nil for the terminal.
  let file: String?

  struct Failure: Error, CustomStringConvertible {
    var description: String
    var isUsage = false
  }

  func password(of archive: String) throws(Failure) -> String {
    guard let file else { return try Terminal.password("Password of \(archive.controlsEscaped): ") }
    let prefix = "credential:"
    let path =
      file.hasPrefix(prefix) ? CredentialPath.credential(String(file.dropFirst(prefix.count))) : .file(file)
    guard let place = path.path(environment: ProcessInfo.processInfo.environment) else {
      throw Failure(
        description: "--password-file \(file): it is a systemd credential, and $CREDENTIALS_DIRECTORY is not set",
        isUsage: true)
    }
    if case .file = path, access(place, F_OK) == 0, !CredentialFiles.isForItsOwnerOnly(place) {
      throw Failure(description: "\(place): can be used by others than its owner: expected mode 600")
    }
    let bytes: [UInt8]
    do throws(BoundedFile.Failure) {
      bytes = try BoundedFile.bytes(of: place)
    } catch {
      throw Failure(description: "\(place): \(error)")
    }
    let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }  // the first line without its end
    guard line.count <= Self.byteLimit, let text = String(validating: line, as: UTF8.self) else {
      throw Failure(description: "\(place): holds no password: expected one line of text")
    }
    return text
  }
}

/// The terminal of whoever runs a command, whatever its input and output are.
private enum Terminal {
  private static let byteLimit = 1_024

  /// Asks without showing what is typed.
  static func password(_ question: String) throws(PasswordSource.Failure) -> String {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else {
      throw PasswordSource.Failure(
        description: "there is no terminal to ask for the password: expected --password-file", isUsage: true)
    }
    defer { _ = close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else {
      throw PasswordSource.Failure(description: "the terminal cannot be asked: \(String(cString: strerror(errno)))")
    }
    // Each key by itself, and interruption too, so that the terminal is given back as it was.
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard tcsetattr(terminal, TCSAFLUSH, &quiet) == 0 else {
      throw PasswordSource.Failure(description: "the terminal cannot be asked: \(String(cString: strerror(errno)))")
    }
    defer { _ = tcsetattr(terminal, TCSAFLUSH, &before) }
    say(question, on: terminal)
    defer { say("\n", on: terminal) }
    return try line(from: terminal)
  }

  private static func say(_ text: String, on terminal: Int32) {
    var text = text
    _ = text.withUTF8 { write(terminal, $0.baseAddress, $0.count) }  // unseen, the answer is waited for all the same
  }

  private static func line(from terminal: Int32) throws(PasswordSource.Failure) -> String {
    var bytes: [UInt8] = []
    while bytes.count <= byteLimit {
      var byte: UInt8 = 0
      let count = read(terminal, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { break }
      switch byte {
      case 0x0A, 0x0D:
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw PasswordSource.Failure(description: "the password is not UTF-8 text")
        }
        return text
      case 0x03, 0x04, 0x1C: throw PasswordSource.Failure(description: "no password was given", isUsage: true)
      case 0x08, 0x7F: while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
      case 0x15: bytes.removeAll()
      default: bytes.append(byte)
      }
    }
    throw PasswordSource.Failure(description: "no password was given", isUsage: true)
  }
}
