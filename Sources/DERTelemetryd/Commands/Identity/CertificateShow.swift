import ArgumentParser
import Settings
import SwiftASN1
import TelemetryCore
import X509

/// `dertelemetryd certificate show`.
struct CertificateShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a certificate says: for whom, from whom, until when, what for.",
    discussion: """
      Shows the first certificate of a PEM file. As whom each application is asked, and by which files, is in \
      `dertelemetryd identities`.

      Exit status: 0 shown, 64 usage, 65 it cannot be read.

      Example: dertelemetryd certificate show client.crt
      """)

  @Argument(help: "A certificate in PEM form.", completion: .file(extensions: ["crt", "pem"]))
  var file: String

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let certificate: Certificate
    do {
      certificate = try Certificate(pemEncoded: String(decoding: try BoundedFile.bytes(of: file), as: UTF8.self))
    } catch let error as BoundedFile.Failure {
      throw refuse("\(error)")
    } catch {
      throw refuse("holds no certificate in PEM form: \(error)")
    }
    let report = CertificateReport(certificate, issuers: [], now: SystemClock().now().utc)
    print(json ? try JSONText.of(report) : report.text)
  }

  private func refuse(_ reason: String) -> ExitCode {
    StandardError.write("\(file): \(reason)\n")
    return ExitStatus.data.exitCode
  }
}
