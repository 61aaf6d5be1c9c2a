/// Random numbers that are the same on every run.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The bytes with one to three changes: a byte replaced, removed, or a piece repeated.
  mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
    var changed = bytes
    for _ in 0..<Int.random(in: 1...3, using: &self) where !changed.isEmpty {
      let place = Int.random(in: 0..<changed.count, using: &self)
      switch Int.random(in: 0..<3, using: &self) {
      case 0: changed[place] = UInt8.random(in: 0...255, using: &self)
      case 1: changed.remove(at: place)
      default:
        let end = min(changed.count, place + Int.random(in: 1...40, using: &self))
        changed.insert(contentsOf: changed[place..<end], at: place)
      }
    }
    return changed
  }
}
