import Foundation
import Settings
import Synchronization
import Testing

@testable import DERSimulator
@testable import TelemetryCore

@Suite struct FaultMenuTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../..")

  private func menu(_ text: String) throws -> FaultMenu {
    try FaultMenu.read(try YAMLDocument.node(of: text, file: "faults.yaml"))
  }

  @Test func theShippedMenuHasEveryFault() throws {
    let menu = try FaultService.menu(of: Self.root.appending(path: "config/faults.yaml").standardized.path())
    #expect(OperatorFault.allCases.filter { (menu.shares[$0] ?? 0) == 0 } == [])
  }

  @Test func theDocumentedTableHasEveryFault() throws {
    let text = try String(contentsOf: Self.root.appending(path: "docs/faults.md").standardized, encoding: .utf8)
    #expect(OperatorFault.allCases.filter { !text.contains("\n| `\($0.rawValue)` | ") } == [])
  }

  @Test func whatIsNotNamedDoesNotHappenAndAnEmptyFileIsNoFault() throws {
    #expect(try menu("") == FaultMenu())
    let menu = try menu("throttle: 0.5%\nasks: 7\naway_for: 2s\nlate_by: 300ms")
    #expect(menu.shares == [.throttle: 50])
    #expect((menu.asks, menu.awayFor, menu.lateBy) == (7, .seconds(2), Milliseconds(300)))
    #expect(menu.text == "faults: throttle 0.5%")
  }

  @Test(arguments: [
    ("throtle: 10%", "did you mean `throttle`?"), ("throttle: 10", "such as `10%`"), ("throttle: 101%", "0% to 100%"),
    ("throttle: -1%", "0% to 100%"), ("throttle: 60%\nreject: 41%", "a submit can meet come to 101%"),
    ("asks: 0", "from 1 to 1000"), ("- throttle", "a mapping"),
  ])
  func aWrongMenuIsRefusedWithTheReason(text: String, reason: String) throws {
    let problems = #expect(throws: ConfigurationProblems.self) { try menu(text) }
    let told = problems?.problems.map { "\($0)" } ?? []
    #expect(told.contains { $0.contains(reason) }, "\(told)")
  }

  @Test func aWordOfTheCommandLineIsAFaultAndItsShare() throws {
    var menu = FaultMenu()
    try menu.add("throttle")
    try menu.add("hang:0.25%")
    #expect(menu.shares == [.throttle: 2_000, .hang: 25])
    #expect(throws: Refusal.self) { try menu.add("hang:many") }
    #expect(throws: Refusal.self) { try menu.add("hangs") }
  }

  @Test func aFaultHappensToItsShareOfTheCallsAndNeverToOthers() throws {
    let menu = FaultMenu(shares: [.loseAnswer: 1_000, .reject: 2_000])
    let draws = (0..<FaultMenu.whole).map { menu.fault($0, for: .submit) }
    #expect(draws.count { $0 == .loseAnswer } == 1_000)
    #expect(draws.count { $0 == .reject } == 2_000)
    #expect((0..<FaultMenu.whole).allSatisfy { menu.fault($0, for: .status) != .reject })
  }

  @Test func theFileCountsFromTheFirstCallAfterItWasSavedAndAWrongOneChangesNothing() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      let path = directory + "/faults.yaml"
      let told = Mutex<[String]>([])
      try Data("".utf8).write(to: URL(filePath: path))
      let service = FaultService(menu: try FaultService.menu(of: path), file: path, seed: 1) { event in
        if case .menuChanged(let text) = event { told.withLock { $0.append(text) } }
      }
      #expect(service.closesBeforeBody() == nil)
      try Data("close-before-body: 100%".utf8).write(to: URL(filePath: path))
      #expect(service.closesBeforeBody()?.faultCount == 1)
      try Data("close-before-body: ever".utf8).write(to: URL(filePath: path))
      #expect(service.closesBeforeBody()?.faultCount == 2)
      try FileManager.default.removeItem(atPath: path)
      #expect(service.closesBeforeBody()?.faultCount == 3)
      let events = told.withLock { $0 }
      #expect(events.count == 2)
      #expect(events.first == "faults: close-before-body 100%")
      #expect(events.last?.contains("stay as they were: \(path):1:20: close-before-body") ?? false, "\(events)")
    }
  }
}
