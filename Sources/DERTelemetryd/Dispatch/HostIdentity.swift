import Glibc
import TelemetryCore

/// What the host says of its boot and of its clock.
enum HostIdentity {
  /// Unknown where there is no /proc.
  static var boot: BootID {
    do {
      let file = try FileDescriptor(.read, path: "/proc/sys/kernel/random/boot_id", flags: O_RDONLY)
      return BootID(text: String(decoding: try file.readStream(limit: 64), as: UTF8.self)) ?? .unknown
    } catch {
      return .unknown
    }
  }

  /// What systemd-timesyncd last touched when it set the clock (systemd-timesyncd.service(8)).
  private static let synchronised = "/run/systemd/timesync/synchronized"
  /// Twice the longest time between two questions to a server, 2,048 s.
  private static let patience: Int64 = 4_096

  /// Unknown where nobody who sets the clock can be asked.
  static func synchronisation(at now: UTCInstant) -> ClockSynchronisation {
    var status = stat()
    guard stat(synchronised, &status) == 0 else { return .unknown }
    return now.seconds - Int64(status.st_mtim.tv_sec) <= patience ? .synchronised : .unsynchronised
  }
}
