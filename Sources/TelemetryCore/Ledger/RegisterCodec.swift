// What the ledger says of registers and meters, written and read side by side.

/// A reading on a base other than zero is told by a scale out of the range of scales: its own, and this.
///
/// Then the base follows. So a reading of a register that has never begun anew takes no room for it.
private let baseMark: Int64 = 32

extension ByteWriter {
  mutating func write(_ reading: RegisterAtInstant) {
    write(reading.instant)
    writeVarint(reading.register.raw)
    let scale = Int64(reading.register.scale)
    guard reading.base != .zero else { return writeZigzag(scale) }
    writeZigzag(scale + baseMark)
    writeZigzag(reading.base.offset)
    writeVarint(UInt64(reading.base.breaks))
  }

  mutating func write(_ turn: RegisterTurn) {
    writeUInt8(turn.reason.rawValue)
    write(turn.lastOld)
    write(turn.firstNew)
  }

  mutating func write(_ identity: DeviceIdentity) {
    for text in [identity.manufacturer, identity.model, identity.version, identity.serialNumber] { writeText(text) }
  }
}

extension ByteReader {
  mutating func readRegisterAtInstant() throws(DecodingProblem) -> RegisterAtInstant {
    let instant = try readInstant()
    let raw = try readVarint()
    let start = offset
    let told = try readZigzag()
    let hasBase = told >= baseMark + Int64(EnergyRegister.scales.lowerBound)
    guard let scale = Int8(exactly: hasBase ? told - baseMark : told),
      let register = EnergyRegister(raw: raw, scale: scale)
    else { throw DecodingProblem(.invalidValue, at: start) }
    return RegisterAtInstant(instant: instant, register: register, base: hasBase ? try readBase() : .zero)
  }

  private mutating func readBase() throws(DecodingProblem) -> RegisterBase {
    let start = offset
    let offset = try readZigzag128()
    guard offset.magnitude < RegisterBase.largestOffset.magnitude else {
      throw DecodingProblem(.invalidValue, at: start)
    }
    return RegisterBase(offset: offset, breaks: try readIndex())
  }

  mutating func readTurn() throws(DecodingProblem) -> RegisterTurn {
    let start = offset
    let turn = RegisterTurn(
      try readCase(), lastOld: try readRegisterAtInstant(), firstNew: try readRegisterAtInstant())
    guard turn.lastOld.instant < turn.firstNew.instant else { throw DecodingProblem(.invalidValue, at: start) }
    return turn
  }

  mutating func readIdentity() throws(DecodingProblem) -> DeviceIdentity {
    DeviceIdentity(
      manufacturer: try readString(), model: try readString(), version: try readString(),
      serialNumber: try readString())
  }
}
