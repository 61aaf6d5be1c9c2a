/// Finds the models of a device, one request at a time.
///
/// SunSpec Device Information Model Specification: "SunS" stands at one of three addresses; behind it the models, each
/// with identifier and length, model 1 first; the identifier 0xFFFF ends them.
package struct SunSpecWalk: Sendable {
  package enum Step: Hashable, Sendable {
    case read(ModbusRequest)
    case found(SunSpecDevice)
    case failed(SunSpecWalkError)
  }

  private enum State: Hashable, Sendable {
    /// Is "SunS" here?
    case marker(candidate: Int)
    case header(address: Int)
    case common(SunSpecModelPlace)
    /// Is the device that we know still here?
    case recognition(SunSpecDevice)
    case finished
  }

  /// In the order in which they are tried.
  package static let bases: [UInt16] = [40_000, 50_000, 0]
  /// More than any device we know of has, and a bound for one that counts in circles.
  package static let modelLimit = 128

  private static let marker: [UInt16] = [0x5375, 0x6E53]
  private static let endIdentifier: UInt16 = 0xFFFF

  private let choice: SunSpecChoice
  private var state: State
  private var base: UInt16 = 0
  /// In the order of their addresses.
  private var devices: [(place: SunSpecModelPlace, identity: DeviceIdentity)] = []
  private var models: [SunSpecModelPlace] = []
  private var lastException: ModbusException?

  /// A walk over a device that may be known.
  ///
  /// If it still says it is the same, its models are taken to be where they were, which saves a request for each.
  package init(known device: SunSpecDevice? = nil, choice: SunSpecChoice = .any) {
    self.choice = choice
    state = device.map { .recognition($0) } ?? .marker(candidate: 0)
  }

  /// The first question.
  package func start() -> ModbusRequest {
    if case .recognition(let device) = state { return SunSpecCommonModel.recognitionRequest(device) }
    return ModbusRequest(start: Self.bases[0], count: 2)
  }

  package mutating func answered(_ response: ModbusResponse) -> Step {
    switch response {
    case .registers(let registers): received(registers)
    case .exception(let exception): refused(exception)
    }
  }

  private mutating func received(_ registers: [UInt16]) -> Step {
    switch state {
    case .marker(let candidate):
      guard registers == Self.marker else { return seek(candidate + 1) }
      base = Self.bases[candidate]
      return readHeader(at: Int(base) + 2)
    case .header(let address): return receivedHeader(registers, at: address)
    case .common(let place): return receivedCommon(registers, at: place)
    case .recognition(let device):
      guard SunSpecCommonModel.recognises(device, in: registers) else { return seek(0) }
      state = .finished
      return .found(device)
    case .finished: preconditionFailure("a finished walk asks nothing")
    }
  }

  private mutating func refused(_ exception: ModbusException) -> Step {
    lastException = exception
    switch state {
    case .marker(let candidate): return seek(candidate + 1)
    case .recognition: return seek(0)
    case .header, .common: return fail(.refused(exception))
    case .finished: preconditionFailure("a finished walk asks nothing")
    }
  }

  private mutating func seek(_ candidate: Int) -> Step {
    guard candidate < Self.bases.count else { return fail(.noMarker(lastException)) }
    state = .marker(candidate: candidate)
    return .read(ModbusRequest(start: Self.bases[candidate], count: 2))
  }

  private mutating func readHeader(at address: Int) -> Step {
    guard models.count < Self.modelLimit else { return fail(.tooManyModels) }
    guard address + 2 <= ModbusRequest.addressCount else { return fail(.beyondLastAddress) }
    state = .header(address: address)
    return .read(ModbusRequest(start: UInt16(address), count: 2))
  }

  private mutating func receivedHeader(_ registers: [UInt16], at address: Int) -> Step {
    guard registers.count == 2 else { return fail(.wrongCount) }
    guard registers[0] != Self.endIdentifier else { return finish() }
    let place = SunSpecModelPlace(id: registers[0], address: UInt16(address), length: registers[1])
    guard address + place.registerCount <= ModbusRequest.addressCount else { return fail(.beyondLastAddress) }
    models.append(place)
    guard place.id == SunSpecCommonModel.id else { return readHeader(at: address + place.registerCount) }
    guard let request = SunSpecCommonModel.request(place) else { return fail(.noCommonModel) }
    state = .common(place)
    return .read(request)
  }

  private mutating func receivedCommon(_ registers: [UInt16], at place: SunSpecModelPlace) -> Step {
    guard let identity = SunSpecCommonModel.identity(registers) else { return fail(.wrongCount) }
    devices.append((place, identity))
    return readHeader(at: Int(place.address) + place.registerCount)
  }

  private mutating func finish() -> Step {
    guard !devices.isEmpty else { return fail(.noCommonModel) }
    let candidates = models.compactMap(candidate).filter { candidate in
      choice.device.map { $0 == candidate.device } ?? true && choice.model.map { $0 == candidate.model.id } ?? true
    }
    let best = candidates.map(\.model.kind.rawValue).min()
    let ofBest = candidates.filter { $0.model.kind.rawValue == best }
    guard ofBest.indices.contains(choice.occurrence - 1) else {
      return fail(.nothingToMeterBy(models: models.map(\.id), choice))
    }
    let chosen = ofBest[choice.occurrence - 1]
    let (commonPlace, identity) = devices[chosen.device - 1]
    state = .finished
    return .found(
      SunSpecDevice(
        base: base, identity: identity, commonPlace: commonPlace, models: models, metered: chosen.model,
        meteredPlace: chosen.place, candidateCount: ofBest.count))
  }

  private struct Candidate {
    let place: SunSpecModelPlace
    let model: SunSpecModel
    /// Counted from 1.
    let device: Int
  }

  /// Nil where it is no model to meter by, is too short for what we need, or stands before the first model 1.
  private func candidate(_ place: SunSpecModelPlace) -> Candidate? {
    guard let model = SunSpecModel(id: place.id), place.registerCount >= model.neededCount else { return nil }
    let device = devices.count { $0.place.address < place.address }
    return device > 0 ? Candidate(place: place, model: model, device: device) : nil
  }

  private mutating func fail(_ error: SunSpecWalkError) -> Step {
    state = .finished
    return .failed(error)
  }
}

/// Why a walk did not find a device that we can meter by.
package enum SunSpecWalkError: Error, Hashable, Sendable {
  /// "SunS" is at none of its addresses; the exception is the device's last answer, if it was one.
  case noMarker(ModbusException?)
  case noCommonModel
  case nothingToMeterBy(models: [UInt16], SunSpecChoice)
  case refused(ModbusException)
  case tooManyModels
  case beyondLastAddress
  /// Fewer registers than were asked for.
  case wrongCount
}

extension SunSpecWalkError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noMarker(nil): "no SunSpec device: \"SunS\" stands at none of 40000, 50000 and 0"
    case .noMarker(let exception?): "no SunSpec device: it answers with \(exception)"
    case .noCommonModel: "no SunSpec model 1"
    case .nothingToMeterBy(let models, let choice):
      choice == .any
        ? "none of the SunSpec models \(SunSpecModel.names) among \(models)"
        : "not the SunSpec model that `map` chooses among \(models)"
    case .refused(let exception): "the walk over its models ended with \(exception)"
    case .tooManyModels: "more than \(SunSpecWalk.modelLimit) SunSpec models"
    case .beyondLastAddress: "a SunSpec model that reaches beyond the last register"
    case .wrongCount: "another number of registers than was asked for"
    }
  }
}
