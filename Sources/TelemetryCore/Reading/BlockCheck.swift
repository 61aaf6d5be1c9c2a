/// Compares, on first contact, what a device answers to the blocks of a plan with what it answers to single reads.
///
/// Some devices answer a long read with zeros where short ones have values, or refuse to read across registers that they
/// do not have. Each block is read, then each of its runs of registers alone, then the block again; a block that says
/// something else is cut, and its parts are compared in their turn. A plan that was found good holds for the device.
package struct BlockCheck: Sendable {
  package enum Step: Hashable, Sendable {
    case read(ModbusRequest)
    case good(ReadPlan)
    /// A part that cannot be cut is answered in two ways.
    case failed(BlockCheckError)
  }

  private enum Stage: Hashable, Sendable {
    case before
    case single(Int)
    case after
  }

  private let map: MeterMap
  private var plan: ReadPlan
  private var index = 0
  private var stage = Stage.before
  private var runs: [Range<Int>] = []
  private var first: [UInt16]?
  private var singles: [[UInt16]?] = []

  package init(_ map: MeterMap, plan: ReadPlan) {
    self.map = map
    self.plan = plan
  }

  /// The first question; nil where there is nothing to compare.
  package mutating func start() -> ModbusRequest? {
    guard case .read(let request) = nextBlock() else { return nil }
    return request
  }

  package mutating func answered(_ response: ModbusResponse) -> Step {
    if case .exception(let exception) = response, !exception.isAboutAddresses { return .failed(.refused(exception)) }
    let registers: [UInt16]? = if case .registers(let registers) = response { registers } else { nil }
    switch stage {
    case .before:
      first = registers
      singles.removeAll(keepingCapacity: true)
      return readSingle(0)
    case .single(let run):
      singles.append(registers)
      return readSingle(run + 1)
    case .after: return judge(registers)
    }
  }

  /// A block of a single run is its own single read.
  private mutating func nextBlock() -> Step {
    while index < plan.blocks.count {
      let block = plan.blocks[index]
      runs = map.runs.filter { $0.lowerBound >= block.first && $0.upperBound <= block.end }
      if runs.count > 1 || runs.first.map({ $0.count < Int(block.request.count) }) ?? false {
        stage = .before
        return .read(block.request)
      }
      index += 1
    }
    return .good(plan)
  }

  private mutating func readSingle(_ run: Int) -> Step {
    guard run < runs.count else {
      stage = .after
      return .read(plan.blocks[index].request)
    }
    stage = .single(run)
    let range = runs[run]
    return .read(
      ModbusRequest(table: map.table, start: UInt16(range.lowerBound), count: UInt16(range.count)))
  }

  private mutating func judge(_ second: [UInt16]?) -> Step {
    guard let difference = firstDifference(second) else {
      index += 1
      return nextBlock()
    }
    guard plan.split(index) else { return .failed(.differs(at: difference)) }
    return nextBlock()
  }

  /// The address of the first run that the block tells otherwise, nil where there is none.
  private func firstDifference(_ second: [UInt16]?) -> Int? {
    let start = plan.blocks[index].first
    for (run, single) in zip(runs, singles) {
      // What cannot be read alone, only together with its neighbours, has nothing to be compared with.
      guard let single else { continue }
      guard let first, let second else { return run.lowerBound }
      let range = (run.lowerBound - start)..<(run.upperBound - start)
      if differs(single, run, Array(first[range]), Array(second[range])) { return run.lowerBound }
    }
    return nil
  }

  /// Power may move between two reads and registers count on: what betrays a block is an empty answer where the single
  /// read has a value, or one that stands still in both and is another.
  private func differs(_ single: [UInt16], _ run: Range<Int>, _ first: [UInt16], _ second: [UInt16]) -> Bool {
    guard single != first, single != second else { return false }
    guard map.isMoving(run) else { return true }
    if single.isBlank != (first.isBlank && second.isBlank) { return true }
    return first == second && map.isCounting(run)
  }
}

/// Why a plan cannot be read by.
package enum BlockCheckError: Error, Hashable, Sendable {
  /// A point and its scale factor are answered otherwise together than alone.
  case differs(at: Int)
  case refused(ModbusException)
}

extension BlockCheckError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .differs(let address): "register \(address) has another value in a longer read than alone"
    case .refused(let exception): "comparing long reads with short ones ended with \(exception)"
    }
  }
}

extension MeterMap {
  fileprivate func isMoving(_ run: Range<Int>) -> Bool { run == power?.words || isCounting(run) }

  fileprivate func isCounting(_ run: Range<Int>) -> Bool { run == export?.words || run == `import`?.words }
}

extension [UInt16] {
  /// What devices fill in for registers that they did not fetch.
  fileprivate var isBlank: Bool { allSatisfy { $0 == 0 } || allSatisfy { $0 == 0xFFFF } || self == [0x8000] }
}

extension ModbusException {
  /// It refuses these registers, now and later.
  var isAboutAddresses: Bool {
    self == .illegalFunction || self == .illegalDataAddress || self == .illegalDataValue
  }
}
