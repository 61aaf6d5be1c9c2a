// What a person decided, written and read side by side.

extension ByteWriter {
  mutating func write(_ decision: Decision) {
    write(decision.at)
    writeText(decision.user)
    writeText(decision.reason)
  }

  mutating func write(_ intervals: DecidedIntervals) {
    write(intervals.series)
    writeList(intervals.runs) { writer, run in
      writer.write(run.first)
      writer.write(run.last)
    }
    write(intervals.decision)
  }
}

extension ByteReader {
  mutating func readDecision() throws(DecodingProblem) -> Decision {
    Decision(at: try readInstant(), user: try readString(), reason: try readString())
  }

  mutating func readDecidedIntervals() throws(DecodingProblem) -> DecidedIntervals {
    DecidedIntervals(
      series: try readSeries(),
      runs: try readList { reader throws(DecodingProblem) in
        IntervalRun(first: try reader.readEnding(), last: try reader.readEnding())
      },
      decision: try readDecision())
  }
}
