import TelemetryCore

/// Where a running daemon is asked.
///
/// The folder's and the socket's mode say who may: `root`, and the group of the state directory.
enum ControlSocket {
  /// More than the longest request or answer: 9,300 intervals of each of some measurements.
  static let byteLimit = 16 << 20
  static let requestByteLimit = 64 << 10

  /// The service's is in the runtime directory that its unit makes; any other daemon's in its state directory.
  static func path(_ settings: Settings) -> String { path(stateDirectory: settings.stateDirectory) }

  static func path(stateDirectory: String) -> String {
    stateDirectory == SettingsDefault.stateDirectory
      ? "/run/dertelemetryd/control.sock" : "\(stateDirectory)/control.sock"
  }
}
