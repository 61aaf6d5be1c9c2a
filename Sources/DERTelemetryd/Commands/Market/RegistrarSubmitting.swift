import ArgumentParser
import Foundation
import MarketCore
import NIOPosix
import TelemetryCore

/// `register submit --to rims` where `market.yaml` says where RIMS is: written down, sent, asked, never sent twice.
struct RegistrarSubmitting {
  let store: RegistrationStore
  let client: RegistrarClient
  let packet: RegistrationPacket
  let digest: String
  let ders: String
  let resource: ResourceID
  let date: TradeDate

  /// How often, and how long apart, it must say that it does not hold what may have arrived.
  private static let askCount = 3
  private static let pause = Milliseconds.seconds(5)

  /// Reads identity, profile and certificates before anything is written; exit 78 where one of them cannot be used.
  static func client(
    _ market: MarketSettings, _ settings: RegistrarSettings, beside configuration: String, folder: String
  ) throws(ExitCode) -> RegistrarClient {
    let identity: MarketIdentity
    do throws(MissingIdentity) {
      identity = try market.identities.required(for: .rims)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.configuration.exitCode
    }
    let profile = try MarketProfileFile.load("rims", beside: configuration, isVerified: { $0.isVerified }) {
      node throws(ConfigurationProblems) in try JSONProfile.read(node, .registration)
    }
    do throws(ChannelFault) {
      return try RegistrarClient(
        settings, profile, as: identity, environment: ProcessInfo.processInfo.environment,
        group: MultiThreadedEventLoopGroup.singleton, folder: folder)
    } catch {
      StandardError.write("rims: \(error)\n")
      throw ExitStatus.configuration.exitCode
    }
  }

  /// The store is this command's alone.
  func run() async throws {
    do {
      let last = try store.history().lastPacket(for: resource, to: .rims)
      let mayHaveIt = last?.packet == digest && last?.outcome == .noted
      if mayHaveIt {
        let held = try await held()
        if let held { return try finish(held) }
      } else {
        try store.keep(packet, digest: digest)
        // Before the first byte leaves: whoever finds this and no outcome asks first.
        try store.append([event(.noted, "about to be sent over HTTPS")])
      }
      try finish(try await client.submit(packet, digest, of: resource))
    } catch let error as RegistrationStoreError {
      StandardError.write("\(error)\n")
      throw error.status.exitCode
    } catch let error as LogDiskError {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Nil where it does not hold it, said so often enough.
  private func held() async throws -> RegistrarClient.Outcome? {
    for number in 1...Self.askCount {
      if let held = try await client.ask(digest, of: resource) { return held }
      if number < Self.askCount { try await Task.sleep(for: .milliseconds(Self.pause.count)) }
    }
    return nil
  }

  private func event(_ outcome: RegistrationEvent.Outcome, _ reference: String) -> RegistrationEvent {
    RegistrationEvent(
      resource: resource, step: .project, outcome: outcome, date: date,
      reference: reference.controlsEscaped.cut(toBytes: 255), packet: digest, ders: outcome == .noted ? nil : ders,
      recipient: .rims)
  }

  private func finish(_ outcome: RegistrarClient.Outcome) throws {
    let name = "rims, digest \(digest.prefix(16))"
    switch outcome {
    case .taken(let receipt):
      try store.append([event(.submitted, receipt)])
      print(
        "handed over to \(name); submitted: project\(receipt.isEmpty ? "" : ", receipt \(receipt.controlsEscaped)")")
    case .rejected(let reason):
      try store.append([event(.refused, reason)])
      StandardError.write("\(name): refused: \(reason.controlsEscaped)\n")
      throw ExitStatus.data.exitCode
    case .notSent(let reason):
      StandardError.write("\(name): not handed over: \(reason.controlsEscaped)\n")
      throw ExitStatus.unavailable.exitCode
    case .unknown(let reason):
      StandardError.write(
        "\(name): not known whether it has it: \(reason.controlsEscaped); run the same again: it asks first\n")
      throw ExitStatus.temporary.exitCode
    }
  }
}
