import ArgumentParser

/// `dertelemetryd certificate`.
struct CertificateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate",
    abstract: "Import the certificate that the operator has issued, and show what a certificate says.",
    discussion: """
      See docs/credentials.md.

      Example: dertelemetryd certificate import EXSC.pfx
      """,
    subcommands: [CertificateImport.self, CertificateShow.self])
}
