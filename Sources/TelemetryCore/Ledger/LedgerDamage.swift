/// What the ledger's files have lost and its records do not say yet.
package enum LedgerDamage {
  /// Damage within the log stays in its place and is found at every start; it is written down once.
  package static func new(_ contents: LogContents, known: [String]) -> [Pipeline.Damage] {
    let plan = contents.plan
    var found = plan.damage.filter { !known.contains($0.description) }
      .map { damage($0.missing, $0.description, $0.cause == .unfinishedWrite, next: plan.nextSequence) }
    if let cut = plan.tailCut {
      let explanation = plan.tornTail?.description ?? "the end of the log was cut at an earlier start"
      found.append(damage(plan.tornTail?.missing, explanation, cut == .unfinishedWrite, next: plan.nextSequence))
    }
    return found
  }

  private static func damage(
    _ missing: MissingRecords?, _ explanation: String, _ isUnfinishedWrite: Bool, next: LogSequence
  ) -> Pipeline.Damage {
    let first = missing?.first ?? next
    return Pipeline.Damage(
      from: first, through: missing?.last ?? first, explanation: explanation, isUnfinishedWrite: isUnfinishedWrite)
  }
}
