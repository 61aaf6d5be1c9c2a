import Foundation
import NIOSSL

@testable import DERSimulator

/// The keys and certificates that the project's script makes, made once for all tests.
struct TestCertificates: Sendable {
  private static let made = Result { try Self() }

  let directory: String

  static func shared() throws -> Self { try made.get() }

  private init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "dersim-certificates-\(UUID().uuidString)")
      .path()
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    let process = Process()
    process.executableURL = root.appending(path: "scripts/make-test-certificates")
    process.arguments = [directory]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  func path(_ name: String) -> String { directory + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }

  /// A certificate as the TLS handshake shows it.
  func der(_ name: String) throws -> [UInt8] {
    try NIOSSLCertificate.fromPEMFile(path(name + ".crt"))[0].toDERBytes()
  }

  var serverIdentity: OperatorIdentity {
    OperatorIdentity(certificate: path("server.crt"), key: path("server.key"), trust: path("ca.crt"))
  }
}
