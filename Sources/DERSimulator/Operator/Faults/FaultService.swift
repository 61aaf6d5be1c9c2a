import Foundation
import Settings
import Synchronization
import TelemetryCore

/// The faults of a running stand-in, and the file that a person changes them in.
///
/// The file is read again at the first call after it was saved. One that is wrong changes nothing, and is told.
final class FaultService: Sendable {
  /// What tells one version of a file from another.
  private struct Version: Equatable {
    var modified: Date
    var number: Int
    var byteCount: Int
  }

  private struct State {
    var desk: FaultDesk
    var version: Version?
  }

  private let path: String?
  private let state: Mutex<State>
  private let report: @Sendable (OperatorEvent) -> Void

  init(menu: FaultMenu, file path: String?, seed: UInt64, report: @escaping @Sendable (OperatorEvent) -> Void) {
    self.path = path
    self.report = report
    state = Mutex(State(desk: FaultDesk(menu: menu, seed: seed), version: path.flatMap(Self.version)))
  }

  func disturb(_ decision: OperatorDesk.Decision, at now: UTCInstant) -> OperatorDesk.Decision {
    state.withLock { state in
      readAgain(&state)
      return state.desk.disturb(decision, at: now)
    }
  }

  func closesBeforeBody() -> CallNote? {
    state.withLock { state in
      readAgain(&state)
      return state.desk.closesBeforeBody()
    }
  }

  static func menu(of path: String) throws(ConfigurationProblems) -> FaultMenu {
    try FaultMenu.read(try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path))
  }

  private func readAgain(_ state: inout State) {
    guard let path, let version = Self.version(path), version != state.version else { return }
    state.version = version
    do throws(ConfigurationProblems) {
      state.desk.menu = try Self.menu(of: path)
      report(.menuChanged(state.desk.menu.text))
    } catch {
      let problems = error.problems.map { "\($0)" }.joined(separator: "; ")
      report(.menuChanged("the faults stay as they were: \(problems)"))
    }
  }

  /// Nil while there is no file: then everything stays as it is.
  private static func version(_ path: String) -> Version? {
    do {
      let file = try FileManager.default.attributesOfItem(atPath: path)
      guard let modified = file[.modificationDate] as? Date, let number = file[.systemFileNumber] as? Int,
        let byteCount = file[.size] as? Int
      else { return nil }
      return Version(modified: modified, number: number, byteCount: byteCount)
    } catch {
      return nil
    }
  }
}
