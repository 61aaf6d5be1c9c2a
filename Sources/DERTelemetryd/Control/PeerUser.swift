import Glibc

/// Who is at the other end of a Unix socket, as the kernel tells it (`SO_PEERCRED`; unix(7)).
struct PeerCredentials {
  var process: pid_t
  var user: uid_t
  var group: gid_t
}

enum UserName {
  /// The name of an account; its number where the host has no name for it.
  static func of(_ user: uid_t) -> String {
    var entry = passwd()
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
      return "uid \(user)"
    }
    return String(cString: name)
  }
}
