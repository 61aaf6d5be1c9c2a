import MarketCore
import TelemetryCore

/// What a log is worth, frame by frame and record by record.
struct LogCheck {
  /// As many lines as a person reads.
  private static let lineLimit = 100

  private let log: LogPath
  private let plan: RecoveryPlan
  private let unfinished: [String]
  private var problems: [String]
  private var readingCount = 0

  init(_ log: LogPath) throws(LogDiskError) {
    self.log = log
    var unreadable: [String] = []
    var (readings, problemCount) = (0, 0)
    (plan, unfinished) = try log.read(from: LogSequence(1)) { sequence, record in
      do throws(RecordProblem) {
        readings += try Self.readingCount(record)
      } catch {
        problemCount += 1
        if problemCount <= Self.lineLimit { unreadable.append("record \(sequence.number): \(error.text)") }
      }
    }
    readingCount = readings
    problems = plan.damage.map(\.description) + unreadable
    if problemCount > unreadable.count { problems.append("and \(problemCount - unreadable.count) records more") }
    if let torn = plan.tornTail, torn.cause != .unfinishedWrite {
      problems.append("\(torn) (beside a running daemon this may be what is being written: look again)")
    }
  }

  var isSound: Bool { problems.isEmpty }

  var text: String {
    let records = "\(plan.segmentCount) segments, \(plan.recordCount) records"
    let readings = readingCount > 0 ? " with \(readingCount) readings" : ""
    let verdict =
      isSound ? "sound" : problems.count == 1 ? "1 place is damaged" : "\(problems.count) places are damaged"
    let more = problems.count > Self.lineLimit ? ["… and \(problems.count - Self.lineLimit) more"] : []
    let lines = problems.prefix(Self.lineLimit).map { $0.controlsEscaped } + more
    let left =
      unfinished.map { "\($0) was never finished: the next start puts it away" }
      + [plan.tornTail].compactMap(\.self).filter { $0.cause == .unfinishedWrite }.map {
        "\($0), and nothing in it was acknowledged: the next start puts it away (or a running daemon is writing it)"
      }
    return (["\(log.path): \(records)\(readings): \(verdict)"] + (lines + left).map { "  \($0)" })
      .joined(separator: "\n")
  }

  private struct RecordProblem: Error {
    var text: String
  }

  /// A record is the ledger's, the readings log's or the schedules' by its kind: no number is used twice.
  private static func readingCount(_ record: LogRecord) throws(RecordProblem) -> Int {
    guard ScheduleRecordKind(rawValue: record.kind) == nil else {
      do throws(DecodingProblem) { _ = try ScheduleCodec.decode(record) } catch {
        throw RecordProblem(text: "\(error)")
      }
      return 0
    }
    guard ReadingsRecordKind(rawValue: record.kind) != nil else {
      do throws(LedgerDecodingProblem) { _ = try LedgerRecord(record) } catch { throw RecordProblem(text: "\(error)") }
      return 0
    }
    do throws(ReadingsDecodingProblem) {
      if case .readings(let frame) = try ReadingsRecord(record) { return frame.readings.count }
      return 0
    } catch {
      throw RecordProblem(text: "\(error)")
    }
  }
}
