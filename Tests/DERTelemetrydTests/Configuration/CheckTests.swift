import ArgumentParser
import Foundation
import Settings
import Testing
import TelemetryCore

@testable import DERTelemetryd

@Suite struct CheckTests {
  private let example = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
  private let wrong = ConfigurationFixtures.fixtures.appending(path: "wrong/dertelemetryd.yaml").path()

  @Test func theSummaryOfTheExampleSaysWhatWasNotLookedAt() throws {
    let settings = try SettingsLoader.load(path: example, environment: [:]).get()
    let summary = CheckSummary(settings, file: "dertelemetryd.yaml", environment: [:])
    #expect(
      summary.text.hasPrefix("dertelemetryd.yaml is valid\n  1 resource, 5 sites of 2400 kW in all, interval 5m\n"))
    #expect(summary.notes.contains { $0.hasPrefix("credential client.key was not looked at") })
    #expect(summary.notes.contains { $0.contains("mode hold") })
    #expect(summary.notes.contains { $0.hasPrefix("wire profile mri-s is unverified") })
    let given = CheckSummary(settings, file: "d", environment: ["CREDENTIALS_DIRECTORY": "/x"])
    #expect(!given.notes.contains { $0.contains("not looked at") })
  }

  @Test func aRefusedConfigurationExitsWith78() throws {
    let check = try #require(try Check.parse(["--config", wrong]) as Check?)
    #expect(throws: ExitCode(78)) { try check.configuration.settings() }
  }

  @Test func onlyCheckRefusesAMissingCertificate() throws {
    let path = "CREDENTIALS_DIRECTORY"
    let refused = SettingsLoader.load(path: example, environment: [path: "/nowhere"])
    guard case .failure(let problems) = refused else { return _ = Issue.record("taken") }
    #expect(problems.problems.map(\.key) == ["channels[0].certificate", "channels[0].key", "channels[0].trust"])
    let taken = SettingsLoader.load(path: example, environment: [path: "/nowhere"], lookingAtCredentials: false)
    #expect(try taken.get().channels.count == 1)
  }

  @Test func theServiceAndTheReadersOfTheAccountsNeedNoCertificate() throws {
    let main = ConfigurationFixtures.main.replacing("credential:", with: "not-there/")
    let profile = try String(
      contentsOf: ConfigurationFixtures.root.appending(path: "config/profiles/mri-s.yaml"), encoding: .utf8)
    let files = [
      "dertelemetryd.yaml": main, "sites.d/fresno.yaml": ConfigurationFixtures.sites, "profiles/mri-s.yaml": profile,
    ]
    try ConfigurationFixtures.withFolder(files) { folder in
      let path = folder.appending(path: "dertelemetryd.yaml").path()
      let option = try ConfigurationOption.parse(["--config", path])
      #expect(try option.settings().sites.count == 1)
      guard case .failure(let problems) = option.load() else { return _ = Issue.record("check takes it") }
      #expect(problems.problems.count == 3)
    }
  }

  @Test func theReportHasOneLineForEachProblem() throws {
    guard case .failure(let problems) = SettingsLoader.load(path: wrong, environment: [:]) else {
      Issue.record("taken")
      return
    }
    let lines = problems.report.split(separator: "\n")
    #expect(lines.count == problems.problems.count + 1)
    #expect(lines.last == "\(problems.problems.count) problems: the configuration is refused")
    #expect(lines.dropLast().allSatisfy { $0.contains(/^[^:]+:\d+:\d+: [^:]+: ./) })
  }

  @Test func theJSONOfAProblemIsStable() throws {
    let place = ConfigurationPlace(file: "f/d.yaml", line: 3, column: 5)
    let problem = ConfigurationProblem(place: place, key: "scan", message: "is \"wrong\"")
    let report = CheckReport(ConfigurationProblems([problem]))
    #expect(
      try report.text() == """
        {
          "omitted" : 0,
          "problems" : [
            {
              "column" : 5,
              "file" : "f/d.yaml",
              "key" : "scan",
              "line" : 3,
              "message" : "is \\"wrong\\""
            }
          ],
          "valid" : false
        }
        """)
  }

  @Test func theJSONOfAValidConfigurationIsReadBack() throws {
    let settings = try SettingsLoader.load(path: example, environment: [:]).get()
    let report = CheckReport(CheckSummary(settings, file: "d", environment: [:]))
    let text = try report.text()
    #expect(try JSONDecoder().decode(CheckReport.self, from: Data(text.utf8)) == report)
    #expect(text.contains("\"intervalSeconds\" : 300"))
  }
}
