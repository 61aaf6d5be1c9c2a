import Foundation
import NIOPosix
import Settings
import TelemetryCore

@testable import DERTelemetryd

/// Certificates, the shipped profile and a channel made of both, made once for this run.
enum ChannelFixtures {
  static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    .standardizedFileURL.path

  static let folder: String = {
    let folder = NSTemporaryDirectory() + "channel-\(ProcessInfo.processInfo.processIdentifier)"
    let outcome = run(["bash", "\(project)/Tests/Peers/certificates.sh", folder])
    precondition(outcome.status == 0, "the openssl command makes certificates: \(outcome.output)")
    return folder
  }()

  static func shippedProfile() throws -> WireProfile {
    let path = "\(project)/config/profiles/mri-s.yaml"
    return try profile(try BoundedFile.text(of: path), file: path)
  }

  static func profile(_ yaml: String, file: String = "test.yaml") throws -> WireProfile {
    try WireProfile.read(try YAMLDocument.node(of: yaml, file: file), name: "mri-s")
  }

  static func settings(
    port: Int = 9, host: String = "localhost", client: String = "client", trust: String = "ca",
    timeout: Milliseconds = .seconds(20), profile: WireProfile? = nil
  ) throws -> ChannelSettings {
    let service = ServiceSettings(url: "https://\(host):\(port)/sst/test", soapAction: "urn:test")
    return ChannelSettings(
      name: ChannelName("test"), mode: .live, profile: try profile ?? shippedProfile(), submit: service,
      status: service, retrieve: service, certificate: .file("\(folder)/\(client).crt"),
      key: .file("\(folder)/\(client).key"), trust: .file("\(folder)/\(trust).crt"), userName: nil,
      spacing: .seconds(5), settle: .seconds(900), timeout: timeout)
  }

  static func channel(_ settings: ChannelSettings) throws -> MeteringChannel {
    try MeteringChannel(settings, environment: [:], group: MultiThreadedEventLoopGroup.singleton)
  }

  static let identity = CallIdentity(
    created: UTCInstant(milliseconds: 1_748_977_200_123), messageID: "M-1", nonce: "bm9uY2U=")

  static let content = SubmissionContent(
    id: SubmissionID("S-1"), created: UTCInstant(seconds: 1_748_977_200),
    schedulingCoordinator: SchedulingCoordinatorID("EXSC"), intervalLength: .fiveMinutes,
    rows: [
      row(.init("GEN"), 0, 142_500), row(.init("GEN"), 1, 0), row(.init("LOAD"), 0, 17), row(.init("LOAD"), 1, -3),
    ])

  static func row(_ measurement: MeasurementType, _ interval: Int64, _ value: Int64) -> SubmissionRow {
    SubmissionRow(
      resource: ResourceID("EXAMPL_7_DERA1"), measurement: measurement,
      intervalEnding: IntervalEnding(seconds: 1_748_847_900 + 300 * interval, length: .fiveMinutes), value: value)
  }

  static let question = RetrieveQuestion(
    schedulingCoordinator: SchedulingCoordinatorID("EXSC"), resource: ResourceID("EXAMPL_7_DERA1"),
    measurement: MeasurementType("GEN"), intervalLength: .fiveMinutes,
    first: IntervalEnding(seconds: 1_748_847_900, length: .fiveMinutes),
    last: IntervalEnding(seconds: 1_748_848_200, length: .fiveMinutes))
}

/// Runs a command to its end and takes what it printed.
func run(_ words: [String]) -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  do { try process.run() } catch { return (127, "\(error)") }
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

extension ChannelFixtures {
  /// The shipped profile turned into that of the plain services as its comments say.
  static func plainProfile() throws -> WireProfile {
    let shipped = try BoundedFile.text(of: "\(project)/config/profiles/mri-s.yaml")
    let headers = shipped.split(separator: "\n").filter { $0.hasPrefix("  #|") }.map { $0.dropFirst("  #|".count) }
    var lines: [Substring] = []
    var isLeftOut = false
    for line in shipped.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("    - element: standardAttachmentInfor") {
        lines += headers
        isLeftOut = true
      }
      if line.hasPrefix("# Where in the answers") { isLeftOut = false }
      if !isLeftOut { lines.append(line) }
    }
    let text = lines.joined(separator: "\n")
    return try profile(
      text.replacing("flavour: doc_attach", with: "flavour: multipart", maxReplacements: 1)
        .replacing("  questions: attached", with: "  questions: in_body", maxReplacements: 1))
  }
}
