import ArgumentParser
import Foundation
import Glibc
import Settings
import TelemetryCore

/// `dersim operator`: a stand-in for CAISO's metering channel.
struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Stand in for the operator's metering channel, over mutual TLS.",
    subcommands: [OperatorServeCommand.self, OperatorHeldCommand.self],
    defaultSubcommand: OperatorServeCommand.self)
}

/// Serves submit, status and retrieve until it is stopped.
struct OperatorServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve submit, status and retrieve until stopped.",
    discussion: "Faults, for --fault and --faults:\n"
      + OperatorFault.allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n")
      + "\n\nExample: dersim operator serve --certificate server.crt --key server.key --trust ca.crt "
      + "--profile mri-s.yaml --state operator")

  @OptionGroup var standIn: StandInOptions
  @Option(help: "The port to listen on; 0 takes a free one.") var port: UInt16 = 18443
  @Option(help: "The wire profile, YAML.") var profile: String
  @Option(help: "The directory to keep what is received in.") var state: String
  @Option(help: "Seconds for which a batch stays pending.") var validationDelay: Double = 1
  @Option(help: "Seconds of an interval; every interval ends on this grid.") var interval: Int64 = 300
  @Option(parsing: .upToNextOption, help: "The measurement types of dertelemetryd.yaml that are known here.")
  var measurements = ["GEN", "LOAD"]
  @OptionGroup var faults: FaultOptions

  func validate() throws {
    guard (0...86_400).contains(validationDelay) else {
      throw ValidationError("--validation-delay is from 0 to 86400 seconds")
    }
    guard IntervalLength(seconds: interval) != nil else {
      throw ValidationError("--interval is a number of seconds that divides an hour")
    }
  }

  func run() async throws {
    guard let length = IntervalLength(seconds: interval) else { throw ExitCode.validationFailure }
    let identity = try standIn.identity
    let form = try form(length)
    let disturbances = FaultService(
      menu: try faults.menu(), file: faults.faults, seed: faults.seed, report: standIn.report)
    let service = try OperatorService(
      gate: OperatorGate(
        trustedCertificates: try BoundedFile.bytes(of: standIn.trust),
        userName: form.profile.envelope.userName),
      form: form,
      validationDelay: Milliseconds(Int64(validationDelay * 1_000)), directory: state,
      disturb: { disturbances.disturb($0, at: $1) })
    try await standIn.serve(as: identity, port: port, refuse: { disturbances.closesBeforeBody() }) { call in
      service.answer(call, at: .now)
    }
  }
}

extension OperatorServeCommand {
  private func form(_ length: IntervalLength) throws -> PayloadForm {
    do {
      return try PayloadForm.load(profile: profile, intervalLength: length, measurements: measurements)
    } catch {
      for problem in error.problems { OperatorFailure.tell("\(problem)") }
      throw OperatorFailure.configuration
    }
  }
}

/// How the commands end when they cannot do their work: the numbers of sysexits.
enum OperatorFailure {
  static let inputOutput = ExitCode(74)
  static let configuration = ExitCode(78)

  static func tell(_ sentence: String) {
    let bytes = Array("dersim: \(sentence)\n".utf8)
    // Nobody to tell is no reason to fail in another way.
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// Tells what a stand-in holds, while it runs or afterwards.
struct OperatorHeldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "held", abstract: "Show each value received and how often it came.",
    discussion: """
      Exits with 1 if a value was received again that was already held, with 74 if nothing can be read.

      Example: dersim operator held --state operator
      """)

  @Option(help: "The directory that the stand-in keeps what it received in.") var state: String
  @Flag(help: "Write one JSON object for each value and a last one for the sum.") var json = false

  func run() throws {
    let received: ReceivedBatches
    do {
      received = try ReceivedFile.read(directory: state)
    } catch {
      OperatorFailure.tell("\(error)")
      throw OperatorFailure.inputOutput
    }
    let report = HeldReport(received)
    print(try report.text(asJSON: json), terminator: "")
    if report.summary.duplicates > 0 { throw ExitCode(1) }
  }
}
