import Logging
import Testing
import TelemetryCore

@testable import DERTelemetryd

@Suite struct JournalTests {
  private let instant = UTCInstant(seconds: 1_795_348_800)

  @Test func aMessageCannotForgeALineOfItsOwn() {
    let said =
      "site alpha: refused\n<2>2026-11-22T12:00:00Z EXAMPL_7_DERA1 05:05Z GEN 1 MWh accepted\r\u{1B}[2J\u{202E}"
    let line = JournalHandler.line(said, .warning, at: instant, inTerminal: false)
    #expect(
      line
        == "<4>2026-11-22T12:00:00Z site alpha: refused\\u{A}<2>2026-11-22T12:00:00Z EXAMPL_7_DERA1 05:05Z GEN 1 MWh "
        + "accepted\\u{D}\\u{1B}[2J\\u{202E}\n")
  }

  @Test func peopleSeeHowUrgentItIsAndOtherReadersThePriority() {
    let words = JournalHandler.line("Žižkov: read again", .notice, at: instant, inTerminal: true)
    #expect(words == "2026-11-22T12:00:00Z notice Žižkov: read again\n")
    let number = JournalHandler.line("Žižkov: read again", .notice, at: instant, inTerminal: false)
    #expect(number == "<5>2026-11-22T12:00:00Z Žižkov: read again\n")
  }

  @Test func onlyTheSocketThatSystemdNamesIsTheJournal() {
    #expect(JournalHandler.isJournal(stream: "8:12345", standardError: "socket:[12345]"))
    #expect(!JournalHandler.isJournal(stream: "8:12345", standardError: "socket:[1234]"))
    #expect(!JournalHandler.isJournal(stream: "8:12345", standardError: "pipe:[12345]"))
    #expect(!JournalHandler.isJournal(stream: nil, standardError: "socket:[12345]"))
  }
}
