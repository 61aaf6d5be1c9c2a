import ArgumentParser
import Foundation
import MarketCore
import Settings
import TelemetryCore

extension MarketApplication: ExpressibleByArgument {}

/// `dertelemetryd identities`.
struct Identities: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identities",
    abstract: "Show as whom each application of CAISO is asked, and until when its certificate is valid.",
    discussion: """
      One identity for each application, in market.yaml; that of the metering channel is in dertelemetryd.yaml. None is \
      ever taken from another. Files are looked at, and nobody is asked.

      Exit status: 0 all that are set can be used, 64 usage, 78 one cannot, or --for names one that is not set, or the \
      configuration is not valid.

      Example: dertelemetryd identities --for sibr
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Option(name: .customLong("for"), help: "Only this application, which must have one.")
  var application: MarketApplication?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let settings = try configuration.settings()
    let identities = try MarketFile.load(beside: configuration.path).identities
    if let application {
      do throws(MissingIdentity) {
        _ = try identities.required(for: application)
      } catch {
        StandardError.write("\(error)\n")
        throw ExitStatus.configuration.exitCode
      }
    }
    let now = SystemClock().now().utc
    let wanted = application.map { [$0] } ?? MarketApplication.allCases
    let channels = application == nil ? settings.channels.map { IdentityReport(channel: $0, now: now) } : []
    let reports = channels + wanted.map { IdentityReport($0, identities[$0], now: now) }
    print(json ? try JSONText.of(reports) : IdentityReport.text(reports))
    if reports.contains(where: { $0.state == .unusable }) { throw ExitStatus.configuration.exitCode }
  }
}

/// What `identities --json` prints, a list of these.
struct IdentityReport: Codable, Equatable {
  enum State: String, Codable {
    case usable
    case unusable
    case unset = "not set"
    /// A systemd credential, which only the service is given.
    case unseen = "not looked at"
  }

  var application: String
  var purpose: String
  var state: State
  var certificate: String?
  var subject: String?
  var notValidAfter: String?
  var note: String

  init(_ application: MarketApplication, _ identity: MarketIdentity?, now: UTCInstant) {
    self.init(
      application.rawValue, application.purpose, identity.map { ($0.certificate, $0.key, $0.trust) }, now: now)
  }

  init(channel: ChannelSettings, now: UTCInstant) {
    self.init(
      "mri-s", "meter data, channel \(channel.name)", (channel.certificate, channel.key, channel.trust), now: now)
  }

  private init(
    _ application: String, _ purpose: String,
    _ paths: (certificate: CredentialPath, key: CredentialPath, trust: CredentialPath)?, now: UTCInstant
  ) {
    self.application = application
    self.purpose = purpose
    guard let paths else {
      (state, note) = (.unset, "")
      return
    }
    certificate = paths.certificate.words
    do throws(IdentityFiles.Problem) {
      let files = try IdentityFiles(
        certificate: paths.certificate, key: paths.key, trust: paths.trust,
        environment: ProcessInfo.processInfo.environment)
      let validity = IdentityState(from: files.notValidBefore, through: files.notValidAfter, now: now)
      subject = files.subject
      notValidAfter = files.notValidAfter.text
      (state, note) = (validity.isUsable ? .usable : .unusable, validity.words)
    } catch {
      switch error {
      case .unseen: (state, note) = (.unseen, "only the service is given systemd credentials")
      case .unusable(let reason): (state, note) = (.unusable, reason)
      }
    }
  }

  static func text(_ reports: [IdentityReport]) -> String {
    let rows = reports.map { report in
      [
        report.application, report.purpose, report.state.rawValue, report.notValidAfter ?? "-",
        report.subject?.controlsEscaped ?? "-", report.certificate?.controlsEscaped ?? "-",
        report.note.controlsEscaped,
      ]
    }
    return TextTable(["APPLICATION", "FOR", "STATE", "VALID UNTIL", "SUBJECT", "CERTIFICATE", "NOTE"], rows: rows)
      .lines.joined(separator: "\n")
  }
}

extension CredentialPath {
  /// As it stands in a configuration file.
  fileprivate var words: String {
    switch self {
    case .file(let path): path
    case .credential(let name): "credential:\(name)"
    }
  }
}
