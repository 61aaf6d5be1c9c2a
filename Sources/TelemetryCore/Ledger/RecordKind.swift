/// What a ledger record is about.
///
/// The numbers are on disk: never reused, never changed.
package enum RecordKind: UInt8, Sendable, CaseIterable {
  // Those from 32 to 63 that are not below are reserved for kinds whose meaning is fixed and that nothing writes yet:
  // 37 alarm, 38 clock epoch. 48, 49 and 60 to 64 are those of submitted schedules, in a log of their own.
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
  case kept = 25
  case disbanded = 26
  case waived = 32
  case held = 33
  case released = 34
  case resubmitted = 35
  case adopted = 36
  case replaced = 39
  case readingsShed = 40
  case resolvedByPerson = 41
  case configuration = 42
  case turned = 50
  case identified = 51
}
