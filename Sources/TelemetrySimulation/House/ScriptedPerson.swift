import TelemetryCore

/// A person who decides about channels and intervals at any moment, and who knows what the operator holds.
struct ScriptedPerson {
  struct Asked {
    var request: PersonRequest
    /// How many records were durable when it was asked.
    var recordCount: Int
  }

  var random: SeededRandom
  /// What has not been answered.
  private(set) var asked: [RequestNumber: Asked] = [:]
  private(set) var reloads: Set<RequestNumber> = []
  /// Channels that a person holds, each since it was answered.
  var heldSince: [ChannelName: UTCInstant] = [:]
  /// The place that a start finds itself in.
  var home = ""
  private(set) var homeCount = 0
  private(set) var decidedCount = 0
  private var count: UInt64 = 0

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func chance(_ part: Int, in whole: Int) -> Bool { Int.random(in: 0..<whole, using: &random) < part }

  mutating func ask(_ request: PersonRequest, recordCount: Int) -> RequestNumber {
    count += 1
    asked[RequestNumber(count)] = Asked(request: request, recordCount: recordCount)
    return RequestNumber(count)
  }

  mutating func askToReload() -> RequestNumber {
    count += 1
    reloads.insert(RequestNumber(count))
    return RequestNumber(count)
  }

  mutating func answered(_ number: RequestNumber) -> Asked? {
    decidedCount += 1
    return asked.removeValue(forKey: number)
  }

  mutating func reloaded(_ number: RequestNumber) -> Bool { reloads.remove(number) != nil }

  /// Nobody answers any more.
  mutating func daemonDied() {
    asked = [:]
    reloads = []
  }

  /// The state directory will be found in another place.
  mutating func move() {
    homeCount += 1
    home = "place \(homeCount)"
  }
}
