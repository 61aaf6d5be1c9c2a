/// What is kept of the readings, and what a person is told of the disk.
extension Pipeline {
  /// Whenever more has been judged, more may be shed.
  mutating func keepReadingsWithinBounds(at now: Moment) {
    guard let judged = ledger.judgedThrough, judged != readings.reviewedAt else { return }
    readings.reviewedAt = judged
    let storage = settings.storage.readings
    perform(
      .shedReadings(
        ReadingsRetention(
          mayShedBefore: openReadingsBegin(judged), keepFrom: now.utc - storage.keep, cap: storage.cap)))
  }

  /// What was read last, to be stored before the process ends; nil where there is nothing.
  package mutating func storeTheRest(at now: Moment) -> Action? {
    readings.takeFrame(at: now).map { frame, number in .store(frame, number: number) }
  }

  /// The start of the oldest interval that is still to be judged, or that a gap is open on, and an interval more for what
  /// brackets it.
  private func openReadingsBegin(_ judged: IntervalEnding) -> UTCInstant {
    let length = settings.intervalLength.milliseconds
    let open = ledger.series.values.flatMap { [$0.missing.first, $0.estimated.first].compactMap(\.self) }
    return ([judged.instant] + open.map { $0.instant - length }).reduce(judged.instant, min) - length
  }

  mutating func noted(_ note: StorageNote) {
    switch note {
    case .reserveReleased, .noRoomForReserve: isShortOfRoom = true
    case .reserveIsBack: isShortOfRoom = false
    case .shed, .overCap: break
    }
    switch note {
    case .shed(let shed):
      write(.readingsShed(shed))
      announce(shed)
    case .overCap(let byteCount):
      announce(
        .readingsOverCap,
        "the readings log is \(byteCount / 1_000_000) MB, its cap is \(settings.storage.readings.cap.byteCountText), and "
          + "nothing of it may be removed: all of it belongs to intervals that are still open; raise "
          + "`storage.readings.cap`, or get the missing sites to answer")
    case .reserveReleased(let byteCount):
      announce(
        .diskFull,
        "the disk is full: the reserve of \(byteCount.byteCountText) is in use, and when it is used up the daemon stops: "
          + "make room now")
    case .reserveIsBack(let byteCount):
      announce(.diskHasRoom, "the disk has room again, and the reserve of \(byteCount.byteCountText) is back")
    case .noRoomForReserve(let byteCount):
      announce(
        .noRoomForReserve,
        "the disk has too little room to keep a reserve of \(byteCount.byteCountText) on it: a full disk will stop the "
          + "daemon")
    }
  }

  private mutating func announce(_ shed: ReadingsShed) {
    let what =
      "\(shed.readingCount) readings (\(shed.byteCount / 1_000) kB) from \(shed.from.text) through \(shed.through.text) "
      + "are removed"
    switch shed.reason {
    case .age: announce(.readingsShed, "\(what): older than \(settings.storage.readings.keep.configurationText)")
    case .cap:
      announce(
        .readingsShed, "\(what): the log was over its cap, \(settings.storage.readings.cap.byteCountText)", .warning)
    case .fullDisk: announce(.readingsShed, "the disk is full: \(what) to go on; make room now", .critical)
    case .found: announce(.readingsShed, what, .warning)
    }
  }
}
