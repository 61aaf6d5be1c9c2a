/// How the registers of a site are found.
package enum MeterSource: Hashable, Sendable {
  /// The device says where they are.
  case sunSpec(SunSpecChoice)
  /// The user does.
  case byHand(MeterMap)

  /// At which count the energy register of a flow begins anew.
  package func rollover(_ flow: Flow) -> RegisterRollover {
    switch self {
    case .sunSpec: .sunSpec
    case .byHand(let map): (flow == .export ? map.export : map.import)?.rollover ?? .none
    }
  }
}

/// Where a device keeps what we meter by.
package struct MeterMap: Hashable, Sendable {
  /// Registers that must hold these words, or another map has taken the place of this one.
  package struct Mark: Hashable, Sendable {
    package var address: Int
    package var words: [UInt16]

    package init(address: Int, words: [UInt16]) {
      self.address = address
      self.words = words
    }

    var span: ClosedRange<Int> { address...(address + words.count - 1) }
  }

  /// The operating state of a device that can have failed.
  package struct State: Hashable, Sendable {
    package var address: Int
    package var fault: UInt16

    package init(address: Int, fault: UInt16) {
      self.address = address
      self.fault = fault
    }
  }

  package var table = ModbusRequest.Table.holding
  package var mark: Mark?
  package var power: RegisterPoint?
  /// True where positive power is out of the site.
  package var powerIsExport = true
  package var export: RegisterPoint?
  package var `import`: RegisterPoint?
  package var state: State?

  package init() {}

  /// How a map by hand lays all its numbers.
  package var hasLowWordFirst: Bool { [power, export, `import`].contains { $0?.lowWordFirst == true } }

  /// What must be read in one request, each: a point with its words, its scale factor, and the state that judges it.
  var atoms: [ClosedRange<Int>] {
    let power = power.map(\.span).map { span in
      state.map { min(span.lowerBound, $0.address)...max(span.upperBound, $0.address) } ?? span
    }
    return [mark?.span, power, export?.span, `import`?.span].compactMap(\.self)
  }

  /// Each run of registers that can be read by itself, to be compared with what a block says.
  var runs: [Range<Int>] {
    var runs = mark.map { [$0.span.lowerBound..<($0.span.upperBound + 1)] } ?? []
    for point in [power, export, `import`].compactMap(\.self) {
      runs.append(point.words)
      if case .factor(let address) = point.scale { runs.append(address..<(address + 1)) }
    }
    return runs.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// What one answer says about the site.
package struct MeteredPoints: Hashable, Sendable {
  /// Positive when it leaves the site.
  package var power: Power?
  package var export: EnergyRegister?
  package var `import`: EnergyRegister?

  package var isEmpty: Bool { power == nil && export == nil && `import` == nil }
}

extension MeterMap {
  /// The points among the registers from an address on; nil where another map stands there now.
  ///
  /// What the device does not tell is absent, and so is what the answer does not hold.
  package func points(_ registers: [UInt16], from start: Int) -> MeteredPoints? {
    let answer = RegisterPoint.Answer(start: start, registers: registers)
    if let mark, answer.holds(mark.span) {
      for (offset, word) in mark.words.enumerated() where answer[mark.address + offset] != word { return nil }
    }
    guard !isSilentFault(answer) else { return MeteredPoints() }
    let power = held(power, answer)?.power(answer)
    return MeteredPoints(
      power: powerIsExport ? power : power.map { Power(milliwatts: -$0.milliwatts) },
      export: held(export, answer)?.energy(answer), import: held(`import`, answer)?.energy(answer))
  }

  private func held(_ point: RegisterPoint?, _ answer: RegisterPoint.Answer) -> RegisterPoint? {
    point.flatMap { answer.holds($0.span) ? $0 : nil }
  }

  /// Zeros in the fault state: the device's own bus did not answer, which says nothing about power or energy.
  private func isSilentFault(_ answer: RegisterPoint.Answer) -> Bool {
    guard let state, answer.holds(state.address...state.address), answer[state.address] == state.fault else {
      return false
    }
    return [power, export].allSatisfy { point in held(point, answer).map { $0.isZero(answer) } ?? true }
  }
}
