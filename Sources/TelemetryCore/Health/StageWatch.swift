/// Whether each stage that works beside the pipeline still answers (P8).
///
/// Each is asked once a second, by a question that waits in its own queue behind whatever it is doing. Questions are
/// counted, not seconds: a host that was suspended has asked nothing meanwhile.
package struct StageWatch: Sendable {
  /// Questions in a row that a stage may leave without an answer before it counts as stalled.
  package static let patience = 20

  private var unanswered: [String: Int]

  package init(stages: [String]) {
    unanswered = Dictionary(stages.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Counts a round of questions; the stages to be asked are those that have answered the last one.
  package mutating func ask() -> [String] {
    var asked: [String] = []
    for stage in unanswered.keys.sorted() {
      if unanswered[stage] == 0 { asked.append(stage) }
      unanswered[stage, default: 0] += 1
    }
    return asked
  }

  /// An answer to a question of a stage that is not watched changes nothing.
  package mutating func answered(_ stage: String) {
    if unanswered[stage] != nil { unanswered[stage] = 0 }
  }

  /// The stages that have been silent for too long, in the order of their names.
  package var stalled: [String] { unanswered.filter { $0.value > Self.patience }.keys.sorted() }
}
