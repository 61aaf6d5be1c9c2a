import ArgumentParser
import Foundation
import Settings
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite struct SchemaCheckTests {
  private let fixture = ConfigurationFixtures.fixtures.deletingLastPathComponent()
    .appending(path: "schemas/MeterData_v1.xsd").path()

  /// What `check --xsd` finds in the example configuration with a change in its wire profile.
  private func judge(
    _ right: String = "", _ changed: String = "", schema: String? = nil
  ) throws -> (checked: [SchemaCheck.Checked], problems: [ConfigurationProblem]) {
    let path = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    var settings = try SettingsLoader.load(path: path, environment: [:]).get()
    let yaml = try BoundedFile.text(of: "\(ChannelFixtures.project)/config/profiles/mri-s.yaml")
    #expect(right.isEmpty || yaml.contains(right))
    let profile = right.isEmpty ? yaml : yaml.replacing(right, with: changed, maxReplacements: 1)
    settings.channels[0].profile = try ChannelFixtures.profile(profile)
    var check = try SchemaCheck(path: schema ?? fixture)
    try check.check(settings.channels[0], in: settings, file: path)
    return (check.checked, check.problems)
  }

  @Test func theShippedProfileIsAsItsOwnGuessOfTheSchemaWantsIt() throws {
    let judged = try judge()
    #expect(judged.problems == [])
    #expect(judged.checked.map(\.message) == ["submit"])
    #expect(judged.checked.first?.profile == "mri-s")
  }

  @Test(arguments: [
    ("text: v00000000 }", "text: soon }", "messages.submit.content[0].content[2]", "'soon'"),
    (
      "element: measurementType", "element: kind", "messages.submit.content[1].content[0].content[0].content[0]", "kind"
    ),
    (
      "digits: 6", "digits: 7", "messages.submit.content[1].content[0].content[0].content[1].content[1]",
      "fractionDigits"
    ),
    (
      "# measurement_codes: { GEN: GEN, LOAD: LOAD }", "measurement_codes: { GEN: SUN }",
      "messages.submit.content[1].content[0].content[0].content[0]", "'SUN'"
    ),
    (
      "element: mRID, value: resource_id", "element: name, value: resource_id",
      "messages.submit.content[1].content[0].content[1].content[0]", "name"
    ),
  ])
  func whatTheSchemaDoesNotAllowIsNamedWithLineKeyAndReason(
    _ right: String, _ changed: String, _ key: String, _ reason: String
  ) throws {
    let problems = try judge(right, changed).problems
    #expect(problems.contains { $0.key == "profile mri-s: \(key)" && $0.message.contains(reason) }, "\(problems)")
    #expect(problems.allSatisfy { $0.message.hasPrefix("line ") })
    #expect(Set(problems).count == problems.count)
  }

  @Test func aProfileWithoutAMessageInTheNamespaceOfTheSchemaIsToldSo() throws {
    let problems = try judge("MeterData_v1.xsd#", "MeterData_v2.xsd#").problems
    #expect(problems.map(\.key) == ["profile mri-s: messages"])
    #expect(problems.first?.message.contains("MeterData_v1.xsd#") == true)
  }

  @Test(arguments: ["/nowhere.xsd", "/dev/null", ConfigurationFixtures.root.appending(path: "README.md").path()])
  func aSchemaThatCannotBeUsedExitsWith65(_ path: String) throws {
    #expect(throws: SchemaCheck.Unusable.self) { try judge(schema: path) }
    let example = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    let check = try #require(try Check.parse(["--config", example, "--xsd", path]) as Check?)
    let error = #expect(throws: ExitCode.self) { try check.run() }
    #expect(error == ExitStatus.data.exitCode)
  }

  @Test func theCommandTakesSeveralSchemas() throws {
    let example = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    let check = try #require(try Check.parse(["--config", example, "--xsd", fixture, "--xsd", fixture]) as Check?)
    var checked: [SchemaCheck.Checked] = []
    #expect(try check.judge(&checked).get().channels.count == 1)
    #expect(checked.count == 2)
  }
}
