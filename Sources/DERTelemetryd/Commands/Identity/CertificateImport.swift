import ArgumentParser
import Foundation
import Settings
import SignedXML
import TelemetryCore

/// `dertelemetryd certificate import`: from a PKCS#12 file to the files that the service takes.
struct CertificateImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take certificate and key out of a PKCS#12 file (.pfx, .p12).",
    discussion: """
      Writes NAME.crt, the certificate and what links it to its root; NAME.key, its key, not encrypted; and, where the \
      file holds issuers, NAME.chain.crt with all of them. Each is for its owner alone, and there whole or not at all; \
      the key is replaced last. The password is asked at the terminal, or read from a file; it is never an argument, \
      which others could see.

      Nothing is written when the key fits no certificate or the certificate has expired, nor over other files without \
      --replace.

      Exit status: 0 written, or with --dry-run could be; 64 usage; 65 the file cannot be used or other files are there; \
      74 disk.

      Example: dertelemetryd certificate import EXSC.pfx --dry-run
      """)

  @Argument(help: "The PKCS#12 file.", completion: .file(extensions: ["pfx", "p12"]))
  var file: String

  @Option(
    help: ArgumentHelp("The folder to write to; made where it is missing.", valueName: "directory"),
    completion: .directory)
  var into = "/etc/credstore"

  @Option(help: "What the files are called, before the point.")
  var name = "client"

  @Option(
    help: ArgumentHelp(
      "Read the password from this file, which only its owner may use, or from a systemd credential: credential:NAME.",
      valueName: "file"),
    completion: .file())
  var passwordFile: String?

  @Flag(help: "Replace files of these names.")
  var replace = false

  @Flag(help: "Say what would be written, and write nothing.")
  var dryRun = false

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    let isPlain = !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 64 && name.utf8.allSatisfy(Self.isPlain)
    guard isPlain else { throw ValidationError("--name \(name): expected letters, digits, '-', '_' and '.'") }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    return isLetter || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
  }

  func run() throws {
    let identity = try identity()
    let certificate = identity.report(now: SystemClock().now().utc)
    guard !certificate.isExpired else {
      throw refuse("the certificate expired at \(certificate.notValidAfter): ask the operator for a new one")
    }
    let files = CredentialFolder(path: into, name: name)
    let present = files.present(of: identity)
    guard replace || present.isEmpty else {
      throw refuse("\(present.joined(separator: " and ")) is there already: expected --replace, or another --name")
    }
    if !dryRun {
      do throws(LogDiskError) {
        try files.write(identity)
      } catch {
        StandardError.write("\(error)\n")
        throw ExitStatus.inputOutput.exitCode
      }
    }
    let report = ImportReport(
      certificate: certificate, files: files.paths(of: identity), isDryRun: dryRun, settings: files.settings)
    print(json ? try JSONText.of(report) : report.text(files.advice))
  }

  private func identity() throws(ExitCode) -> ImportedIdentity {
    let bytes: [UInt8]
    do throws(BoundedFile.Failure) {
      bytes = try BoundedFile.bytes(of: file)
    } catch {
      throw refuse("\(error)")
    }
    let password: String
    do throws(PasswordSource.Failure) {
      password = try PasswordSource(file: passwordFile).password(of: file)
    } catch {
      StandardError.write("\(error)\n")
      throw error.isUsage ? ExitStatus.usage.exitCode : ExitStatus.data.exitCode
    }
    do throws(XMLProblem) {
      return try ImportedIdentity(try IdentityArchive(bytes, password: password))
    } catch {
      throw refuse("\(error)")
    }
  }

  private func refuse(_ reason: String) -> ExitCode {
    StandardError.write("\(file): \(reason)\n\(file): nothing was written\n")
    return ExitStatus.data.exitCode
  }
}

/// What `certificate import --json` prints.
struct ImportReport: Codable, Equatable {
  var certificate: CertificateReport
  var files: [String]
  var isDryRun: Bool
  /// As they belong into the channel's part of the configuration.
  var settings: [String: String]

  func text(_ advice: String) -> String {
    let verb = isDryRun ? "would write" : "wrote"
    let lines = settings.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    return
      ([certificate.text, ""] + files.map { "\(verb) \($0)" } + ["", "In dertelemetryd.yaml, under `channels`:"]
      + lines + ["", advice]).joined(separator: "\n")
  }
}
