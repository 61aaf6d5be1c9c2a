// MARK: What became of it

extension DeviceSession {
  /// Takes in an answer, and says what to ask next.
  mutating func answered(
    _ registers: [UInt16], sent: Moment, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    unanswered = 0
    learn(context.uptime - sent.uptime)
    switch errand {
    case .none: return nil
    case .walking(var walk):
      let step = walk.answered(.registers(registers))
      return advance(walk, step, context, &actions)
    case .checking(var check):
      let step = check.answered(.registers(registers))
      return advance(check, step, context, &actions)
    case .reading(let block, let hasTold):
      return read(registers, block: block, hasTold: hasTold, sent: sent, context, &actions)
    }
  }

  mutating func refused(
    _ exception: ModbusException, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    guard !exception.isOfGateway else {
      fellSilent(.refused(exception), context, &actions)
      return nil
    }
    unanswered = 0
    switch errand {
    case .none: return nil
    case .walking(var walk):
      let step = walk.answered(.exception(exception))
      return advance(walk, step, context, &actions)
    case .checking(var check):
      let step = check.answered(.exception(exception))
      return advance(check, step, context, &actions)
    case .reading:
      readFailed(.refused(exception), context, &actions)
      return nil
    }
  }

  mutating func unreadable(
    _ error: ModbusMessageError, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    unanswered = 0
    switch errand {
    case .none: return
    case .walking, .checking: walkFailed(.unreadable(error), context, &actions)
    case .reading: readFailed(.unreadable(error), context, &actions)
    }
  }

  mutating func timedOut(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) {
    fellSilent(.replyTimedOut, context, &actions)
  }

  /// A reply that came too late is no data, but whoever sent it is alive: at the next slot it has all the time again.
  mutating func heardLate(after length: Milliseconds) {
    learn(length)
    guard isSilent, !isBusy else { return }
    unanswered = Self.silentAfter - 1
    waitsUntil = nil
  }

  mutating func connectionLost(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    isRecognised = false
    failedReads = 0
    lose(failure, context, &actions)
  }
}

// MARK: Walking and reading

extension DeviceSession {
  private mutating func advance(
    _ walk: SunSpecWalk, _ step: SunSpecWalk.Step, _ context: ConnectionContext,
    _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    switch step {
    case .read(let request):
      errand = .walking(walk)
      return request
    case .found(let device): return found(device, context, &actions)
    case .failed(let error): walkFailed(.walk(error), context, &actions)
    }
    return nil
  }

  private mutating func found(
    _ device: SunSpecDevice, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    errand = .none
    let isNew = device != knownDevice
    remember(device, &actions)
    guard isNew || plan == nil else {
      isRecognised = true
      return nil
    }
    return check(device.map, context, &actions)
  }

  private mutating func advance(
    _ check: BlockCheck, _ step: BlockCheck.Step, _ context: ConnectionContext,
    _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    switch step {
    case .read(let request):
      errand = .checking(check)
      return request
    case .good(let plan):
      if let map, plan != ReadPlan(map) { actions.append(.cut(site, requests: plan.blocks.count)) }
      settle(plan)
    case .failed(let error): walkFailed(.blocks(error), context, &actions)
    }
    return nil
  }

  private mutating func remember(_ device: SunSpecDevice, _ actions: inout [ConnectionSession.Action]) {
    if device != knownDevice { actions.append(.identified(site, device)) }
    knownDevice = device
    mapIsBelieved = true
    failedReads = 0
  }

  /// Each block is a reading of its own with its own instant, and what others tell is absent from it.
  private mutating func read(
    _ registers: [UInt16], block: Int, hasTold: Bool, sent: Moment, _ context: ConnectionContext,
    _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    errand = .none
    guard let plan, let map else { return nil }
    let length = context.uptime - sent.uptime
    // A deadline that has passed unseen, as when the machine slept, leaves only this to tell.
    guard length <= bridge else {
      readFailed(.replyTooSlow, context, &actions)
      return nil
    }
    guard let points = map.points(registers, from: plan.blocks[block].first) else {
      isRecognised = false
      mapIsBelieved = false
      readFailed(.modelMoved, context, &actions)
      return nil
    }
    if !points.isEmpty {
      lastFailure = nil
      if voice.heard(at: context.uptime) { actions.append(.back(site)) }
      actions.append(.reading(reading(points, length: length, context)))
    }
    return readNext(after: block, of: plan, hasTold: hasTold || !points.isEmpty, context, &actions)
  }

  private mutating func readNext(
    after block: Int, of plan: ReadPlan, hasTold: Bool, _ context: ConnectionContext,
    _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    guard block + 1 == plan.blocks.count else {
      errand = .reading(block: block + 1, hasTold: hasTold)
      return plan.blocks[block + 1].request
    }
    failedReads = 0
    backoff.succeeded()
    // An inverter may sleep all night.
    if !hasTold { lose(.nothingMeasured, context, &actions) }
    return nil
  }

  /// The instant is the midpoint of request and reply: its length is measured in uptime, which nobody can set, and laid
  /// back from the newest wall time.
  private func reading(_ points: MeteredPoints, length: Milliseconds, _ context: ConnectionContext) -> SiteReading {
    SiteReading(
      site: site, instant: context.moment.utc - Milliseconds(length.count / 2), power: points.power,
      export: points.export, import: points.import)
  }
}

// MARK: Failures

extension DeviceSession {
  private mutating func fellSilent(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    unanswered += 1
    if isSilent {
      // Who was silent may be someone else when it speaks again.
      isRecognised = false
      wait(context)
    }
    lose(failure, context, &actions)
  }

  mutating func walkFailed(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    isRecognised = false
    mapIsBelieved = false
    plan = nil
    wait(context)
    lose(failure, context, &actions)
  }

  private mutating func readFailed(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    failedReads += 1
    if failedReads >= Self.failedReadLimit {
      // The device answers, but not as its map says: walk and compare again before the next read.
      isRecognised = false
      mapIsBelieved = false
      plan = nil
      wait(context)
    }
    lose(failure, context, &actions)
  }

  private mutating func wait(_ context: ConnectionContext) {
    waitsUntil = context.uptime + backoff.failed(jitter: context.jitter)
  }

  private mutating func lose(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    lastFailure = failure
    actions.append(.lost(site, failure))
    speak(failure, context, &actions)
  }

  mutating func speak(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    if voice.missed(at: context.uptime, patience: bridge) { actions.append(.quiet(site, failure)) }
  }
}

extension ModbusException {
  /// A gateway says that it had no answer from the unit behind it.
  var isOfGateway: Bool { self == .gatewayPathUnavailable || self == .gatewayTargetFailedToRespond }
}
