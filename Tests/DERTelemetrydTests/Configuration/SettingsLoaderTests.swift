import Foundation
import Settings
import Testing
import TelemetryCore

@Suite struct SettingsLoaderTests {
  private typealias Fixtures = ConfigurationFixtures

  /// What is wrong with the files in a folder, its own name left out.
  private func problems(in folder: URL, environment: [String: String] = [:]) -> [String] {
    let path = folder.appending(path: "dertelemetryd.yaml").path()
    switch SettingsLoader.load(path: path, environment: environment) {
    case .success: return []
    case .failure(let problems):
      return problems.problems.map { $0.description.replacing(folder.path() + "/", with: "") }
    }
  }

  private func files(_ changes: [String: String?] = [:]) throws -> [String: String] {
    let profile = try String(
      contentsOf: Fixtures.root.appending(path: "config/profiles/mri-s.yaml"), encoding: .utf8)
    var files: [String: String?] = [
      "dertelemetryd.yaml": Fixtures.main, "sites.d/fresno.yaml": Fixtures.sites, "profiles/mri-s.yaml": profile,
    ]
    files.merge(changes) { $1 }
    return files.compactMapValues { $0 }
  }

  @Test func theShippedExamplesAreValid() throws {
    let path = Fixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    let settings = try SettingsLoader.load(path: path, environment: [:]).get()
    #expect(settings.resources.map(\.id) == [ResourceID("EXAMPL_7_DERA1")])
    #expect(
      settings.sites.map(\.id) == ["fresno-01", "fresno-02", "fresno-03", "fresno-04", "fresno-05"].map { SiteID($0) })
    #expect(settings.channels.map(\.mode) == [.hold])
    #expect(settings.channels.first?.key == .credential("client.key"))
  }

  @Test func everythingWrongIsToldAtOnceWithItsPlace() throws {
    let folder = Fixtures.fixtures.appending(path: "wrong")
    let expected = try String(contentsOf: folder.appending(path: "expected.txt"), encoding: .utf8)
    let found = problems(in: folder)
    let lines = expected.split(separator: "\n").map { String($0) }
    for line in Set(found).symmetricDifference(lines).sorted() {
      Issue.record("\(found.contains(line) ? "unexpected" : "not told"): \(line)")
    }
    #expect(found == lines)
  }

  @Test func siteFilesAreReadInTheOrderOfTheirNames() throws {
    let changes = [
      "sites.d/a.yaml": Fixtures.sites.replacing("fresno-01", with: "a").replacing(".11", with: ".12"),
      "sites.d/.hidden.yaml": "[", "sites.d/z.yaml~": "[", "sites.d/notes.txt": "[",
    ]
    try Fixtures.withFolder(try files(changes)) { folder in
      let path = folder.appending(path: "dertelemetryd.yaml").path()
      let settings = try SettingsLoader.load(path: path, environment: [:]).get()
      #expect(settings.sites.map(\.id.name) == ["a", "fresno-01"])
    }
  }

  @Test func anEmptyFolderOfSitesIsAGatewayBeforeItsFirst() throws {
    try Fixtures.withFolder(try files(["sites.d/fresno.yaml": String?.none, "sites.d/README": ""])) { folder in
      #expect(problems(in: folder) == [])
    }
  }

  @Test func aMissingFolderOfSitesIsAMistake() throws {
    try Fixtures.withFolder(try files(["sites.d/fresno.yaml": String?.none])) { folder in
      #expect(
        problems(in: folder)
          == ["dertelemetryd.yaml:1:1: sites: looks in sites.d, which cannot be read: No such file or directory"])
    }
  }

  @Test func aSiteFileThatThePatternMissesIsAMistake() throws {
    try Fixtures.withFolder(try files(["sites.d/fresno.yaml": String?.none, "sites.d/fresno.yml": "[]"])) { folder in
      #expect(
        problems(in: folder)
          == ["dertelemetryd.yaml:1:1: sites: matches no file in \(folder.path())/sites.d, where fresno.yml stands"]
          .map { $0.replacing(folder.path() + "/", with: "") })
    }
  }

  @Test func aMissingMainFileIsToldByItsName() {
    #expect(
      problems(in: URL(filePath: "/nowhere"))
        == ["dertelemetryd.yaml:1:1: (file): cannot be read: No such file or directory"])
  }

  @Test func aProfileBesideTheFileIsFoundAndAMissingOneNamed() throws {
    try Fixtures.withFolder(try files(["profiles/mri-s.yaml": String?.none])) { folder in
      #expect(
        problems(in: folder).map { $0.hasPrefix("dertelemetryd.yaml:10:3: channel.profile: names the wire") } == [true])
    }
  }

  @Test func aKeyThatOthersCanReadIsRefused() throws {
    let main = Fixtures.main.replacing("credential:client.key", with: "client.key")
    try Fixtures.withFolder(try files(["dertelemetryd.yaml": main, "client.key": "secret"])) { folder in
      let key = folder.appending(path: "client.key").path()
      for mode in [0o644, 0o640, 0o604, 0o660] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
        let problems = problems(in: folder)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("others than its owner may use (mode \(String(mode, radix: 8)))") == true)
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      #expect(problems(in: folder) == [])
    }
  }

  @Test func theModeOfTheKeyBehindALinkCounts() throws {
    let main = Fixtures.main.replacing("credential:client.key", with: "link.key")
    try Fixtures.withFolder(try files(["dertelemetryd.yaml": main, "client.key": "secret", "empty": ""])) { folder in
      let key = folder.appending(path: "client.key").path()
      let link = folder.appending(path: "link.key").path()
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: key)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      #expect(problems(in: folder) == [])
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
      #expect(problems(in: folder).count == 1)
      try FileManager.default.removeItem(atPath: key)
      #expect(problems(in: folder).map { $0.hasSuffix("cannot be read: No such file or directory") } == [true])
      try FileManager.default.createDirectory(atPath: key, withIntermediateDirectories: false)
      #expect(problems(in: folder).map { $0.hasSuffix("is no regular file") } == [true])
    }
  }

  @Test func credentialsAreLookedAtWhereSystemdGivesThem() throws {
    try Fixtures.withFolder(try files(["given/client.crt": "x", "given/client.key": "x", "given/ca.crt": ""])) {
      folder in
      let given = ["CREDENTIALS_DIRECTORY": folder.appending(path: "given").path()]
      #expect(problems(in: folder, environment: [:]) == [])
      #expect(
        problems(in: folder, environment: given)
          == ["dertelemetryd.yaml:15:10: channel.trust: names given/ca.crt, which is empty"])
    }
  }

  @Test func whatIsNoTextFileIsRefusedWithoutReadingOn() throws {
    let huge = String(repeating: "# a comment\n", count: 400_000)
    try Fixtures.withFolder(try files(["dertelemetryd.yaml": huge])) { folder in
      #expect(problems(in: folder).map { $0.contains("is larger than 4 MiB") } == [true])
    }
    for path in ["/dev/zero", "/proc", "/dev"] {
      #expect(throws: ConfigurationProblems.self) { try SettingsLoader.load(path: path, environment: [:]).get() }
    }
  }

  @Test func bytesThatAreNoTextNameTheirLine() throws {
    try Fixtures.withFolder(try files()) { folder in
      var bytes = Data("format: 1\n# ".utf8)
      bytes.append(0xFF)
      try bytes.write(to: folder.appending(path: "dertelemetryd.yaml"))
      #expect(problems(in: folder) == ["dertelemetryd.yaml:2:1: (file): is not UTF-8 text from here on"])
    }
  }
}
