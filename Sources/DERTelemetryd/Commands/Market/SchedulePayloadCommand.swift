import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd schedule payload`.
struct SchedulePayloadCommand: ParsableCommand {
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case sibr
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "payload",
    abstract: "Write what the scheduling coordinator hands to SIBR for these schedules.",
    discussion: """
      sibr is a RawBidSet with energy self-schedules, as the profile sibr wants it: profiles/sibr.yaml beside the \
      configuration, else the shipped one. json is a list of SC_SCHEDULE transactions, for a coordinator's gateway. \
      Nothing is sent. The same schedules at the same --created are the same bytes. With --output the file is there whole \
      or not at all.

      Exit status: 0, 64 usage, 65 something stands in the way, and nothing is written, 69 no time zone database, 74 disk, \
      78 market.yaml or the profile is not valid.

      Example: dertelemetryd schedule payload schedule.yaml --output rawbidset.xml
      """)

  @OptionGroup var options: ScheduleOptions

  @Option(help: "sibr or json.")
  var form = Form.sibr

  @Option(help: "The file to write; standard output otherwise.", completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("When it says it was made; now by default.", valueName: "2026-11-23T17:00:00Z"))
  var created: String?

  func validate() throws {
    guard let created, UTCInstant(timestamp: created) == nil else { return }
    throw ValidationError("--created \(created): expected an instant with its zone, such as 2026-11-23T17:00:00Z")
  }

  func run() throws {
    let judged = try options.judge()
    guard judged.problems.isEmpty else {
      StandardError.write(judged.problems.scheduleReport)
      throw ExitStatus.data.exitCode
    }
    let coordinators = Set(judged.coordinators.values)
    guard let coordinator = coordinators.first, coordinators.count == 1 else {
      let names = coordinators.map(\.name).sorted().joined(separator: ", ")
      StandardError.write("one payload never mixes scheduling coordinators: these are of \(names)\n")
      throw ExitStatus.data.exitCode
    }
    let now = created.flatMap { UTCInstant(timestamp: $0) } ?? judged.now
    let payload = SchedulePayload(judged.schedules, coordinator: coordinator, created: now)
    try WholeFile.write(
      form == .json ? payload.json() : payload.xml(try BidProfileFile.load(beside: options.configuration.path)),
      to: output)
  }
}

/// Writes what a command was asked for to a file, whole or not at all, or to standard output.
enum WholeFile {
  static func write(_ bytes: [UInt8], to output: String?) throws(ExitCode) {
    guard let output else {
      guard StandardOutput.write(bytes) else { throw ExitStatus.inputOutput.exitCode }
      return
    }
    let slash = output.lastIndex(of: "/")
    let folder = slash.map { $0 == output.startIndex ? "/" : String(output[..<$0]) } ?? "."
    let name = slash.map { String(output[output.index(after: $0)...]) } ?? output
    do throws(LogDiskError) {
      try FileSystem.publish(bytes, as: name, in: folder)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }
}
