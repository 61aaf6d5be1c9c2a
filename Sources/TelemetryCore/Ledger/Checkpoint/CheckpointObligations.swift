// One interval in a checkpoint.

/// The names of submissions, each written out where it comes first and then by its number: many intervals share one.
struct SubmissionNames {
  var numbers: [SubmissionID: Int] = [:]
  var names: [SubmissionID] = []
}

extension ByteWriter {
  /// A zero for an interval that nothing is known of; else its state, from 1, and its fields.
  mutating func write(_ obligation: Obligation, _ submissions: inout SubmissionNames) {
    guard obligation != Obligation() else { return writeUInt8(0) }
    writeUInt8(obligation.state.rawValue + 1)
    write(obligation.held)
    writeVarint(UInt64(obligation.revision))
    writeUInt8(obligation.quality.rawValue)
    writeZigzag(obligation.value)
    writeZigzag(obligation.energy.millijoules)
    write(obligation.submission, &submissions)
    writeOptional(obligation.stated) { writer, stated in
      writer.writeVarint(UInt64(stated.revision))
      writer.writeZigzag(stated.value)
    }
    writeBool(obligation.goesAlone)
    writeVarint(UInt64(obligation.siteCount))
    writeList(obligation.estimates) { $0.write($1) }
    writeList(obligation.spreadSites) { $0.writeVarint(UInt64($1)) }
    writeOptional(obligation.collectingSince) { $0.write($1) }
  }

  private mutating func write(_ held: HeldRevision) {
    switch held {
    case .none: writeUInt8(0)
    case .revision(let revision):
      writeUInt8(1)
      writeVarint(UInt64(revision))
    case .either(let earlier, let later):
      writeUInt8(2)
      writeVarint(UInt64(earlier))
      writeVarint(UInt64(later))
    }
  }

  private mutating func write(_ submission: SubmissionID?, _ submissions: inout SubmissionNames) {
    guard let submission else { return writeVarint(0) }
    if let number = submissions.numbers[submission] { return writeVarint(UInt64(number)) }
    let number = submissions.numbers.count + 1
    submissions.numbers[submission] = number
    writeVarint(UInt64(number))
    writeText(submission.name)
  }
}

extension ByteReader {
  mutating func readObligation(_ submissions: inout SubmissionNames) throws(DecodingProblem) -> Obligation {
    var obligation = Obligation()
    let start = offset
    let state = try readUInt8()
    guard state > 0 else { return obligation }
    guard let known = ObligationState(rawValue: state - 1) else { throw DecodingProblem(.invalidValue, at: start) }
    obligation.state = known
    obligation.held = try readHeld()
    obligation.revision = try readIndex()
    obligation.quality = try readCase()
    obligation.value = try readAmount()
    obligation.energy = try readEnergy()
    obligation.submission = try readSubmissionName(&submissions)
    obligation.stated = try readOptional { reader throws(DecodingProblem) in
      StatedRevision(revision: try reader.readIndex(), value: try reader.readAmount())
    }
    obligation.goesAlone = try readBool()
    obligation.siteCount = try readIndex()
    obligation.estimates = try readList { reader throws(DecodingProblem) in try reader.readEstimate() }
    obligation.spreadSites = try readList { reader throws(DecodingProblem) in try reader.readIndex() }
    obligation.collectingSince = try readOptional { reader throws(DecodingProblem) in try reader.readInstant() }
    return obligation
  }

  private mutating func readHeld() throws(DecodingProblem) -> HeldRevision {
    let start = offset
    switch try readUInt8() {
    case 0: return .none
    case 1: return .revision(try readIndex())
    case 2: return .either(try readIndex(), try readIndex())
    default: throw DecodingProblem(.invalidValue, at: start)
    }
  }

  private mutating func readSubmissionName(
    _ submissions: inout SubmissionNames
  ) throws(DecodingProblem) -> SubmissionID? {
    let start = offset
    let number = try readIndex()
    guard number > 0 else { return nil }
    if number <= submissions.names.count { return submissions.names[number - 1] }
    guard number == submissions.names.count + 1 else { throw DecodingProblem(.invalidValue, at: start) }
    submissions.names.append(try readSubmissionID())
    return submissions.names[number - 1]
  }
}
