/// What the ledger's files have lost and its records do not say yet.
package enum LedgerDamage {
  /// Damage within the log stays in its place and is found at every start; it is written down once.
  package static func new(_ contents: LogContents, known: [String]) -> [Pipeline.Damage] {
    let plan = contents.plan
    var found = plan.damage.filter { !known.contains($0.description) }
      .map { damage(from: $0.missing, explanation: $0.description, next: plan.nextSequence) }
    if plan.tailWasCut {
      let explanation = plan.tornTail?.description ?? "the end of the log was cut at an earlier start"
      found.append(damage(from: plan.tornTail?.missing, explanation: explanation, next: plan.nextSequence))
    }
    return found
  }

  private static func damage(
    from missing: MissingRecords?, explanation: String, next: LogSequence
  ) -> Pipeline.Damage {
    let first = missing?.first ?? next
    return Pipeline.Damage(from: first, through: missing?.last ?? first, explanation: explanation)
  }
}
