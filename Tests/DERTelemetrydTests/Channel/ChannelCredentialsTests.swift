import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite struct ChannelCredentialsTests {
  @Test func theUserNameIsTheSubjectFromTheCommonNameOn() throws {
    let credentials = try ChannelCredentials(ChannelFixtures.settings(), environment: [:])
    #expect(credentials.userName == "CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US")
  }

  @Test func spacesOutsideTheCommonNameAreLeftOut() throws {
    let credentials = try ChannelCredentials(ChannelFixtures.settings(client: "server"), environment: [:])
    #expect(credentials.userName == "CN=localhost,O=DERTelemetrydtest")
    var plain = try ChannelFixtures.settings(client: "server")
    plain.profile.envelope.userName = .plain
    #expect(try ChannelCredentials(plain, environment: [:]).userName == "CN=localhost,O=DERTelemetryd test")
  }

  @Test func aUserNameInTheSettingsStands() throws {
    var settings = try ChannelFixtures.settings()
    settings.userName = "CN=other"
    #expect(try ChannelCredentials(settings, environment: [:]).userName == "CN=other")
  }

  @Test func theEndOfTheCertificateIsKnown() throws {
    let credentials = try ChannelCredentials(ChannelFixtures.settings(client: "expired"), environment: [:])
    #expect(credentials.notValidAfter.timestamp() == "2020-01-31T00:00:00Z")
  }

  @Test func aKeyThatOthersCanReadIsRefused() throws {
    let path = "\(ChannelFixtures.folder)/open.key"
    let key = FileManager.default.contents(atPath: "\(ChannelFixtures.folder)/client.key")
    #expect(FileManager.default.createFile(atPath: path, contents: key, attributes: [.posixPermissions: 0o640]))
    var settings = try ChannelFixtures.settings()
    settings.key = .file(path)
    #expect(throws: ChannelFault("key: \(path) can be used by others than its owner: expected mode 600")) {
      try ChannelCredentials(settings, environment: [:])
    }
  }

  @Test func systemdCredentialsAreFoundInTheirFolder() throws {
    var settings = try ChannelFixtures.settings()
    settings.certificate = .credential("client.crt")
    settings.key = .credential("client.key")
    let environment = ["CREDENTIALS_DIRECTORY": ChannelFixtures.folder]
    #expect(try ChannelCredentials(settings, environment: environment).userName.hasPrefix("CN="))
    #expect(throws: ChannelFault.self) { try ChannelCredentials(settings, environment: [:]) }
  }

  @Test func aMissingFileIsNamed() throws {
    var settings = try ChannelFixtures.settings()
    settings.trust = .file("/nowhere/ca.crt")
    #expect(throws: ChannelFault("trust: /nowhere/ca.crt cannot be read: No such file or directory")) {
      try ChannelCredentials(settings, environment: [:])
    }
  }

  @Test func aKeyOfAnotherCertificateIsFoundBeforeTheFirstCall() throws {
    var settings = try ChannelFixtures.settings()
    settings.key = .file("\(ChannelFixtures.folder)/server.key")
    #expect(throws: ChannelFault("the private key is not the one of the certificate")) {
      try ChannelFixtures.channel(settings)
    }
  }
}
