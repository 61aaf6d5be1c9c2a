import ArgumentParser
import TelemetryCore

/// What a simulated device does wrong.
enum DeviceFault: Equatable, Sendable {
  // On the line.
  /// Takes the connection and never answers.
  case dead
  /// Answers after so many milliseconds.
  case slow(Int64)
  /// Answers each request with this exception.
  case exception(ModbusException)
  /// Sends the answer to the request before once more, ahead of the right one.
  case stale
  /// A read of more registers than this comes back as zeros.
  case wrongBlock(Int)
  /// A second client ends the connection of the first.
  case oneClient
  // In the registers.
  /// All measured points are zero, and an inverter is in its fault state.
  case zeros
  /// In the first five seconds of each minute the energy registers are zero.
  case bounce
  /// The energy registers begin again at one, so many seconds after the epoch.
  case reset(Int64)
  /// The energy registers are so many counts before their end at the epoch.
  case rollover(Int64)
  /// Another meter, with a serial number and counts of its own, so many seconds after the epoch.
  case swap(Int64)
  /// Everything stands still as it was at the epoch.
  case frozen

  static let forms =
    "dead, slow=MILLISECONDS, exception=CODE, stale, wrong-block=REGISTERS, one-client, zeros, bounce, reset=SECONDS, "
    + "rollover=COUNTS, swap=SECONDS, frozen"

  init?(_ text: Substring) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    let number = parts.count == 2 ? Int64(parts[1]) : nil
    switch (parts[0], parts.count, number) {
    case ("dead", 1, _): self = .dead
    case ("stale", 1, _): self = .stale
    case ("one-client", 1, _): self = .oneClient
    case ("zeros", 1, _): self = .zeros
    case ("bounce", 1, _): self = .bounce
    case ("frozen", 1, _): self = .frozen
    case ("slow", 2, let number?) where (1...600_000).contains(number): self = .slow(number)
    case ("exception", 2, let number?) where (1...255).contains(number):
      self = .exception(ModbusException(code: UInt8(number)))
    case ("wrong-block", 2, let number?) where (1...125).contains(number): self = .wrongBlock(Int(number))
    case ("reset", 2, let number?) where (0...1_000_000).contains(number): self = .reset(number)
    case ("swap", 2, let number?) where (0...1_000_000).contains(number): self = .swap(number)
    case ("rollover", 2, let number?) where (1...1_000_000_000).contains(number): self = .rollover(number)
    default: return nil
    }
  }
}

/// A fault of some sites of a fleet, such as `1-100:slow=2000`.
struct FleetFault: ExpressibleByArgument, Equatable, Sendable {
  /// Counted from 1, as the names of sites are.
  let sites: ClosedRange<Int>
  let fault: DeviceFault

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let fault = DeviceFault(parts[1]) else { return nil }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 1, first <= last
    else { return nil }
    sites = first...last
    self.fault = fault
  }
}
