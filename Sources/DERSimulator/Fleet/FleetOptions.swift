import ArgumentParser
import Foundation
import TelemetryCore

/// What makes a fleet: the same options and epoch make the same registers at the same time.
struct FleetOptions: ParsableArguments {
  enum Models: String, ExpressibleByArgument, CaseIterable {
    case meter
    case inverter
    /// Meters and inverters in turn.
    case both
  }

  @Option(help: "How many sites.") var sites = 3
  @Option(help: "The port of the first site; the next sites follow. 0 takes free ones.") var basePort = 15_020
  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The unit identifier that answers; any other gets exception 11.") var unit: UInt8 = 1
  @Option(help: "Recorded power, a value in watts for each minute.")
  var data = "data/nrel-serf-east-1min-ac-power.csv"
  @Option(help: "Recorded time runs so many times faster, and power is so many times higher.") var speed: Int64 = 1
  @Option(help: "The time of the first whole recorded day that the epoch stands for, HH:MM.") var from = "10:00"
  @Option(help: "The first site has so many of the recorded array; the next 2, 3, 4, 5 times as many, and again.")
  var scale: Int64 = 10
  @Option(help: "What the sites are: \(Models.allCases.map(\.rawValue).joined(separator: ", ")).")
  var model = Models.meter
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "One count of the energy registers is 10^N Wh.",
      discussion: """
        The registers have 32 bits: at -2 they begin again after 42.9 MWh. A recorded day has 35.6 kWh, so the first site's \
        10 arrays take 120 days for it at speed 1 and two days at speed 60; the largest site a fifth of that.
        """))
  var energyScale = -2
  @Option(help: "UTC seconds since 1970 at which the replay began; by default now.") var epoch: Int64?
  @Option(
    help: ArgumentHelp(
      "SITES:FAULT, such as 1-100:slow=2000 or 7:dead; may come several times.",
      discussion: "Faults are \(DeviceFault.forms). What --describe writes is without them.", valueName: "fault"))
  var fault: [FleetFault] = []

  func validate() throws {
    guard (1...10_000).contains(sites) else { throw ValidationError("--sites is from 1 to 10000") }
    guard basePort >= 0, basePort + sites - 1 <= 65_535 else {
      throw ValidationError("--base-port and the sites after it are from 0 to 65535")
    }
    guard (1...100_000).contains(speed) else { throw ValidationError("--speed is from 1 to 100000") }
    guard (1...10_000).contains(scale) else { throw ValidationError("--scale is from 1 to 10000") }
    guard FleetSite.energyScales.contains(energyScale) else {
      throw ValidationError("--energy-scale is from \(FleetSite.energyScales)")
    }
    guard Self.minute(from) != nil else { throw ValidationError("--from is a time of day, HH:MM") }
    guard epoch.map({ (0...253_402_300_799).contains($0) }) ?? true else {
      throw ValidationError("--epoch is seconds since 1970")
    }
  }

  func fleet(epoch: UTCInstant) throws -> [FleetSite] {
    let record = try loadRecord()
    let start = record.firstMidnight + (Self.minute(from) ?? 0)
    guard record.milliwatts.indices.contains(start) else {
      throw ValidationError("--from \(from) lies beyond the end of \(data)")
    }
    let replay = Replay(record: record, epoch: epoch, speed: speed, startMinute: start)
    return (0..<sites).map { index in
      FleetSite(
        index: index, model: sunSpecModel(index), factor: scale * Int64(1 + index % 5), energyScale: energyScale,
        replay: replay, faults: fault.filter { $0.sites.contains(index + 1) }.map(\.fault))
    }
  }

  private func loadRecord() throws -> RecordedPower {
    let text: String
    do {
      text = try String(contentsOfFile: data, encoding: .utf8)
    } catch {
      throw ValidationError("--data \(data) cannot be read: \(error.localizedDescription)")
    }
    do throws(RecordedPowerError) {
      return try RecordedPower(csv: text)
    } catch {
      throw ValidationError("--data \(data): \(error)")
    }
  }

  private func sunSpecModel(_ index: Int) -> FleetSite.Model {
    switch model {
    case .meter: .meter
    case .inverter: .inverter
    case .both: index.isMultiple(of: 2) ? .meter : .inverter
    }
  }

  /// Minutes since midnight.
  static func minute(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { ("0"..."9").contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}
