import TelemetryCore

extension LedgerReplay {
  /// Everything, from the first record on.
  init(ofAll log: some Sequence<LogRecord>, keeping kept: ClosedRange<UTCInstant>? = nil) {
    self.init(keeping: kept)
    for (index, record) in log.enumerated() { take(LogSequence(UInt64(index + 1)), record) }
  }

  /// As a start does: from the newest checkpoint on.
  init(startingWith log: [LogRecord]) {
    for first in log.indices.reversed() where Self.part(log[first])?.number == 1 {
      var assembly = CheckpointAssembly()
      for index in log[first...].indices {
        guard let part = Self.part(log[index]) else { break }
        guard let whole = assembly.take(part), let state = Self.state(whole) else { continue }
        self.init(state, through: LogSequence(UInt64(index + 1)), byteCount: whole.count)
        for later in log[(index + 1)...].indices { take(LogSequence(UInt64(later + 1)), log[later]) }
        return
      }
    }
    self.init(ofAll: log)
  }

  static func part(_ record: LogRecord) -> CheckpointPart? {
    do {
      guard case .checkpoint(let part) = try LedgerRecord(record) else { return nil }
      return part
    } catch { return nil }
  }

  private static func state(_ whole: [UInt8]) -> LedgerState? {
    do { return try LedgerState(checkpoint: whole) } catch { return nil }
  }
}

/// A value with everything that is stored in it, whatever it is: what no checkpoint may leave out.
func everything(in value: Any) -> String {
  let mirror = Mirror(reflecting: value)
  let children = mirror.children.filter { $0.label != "kept" }.map { child in
    "\(child.label ?? "")=\(everything(in: child.value))"
  }
  guard !children.isEmpty else { return "\(value)" }
  let isOrdered = ![.dictionary, .set].contains(mirror.displayStyle)
  return "(" + (isOrdered ? children : children.sorted()).joined(separator: ",") + ")"
}

extension House {
  /// Lets time pass in long steps, with a scan of every site in each.
  mutating func pass(minutes: Int, step: Int64 = 10) {
    for _ in 0..<(Int64(minutes) * 60 / step) {
      now.utc = now.utc + .seconds(step)
      now.uptime = now.uptime + .seconds(step)
      for site in settings.sites.indices {
        if let reading = meter(site, now.utc) { send(.siteRead(reading)) }
      }
      send(.ticked)
      for event in station.events(at: now.utc) { send(event) }
    }
  }
}
