/// What a ledger record is about.
///
/// The numbers are on disk: never reused, never changed.
package enum RecordKind: UInt8, Sendable, CaseIterable {
  // Numbers 32 to 63 are reserved for kinds whose meaning is fixed and that nothing writes yet:
  // 32 waived, 33 held, 34 released, 35 resubmitted,
  // 36 adopted, 37 alarm, 38 clock epoch, 39 site replaced, 40 readings shed, 48 schedule, 49 schedule answer.
  case checkpoint = 1
  case started = 2
  case damaged = 3
  case epoch = 4
  case owedFrom = 5
  case owedUntil = 6
  case commissioned = 7
  case adjusted = 8
  case missing = 9
  case sealed = 10
  case judged = 11
  case opened = 12
  case intent = 16
  case attempt = 17
  case notSent = 18
  case taken = 19
  case rejected = 20
  case unprocessed = 21
  case unknown = 22
  case verdict = 23
  case resolved = 24
}
