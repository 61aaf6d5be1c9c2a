import Foundation
import NIOCore
import Synchronization
import Testing

@testable import DERSimulator
@testable import TelemetryCore

/// What comes over the wire of an answer that is not to come whole.
@Suite struct DeliveryTests {
  /// A day, which no test takes however busy the machine is.
  private static let never = Milliseconds.seconds(86_400)

  @Test(arguments: [OperatorAnswer.Delivery.closed, .half, .away(never)])
  func nothingOrHalfOfAnAnswerIsNoAnswer(delivery: OperatorAnswer.Delivery) async throws {
    try await withStation(delivering: delivery) { station in
      await #expect(throws: (any Error).self) { try await post("hello", to: station.url, as: "client") }
      #expect(station.calls.count == 1)
    }
  }

  @Test func aConnectionThatIsClosedBeforeItsBodyNeverReachesTheDesk() async throws {
    let note = CallNote(outcome: .disturbed, fault: "close-before-body", faultCount: 1)
    try await withStation(refusing: note) { station in
      await #expect(throws: (any Error).self) { try await post("hello", to: station.url, as: "client") }
      #expect(station.calls.isEmpty)
      #expect(station.notes.contains(note))
    }
  }

  @Test func aSilentCallHasNoAnswerWhenTheClientGivesUp() async throws {
    try await withStation(delivering: .silence) { station in
      await #expect(throws: (any Error).self) {
        try await post("hello", to: station.url, as: "client", timeout: .milliseconds(300))
      }
      #expect(station.calls.count == 1)
    }
  }

  @Test func aLateAnswerComesWhole() async throws {
    try await withStation(delivering: .late(Milliseconds(50))) { station in
      let response = try await post("hello", to: station.url, as: "client")
      #expect(response.body == "olleh")
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [TimeAmount.seconds(20), .seconds(2)])
  func aCallThatIsKeptBackIsPutToTheDeskAgainWhetherTheClientWaitsOrNot(patience: TimeAmount) async throws {
    try await withStation(delivering: .askedAgain(.seconds(3))) { station in
      let response = try? await post("hello", to: station.url, as: "client", timeout: patience)
      #expect(response?.body ?? "olleh" == "olleh")
      let calls = await station.calls(atLeast: 2)
      #expect(calls.map(\.isBelated) == [false, true])
      #expect(Set(calls.map(\.body)).count == 1)
    }
  }

  @Test func whoIsAwayAcceptsNoConnection() async throws {
    try await withStation(delivering: .away(Self.never)) { station in
      for _ in 0..<2 {
        await #expect(throws: (any Error).self) { try await post("hello", to: station.url, as: "client") }
      }
      #expect(station.calls.count == 1, "nobody listened")
    }
  }

  @Test func whoWasAwayComesBackToTheSamePort() async throws {
    try await withStation(delivering: .away(Milliseconds(1))) { station in
      await #expect(throws: (any Error).self) { try await post("hello", to: station.url, as: "client") }
      await station.isBack()
      await #expect(throws: (any Error).self) { try await post("hello", to: station.url, as: "client") }
      #expect(station.calls.count == 2)
    }
  }
}

/// What a server was asked and what it told.
private final class Station: Sendable {
  private let state = Mutex<(calls: [OperatorCall], notes: [CallNote], isBack: Bool)>(([], [], false))
  private let port = Mutex(0)

  var url: String { "https://127.0.0.1:\(port.withLock { $0 })/submit" }
  var calls: [OperatorCall] { state.withLock { $0.calls } }
  var notes: [CallNote] { state.withLock { $0.notes } }

  func note(_ call: OperatorCall) { state.withLock { $0.calls.append(call) } }

  func note(_ event: OperatorEvent) {
    switch event {
    case .listening(_, let port): self.port.withLock { $0 = port }
    case .answered(_, let note): state.withLock { $0.notes.append(note) }
    case .door(let isOpen): state.withLock { $0.isBack = isOpen }
    case .connectionFailed, .menuChanged: break
    }
  }

  func calls(atLeast count: Int) async -> [OperatorCall] {
    while calls.count < count { await Task.yield() }
    return calls
  }

  func isBack() async {
    while !state.withLock({ $0.isBack }) { await Task.yield() }
  }
}

private func withStation(
  delivering delivery: OperatorAnswer.Delivery = .whole, refusing refusal: CallNote? = nil,
  _ body: (Station) async throws -> Void
) async throws {
  let station = Station()
  let server = try await OperatorServer.start(
    host: "127.0.0.1", port: 0, identity: try TestCertificates.shared().serverIdentity,
    answer: { call in
      station.note(call)
      let note = CallNote(outcome: .held)
      var answer = OperatorAnswer(status: 200, body: call.body.reversed(), note: note)
      if !call.isBelated { answer.delivery = delivery }
      return answer
    },
    refuse: { refusal }, report: { station.note($0) })
  do {
    try await body(station)
  } catch {
    try await server.stop()
    throw error
  }
  try await server.stop()
}
