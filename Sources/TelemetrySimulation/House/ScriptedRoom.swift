import TelemetryCore

/// The room on the disk that both logs and the reserve share: filled by somebody else, and freed.
struct ScriptedRoom {
  /// Small, as the segments of a scenario are.
  static let reserveByteCount = 48 << 10

  private var random: SeededRandom
  private var volume: MemoryVolume?
  private(set) var fillCount = 0
  private(set) var reserveReleaseCount = 0
  /// What a person was told last: that the disk is full, or that it has room.
  private var isSaidToBeFull = false

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// One volume for all of them.
  mutating func join(_ disks: [FaultyDisk]) {
    let volume = MemoryVolume(capacity: Self.plenty)
    for disk in disks { disk.volume = volume }
    self.volume = volume
  }

  private static let plenty = 1 << 40

  var isShared: Bool { volume != nil }

  /// Some time passes: somebody fills the disk, or tidies it up.
  mutating func pass() {
    guard let volume else { return }
    if volume.capacity == Self.plenty {
      guard Int.random(in: 0..<60, using: &random) == 0 else { return }
      fillCount += 1
      let used = volume.capacity - volume.freeByteCount
      volume.capacity = used + Int.random(in: 0..<60_000, using: &random)
    } else if Int.random(in: 0..<15, using: &random) == 0 {
      free()
    }
  }

  func free() { volume?.capacity = Self.plenty }

  mutating func note(_ announcement: Announcement.Kind) {
    switch announcement {
    case .diskFull:
      reserveReleaseCount += 1
      isSaidToBeFull = true
    case .diskHasRoom: isSaidToBeFull = false
    default: break
    }
  }

  /// After a start nobody knows what was said before.
  mutating func daemonDied() { isSaidToBeFull = false }

  /// What is wrong once the disk has had room for long.
  var wrongInTheEnd: String? { isSaidToBeFull ? "the disk has room again, and nobody says so" : nil }
}
