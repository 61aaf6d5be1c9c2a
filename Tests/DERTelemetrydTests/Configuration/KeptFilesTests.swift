import Foundation
import Settings
import Testing
import TelemetryCore

@testable import DERTelemetryd

/// What was kept is read as the files were, and found when the files are not valid any more.
@Suite struct KeptFilesTests {
  private typealias Fixtures = ConfigurationFixtures

  private static func files(_ changes: [String: String] = [:]) throws -> [String: String] {
    let profile = try String(contentsOf: Fixtures.root.appending(path: "config/profiles/mri-s.yaml"), encoding: .utf8)
    return [
      "dertelemetryd.yaml": Fixtures.main, "sites.d/b.yaml": Fixtures.sites,
      "sites.d/a.yaml": Fixtures.sites.replacing("fresno-01", with: "fresno-00").replacing(".11", with: ".10"),
      "profiles/mri-s.yaml": profile,
    ].merging(changes) { $1 }
  }

  private static func load(_ path: String) throws -> LoadedConfiguration {
    try SettingsLoader.load(from: DiskFiles(), path: path, environment: [:]).get()
  }

  @Test func theFilesAreThoseThatWereReadInTheirOrder() throws {
    try Fixtures.withFolder(try Self.files(["profiles/other.yaml": "never: read", "notes.txt": "neither"])) { folder in
      let path = folder.appending(path: "dertelemetryd.yaml").path()
      let files = try Self.load(path).files
      #expect(files.path == path)
      #expect(files.files.map(\.role) == [.main, .sites, .sites, .profile])
      #expect(
        files.files.map(\.name) == ["dertelemetryd.yaml", "sites.d/a.yaml", "sites.d/b.yaml", "profiles/mri-s.yaml"])
      #expect(files.files[0].bytes == Array(Fixtures.main.utf8))
    }
  }

  @Test func whatIsKeptGivesTheSameSettingsWhenTheFilesAreGone() throws {
    let (loaded, path) = try Fixtures.withFolder(try Self.files()) { folder in
      let path = folder.appending(path: "dertelemetryd.yaml").path()
      return (try Self.load(path), path)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    let again = try SettingsLoader.load(kept: loaded.files, path: path, environment: [:]).get()
    #expect(EffectiveSettings(again.settings).yaml == EffectiveSettings(loaded.settings).yaml)
    #expect(again.settings.sites.map(\.id.name) == ["fresno-00", "fresno-01"])
    #expect(again.files == loaded.files, "it is kept as the same again")
  }

  @Test func filesElsewhereKeepTheirPaths() throws {
    try Fixtures.withFolder(["elsewhere/x.yaml": Fixtures.sites]) { other in
      let pattern = other.appending(path: "elsewhere/*.yaml").path()
      try Fixtures.withFolder(try Self.files(["dertelemetryd.yaml": "sites: \(pattern)\n\(Fixtures.main)"])) { folder in
        let path = folder.appending(path: "dertelemetryd.yaml").path()
        let files = try Self.load(path).files
        #expect(files.files[1].name == other.appending(path: "elsewhere/x.yaml").path())
        #expect(try SettingsLoader.load(kept: files, path: path, environment: [:]).get().settings.sites.count == 1)
      }
    }
  }

  @Test(arguments: [
    ("state_directory: /a\nscan: [\n", "/a"), ("scan: 4s\n\tx\nstate_directory: \"/b\" # where\n", "/b"),
    ("state_directory: relative\n", "/var/lib/dertelemetryd"),
    ("  state_directory: /c\n- x\n", "/var/lib/dertelemetryd"),
    ("", "/var/lib/dertelemetryd"),
  ])
  func theStateDirectoryIsFoundInWhatCanStillBeRead(text: String, directory: String) throws {
    try Fixtures.withFolder(["d.yaml": text]) { folder in
      let path = folder.appending(path: "d.yaml").path()
      #expect(StateDirectoryName.find(path: path, environment: [:]) == directory)
      let given = StateDirectoryName.find(path: path, environment: ["STATE_DIRECTORY": "/given:/second"])
      #expect(given == (directory == "/var/lib/dertelemetryd" ? "/given" : directory))
    }
    #expect(StateDirectoryName.find(path: "/not/there", environment: [:]) == "/var/lib/dertelemetryd")
  }

  // MARK: Falling back

  private static let problems = ConfigurationProblems(
    (1...13).map {
      ConfigurationProblem(
        place: ConfigurationPlace(file: "d.yaml", line: $0, column: 2), key: "scan", message: "is wrong")
    })

  private static func fallback(_ accepted: AcceptedConfiguration?, path: String) throws -> ConfigurationInForce {
    try ConfigurationInForce(
      kept: accepted, insteadOf: path, problems: problems, stateDirectory: "/found", environment: [:])
  }

  private static func accepted() throws -> (AcceptedConfiguration, path: String) {
    try Fixtures.withFolder(try files(["dertelemetryd.yaml": "state_directory: /said\n\(Fixtures.main)"])) { folder in
      let path = folder.appending(path: "dertelemetryd.yaml").path()
      let files = try load(path).files
      return (AcceptedConfiguration(files, digest: Digest(), since: UTCInstant(seconds: 1_773_835_200)), path)
    }
  }

  @Test func theLastAcceptedOneIsUsedWhereItsAccountsWereFoundAndSaysSo() throws {
    let (accepted, path) = try Self.accepted()
    let inForce = try Self.fallback(accepted, path: path)
    #expect(inForce.settings.stateDirectory == "/found", "the accounts that keep it are those to go on with")
    #expect(inForce.files == accepted.files, "it is the last one that was accepted still")
    let lines = try #require(inForce.fallback).lines
    #expect(lines.first == "the configuration is not valid: d.yaml:1:2: scan: is wrong")
    #expect(lines.count == 12)
    #expect(lines[10] == "the configuration is not valid: 3 problems more, see dertelemetryd check")
    #expect(lines[11].hasPrefix("\(path) has 13 problems and is not used: running on the last configuration that was "))
    #expect(lines[11].contains("2026-03-18T12:00:00Z"))
    #expect(inForce.fallback?.status.contains("2026-03-18T12:00:00Z") == true)
  }

  private static func refusal(_ accepted: AcceptedConfiguration?, path: String) -> String? {
    do {
      _ = try fallback(accepted, path: path)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func whatCannotBeUsedSaysWhy() throws {
    var (accepted, path) = try Self.accepted()
    #expect(Self.refusal(nil, path: path) == "no configuration was ever accepted here")
    #expect(Self.refusal(accepted, path: "/etc/other.yaml")?.hasSuffix("was that of \(path)") == true)
    accepted.files?.files[0].bytes = Array("format: 7\n".utf8)
    #expect(Self.refusal(accepted, path: path)?.contains("cannot be read by this version: ") == true)
    accepted.files?.files.removeAll { $0.role == .profile }
    #expect(Self.refusal(accepted, path: path)?.contains("cannot be read by this version: ") == true)
    accepted.files = nil
    #expect(Self.refusal(accepted, path: path)?.hasSuffix("was too large to be kept") == true)
  }

  @Test func theMainFileIsTheSameHoweverItIsCalled() {
    let working = FileManager.default.currentDirectoryPath
    for path in ["d.yaml", "./d.yaml", "\(working)/d.yaml", "\(working)/x/..//d.yaml"] {
      #expect(ConfigurationPath.normal(path) == "\(working)/d.yaml")
    }
  }
}
