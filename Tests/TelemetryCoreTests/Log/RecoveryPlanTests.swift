import Testing

@testable import TelemetryCore

struct RecoveryPlanTests {
  private let first = LogFixture.segment(frames: [1, 3])
  private var second: LogFixture.Segment {
    LogFixture.segment(first: 5, frames: [2, 2], epoch: 2, previousChecksum: first.lastChecksum)
  }
  private var third: LogFixture.Segment {
    LogFixture.segment(first: 9, frames: [1, 1], epoch: 3, previousChecksum: second.lastChecksum)
  }

  @Test func anEmptyLogBeginsWithOne() {
    let plan = RecoveryPlan([])
    #expect(plan.nextSequence == LogSequence(1))
    #expect(plan.continuation == .newSegment(followsCut: nil))
    #expect(!plan.tailWasCut)
  }

  @Test func aCleanLogGoesOnWhereItEnds() {
    let plan = RecoveryPlan([first.scan, second.scan, third.scan])
    #expect(plan.damage.isEmpty)
    #expect(plan.recordCount == 10)
    #expect(plan.firstSequence == LogSequence(1))
    #expect(plan.nextSequence == LogSequence(11))
    #expect(plan.continuation == .append(to: third.name, at: third.bytes.count, epoch: 3))
    #expect(plan.quarantine.isEmpty)
    #expect(plan.cuts.isEmpty)
  }

  @Test func aLogMayBeginAboveOneOnceSegmentsWereShed() {
    let plan = RecoveryPlan([second.scan, third.scan])
    #expect(plan.damage.isEmpty)
    #expect(plan.firstSequence == LogSequence(5))
  }

  @Test func aTornTailIsKeptAndCutAndTheNextSegmentSaysSo() {
    let torn = cut(third, by: 3)
    let plan = RecoveryPlan([first.scan, second.scan, torn])
    let end = third.frames[0].upperBound
    #expect(plan.damage.isEmpty)
    #expect(plan.tornTail?.missing == MissingRecords(10, 10))
    #expect(plan.continuation == .newSegment(followsCut: .unfinishedWrite))
    #expect(plan.newSegment == SegmentName(LogSequence(10)))
    #expect(plan.quarantine == [plan.tornTail])
    #expect(plan.cuts == [RecoveryPlan.Cut(segment: third.name, byteCount: end)])
    #expect(plan.tailWasCut)
  }

  @Test func theLastFrameIsWrittenOnceMoreBehindItselfAndNeverOverItself() {
    let frame = third.frames[1]
    let behind = RecoveryPlan([first.scan, second.scan, third.scan]).lastFrame?.copyRange
    #expect(behind == frame.upperBound..<(frame.upperBound + frame.count))
    let blocks = LogFixture.segment(first: 5, frames: [2, 2], previousChecksum: first.lastChecksum, isPacked: false)
    let range = RecoveryPlan([first.scan, blocks.scan]).lastFrame?.copyRange
    #expect(range == 8_192..<12_288)
    let doubled = LogScan(third.name, bytes: third.bytes + third.bytes[frame])
    #expect(RecoveryPlan([first.scan, second.scan, doubled]).lastFrame?.copyRange == behind, "once")
  }

  @Test func aSegmentWithNothingButATornFrameIsReplaced() {
    let torn = cut(LogFixture.segment(first: 5, frames: [1]), by: 3)
    let plan = RecoveryPlan([first.scan, torn])
    #expect(plan.newSegment == torn.segment)
    #expect(plan.quarantine == [plan.tornTail])
    #expect(plan.cuts.isEmpty)
    #expect(plan.tailWasCut)
  }

  @Test func aTornMiddleIsDamageAndEverythingAfterCounts() {
    let plan = RecoveryPlan([first.scan, cut(second, by: 3), third.scan])
    #expect(plan.damage.map(\.missing) == [MissingRecords(7, 8)])
    #expect(plan.damage.map(\.segment) == [second.name])
    #expect(plan.quarantine == plan.damage)
    #expect(plan.cuts.isEmpty, "damage is left as it is")
    #expect(plan.recordCount == 8)
    #expect(plan.nextSequence == LogSequence(11))
    #expect(!plan.tailWasCut)
  }

  @Test func anInterruptedCutIsFinished() {
    let torn = LogScan(second.name, bytes: second.bytes + [1, 2, 3])
    let plan = RecoveryPlan([first.scan, torn, third.scan])
    #expect(plan.damage.map(\.missing) == [nil])
    #expect(plan.quarantine == plan.damage)
    #expect(plan.cuts == [RecoveryPlan.Cut(segment: second.name, byteCount: second.bytes.count)])
  }

  @Test func aMissingSegmentIsNamed() {
    let plan = RecoveryPlan([first.scan, third.scan])
    #expect(plan.damage.map(\.cause) == [.missingRecords])
    #expect(plan.damage.map(\.missing) == [MissingRecords(5, 8)])
    #expect(plan.recordCount == 6)
  }

  @Test func aSegmentWithoutHeaderKeepsItsRecordsAndGetsNoMore() {
    var bytes = third.bytes
    bytes.replaceSubrange(0..<SegmentHeader.byteCount, with: [UInt8](repeating: 0, count: SegmentHeader.byteCount))
    let plan = RecoveryPlan([first.scan, second.scan, LogScan(third.name, bytes: bytes)])
    #expect(plan.recordCount == 10)
    #expect(plan.damage.count == 1)
    #expect(plan.continuation == .newSegment(followsCut: nil))
    #expect(plan.cuts.isEmpty)
  }

  @Test(arguments: [0, 31, 100, 5_000]) func aLastSegmentOfNothingIsReplacedAndNothingIsForgotten(zeros: Int) {
    let nothing = LogScan(third.name, bytes: [UInt8](repeating: 0, count: zeros))
    let plan = RecoveryPlan([first.scan, second.scan, nothing])
    #expect(plan.newSegment == third.name)
    #expect(plan.tailWasCut, "nobody knows what it held")
    #expect(plan.damage.count == 1)
  }

  @Test func recordsAreDeliveredOnceHoweverOftenTheyAreThere() {
    let copy = LogFixture.segment(first: 3, frames: [2, 2], epoch: 4)
    let plan = RecoveryPlan([first.scan, copy.scan])
    #expect(plan.recordCount == 6)
    #expect(plan.nextSequence == LogSequence(7))
    #expect(plan.damage.count == 1)
  }

  @Test func aSegmentOfAnotherHistoryIsNamedAndKept() {
    let other = LogFixture.segment(first: 5, frames: [2], epoch: 2, previousChecksum: 1)
    let plan = RecoveryPlan([first.scan, other.scan])
    #expect(plan.damage.map(\.cause) == [.brokenOrder])
    #expect(plan.recordCount == 6)
  }

  @Test func aCutIsRememberedUntilSomethingIsAppended() {
    for cut in [TailCut.damage, .unfinishedWrite] { expectRemembered(cut) }
  }

  private func expectRemembered(_ cut: TailCut) {
    let header = SegmentHeader(epoch: 7, segmentFirstSequence: LogSequence(5), followsCut: cut, isPacked: true)
    let name = SegmentName(LogSequence(5))
    let before = RecoveryPlan([first.scan, LogScan(name, bytes: header.bytes)])
    #expect(before.tailCut == cut)
    #expect(before.continuation == .append(to: name, at: SegmentHeader.byteCount, epoch: 7))
    let frame = CommitFrame.encode(
      [LogFixture.record(5)], firstSequence: LogSequence(5), epoch: 7, previousChecksum: first.lastChecksum)
    #expect(!RecoveryPlan([first.scan, LogScan(name, bytes: header.bytes + frame)]).tailWasCut)
    let again = RecoveryPlan([first.scan, LogScan(name, bytes: header.bytes + frame.dropLast())])
    #expect(again.tailCut == cut, "the worse of both")
  }

  @Test func aFileBeyondTheLimitIsLeftAlone() {
    let long = LogScan(second.name, bytes: second.bytes, fileByteCount: 1 << 40)
    let plan = RecoveryPlan([first.scan, long])
    #expect(plan.continuation == .newSegment(followsCut: .damage))
    #expect(plan.quarantine.isEmpty)
    #expect(plan.cuts.isEmpty)
    #expect(RecoveryPlan([first.scan, long, third.scan]).cuts.isEmpty)
  }

  @Test func aMisnamedSegmentNeverHidesWhatIsWrittenLater() {
    let misnamed = LogScan(SegmentName(LogSequence(900)), bytes: first.bytes)
    let plan = RecoveryPlan([misnamed])
    #expect(plan.recordCount == 4)
    #expect(plan.newSegment > misnamed.segment)
  }

  private func cut(_ segment: LogFixture.Segment, by byteCount: Int) -> LogScan {
    LogScan(segment.name, bytes: [UInt8](segment.bytes.dropLast(byteCount)))
  }
}
