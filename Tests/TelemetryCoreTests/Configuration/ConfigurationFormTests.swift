import Testing

@testable import TelemetryCore

@Suite struct ConfigurationFormTests {
  @Test(
    arguments: zip(
      ["0", "-1", "1.50", "0.9873", "1", "0.00005", "00.1"], [0, -10_000, 15_000, 9_873, 10_000, nil, 1_000]))
  func aDecimalIsExact(text: String, expected: Int64?) { #expect(ExactDecimal.parse(text, digits: 4) == expected) }

  @Test(arguments: [
    "", "-", ".5", "5.", "1,5", "1e3", "+1", " 1", "1 ", "0x10", "1_000", "١", "--1", "1.2.3", "nan",
    "9223372036854775808", "922337203685478", String(repeating: "9", count: 1_000),
  ])
  func whatIsNoDecimalOrDoesNotFitIsRefused(text: String) { #expect(ExactDecimal.parse(text, digits: 4) == nil) }

  @Test func theWidestNumbersFit() {
    #expect(ExactDecimal.parse("9223372036854775807", digits: 0) == .max)
    #expect(ExactDecimal.parse("-9223372036854775807", digits: 0) == -.max)
    #expect(ExactDecimal.parse("9.223372036854775807", digits: 18) == .max)
  }

  @Test func aDecimalIsReadBackAsItWasWritten() {
    for value in Array<Int64>(-12_345...12_345) + [.max, -.max] {
      for digits in [0, 1, 4, 18] {
        #expect(ExactDecimal.parse(ExactDecimal.format(value, digits: digits), digits: digits) == value)
      }
    }
  }

  @Test(
    arguments: zip(
      ["4s", "5m", "1h", "500ms", "1.5s", "0.5h", "2 m", "1d", "0.001s"],
      [4_000, 300_000, 3_600_000, 500, 1_500, 1_800_000, 120_000, 86_400_000, 1]))
  func aDurationNeedsItsUnit(text: String, expected: Int64) {
    let form = ConfigurationForm<Milliseconds>.duration(Milliseconds(1) ... .seconds(86_400), such: "4s")
    #expect(form.parse(text) == Milliseconds(expected))
  }

  @Test(arguments: [
    "4", "s", "", "4  s", "4S", "-4s", "4 s ", "0.0001s", "2d", "0s", "99999999999999999999h", "4sec", "1h30m", "4\ns",
  ])
  func otherDurationsAreRefused(text: String) {
    let form = ConfigurationForm<Milliseconds>.duration(Milliseconds(1) ... .seconds(86_400), such: "4s")
    #expect(form.parse(text) == nil)
  }

  @Test(
    arguments: zip(
      ["250 kW", "1 MW", "800 W", "1.5MW", "0.25 GW"],
      [250_000_000, 1_000_000_000, 800_000, 1_500_000_000, 250_000_000_000]))
  func aPowerIsReadInMilliwatts(text: String, expected: Int64) {
    let form = ConfigurationForm<Power>.power(Power(milliwatts: 1)...Power(milliwatts: .max), such: "250 kW")
    #expect(form.parse(text) == Power(milliwatts: expected))
  }

  @Test(arguments: ["250", "250 KW", "250 kw", "1 mw", "250 kWh", "-1 W", "1e3 W", "0.0001 W", "9000000000 GW"])
  func otherPowersAreRefused(text: String) {
    let form = ConfigurationForm<Power>.power(Power(milliwatts: 1)...Power(milliwatts: .max), such: "250 kW")
    #expect(form.parse(text) == nil)
  }

  @Test(arguments: ["5m", "500ms", "0ms", "1h", "90s", "15d", "1001ms"])
  func aDurationIsWrittenAsAPersonWould(text: String) {
    let form = ConfigurationForm<Milliseconds>.duration(Milliseconds(0)...Milliseconds(.max), such: "4s")
    #expect(form.parse(text)?.configurationText == text)
  }

  @Test(arguments: ["https://host", "https://host:8443/path?query=1", "https://[::1]/path"])
  func anHTTPSURLIsTaken(text: String) { #expect(ConfigurationForm<String>.httpsURL.parse(text) == text) }

  @Test(arguments: [
    "http://host/path", "https://", "https:///path", "https://user@host/", "https://ho st/", "host/path", "ftp://host",
    "https://host/\u{7}", "https://höst/", "https://host/#part", "HTTPS://host", "https://:443/",
  ])
  func otherURLsAreRefused(text: String) { #expect(ConfigurationForm<String>.httpsURL.parse(text) == nil) }

  @Test(arguments: ["1s", "10s", "5m", "15m", "1h", "3600s", "0.5m"])
  func anIntervalDividesTheHour(text: String) throws {
    let length = try #require(ConfigurationForm<IntervalLength>.intervalLength.parse(text))
    #expect(3_600 % length.seconds == 0)
  }

  @Test(arguments: ["7m", "500ms", "1.5s", "2h", "0s", "300", "11s"])
  func otherIntervalsAreRefused(text: String) {
    #expect(ConfigurationForm<IntervalLength>.intervalLength.parse(text) == nil)
  }

  @Test func aCredentialIsABareName() {
    let form = ConfigurationForm<CredentialPath>.credential(in: "/etc/x")
    #expect(form.parse("credential:client.key") == .credential("client.key"))
    #expect(form.parse("client.key") == .file("/etc/x/client.key"))
    #expect(form.parse("/run/client.key") == .file("/run/client.key"))
    for text in ["credential:", "credential:../key", "credential:a/b", "credential:.", ""] {
      #expect(form.parse(text) == nil, "\(text)")
    }
  }

  @Test func aSlipOfTheFingerIsRecognised() {
    let words = ["interval", "grace", "scan", "scheduling_coordinator"]
    #expect(NearestWord.find("intervall", among: words) == "interval")
    #expect(NearestWord.find("sacn", among: words) == "scan")
    #expect(NearestWord.find("scheduling_cordinator", among: words) == "scheduling_coordinator")
    #expect(NearestWord.find("storage", among: words) == nil)
    #expect(NearestWord.find(String(repeating: "x", count: 100_000), among: words) == nil)
  }

  @Test func aLongTextIsShownCutAndHarmless() {
    let shown = ConfigurationNode.shown("\u{1B}[2J\n" + String(repeating: "x", count: 1_000_000))
    #expect(shown.utf8.count < 200)
    #expect(!shown.unicodeScalars.contains { $0.value < 0x20 })
    #expect(shown.contains("1000005 bytes"))
  }
}
