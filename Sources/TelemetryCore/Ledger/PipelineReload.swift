/// A configuration that was edited while the daemon runs, taken whole or not at all.
///
/// What it changes in the accounts is what a start on it would change, by the same rules and from the same instant on;
/// what is not touched by it goes on without a seam.
extension Pipeline {
  /// A configuration that was read and found valid.
  package struct Reload: Sendable {
    package var settings: Settings
    package var configuration: Configuration?
    /// Who asked for it, in words that end a sentence.
    package var origin: String

    package init(settings: Settings, configuration: Configuration?, origin: String) {
      self.settings = settings
      self.configuration = configuration
      self.origin = origin
    }
  }

  /// What would become of it now.
  package func plan(_ asked: Settings, at now: Moment) -> ReloadPlan {
    ReloadPlan(
      from: settings, to: asked, inForce: ledger.latestEpoch.flatMap { ledger.epochs[$0] },
      start: epochStart(asked, at: now))
  }

  mutating func take(_ reload: Reload, _ number: RequestNumber, at now: Moment) {
    let plan = plan(reload.settings, at: now)
    if plan.isRefused {
      announceRefused(plan, reload.origin)
    } else {
      begin(reload, plan, at: now)
    }
    perform(.reloaded(number, plan))
  }

  private mutating func begin(_ reload: Reload, _ plan: ReloadPlan, at now: Moment) {
    rearrange(SiteArrangement(from: settings, to: reload.settings), reload.settings, at: now)
    settings = reload.settings
    configuration = reload.configuration
    let start = startEpoch(at: now)
    oweWhatIsNew(from: start)
    oweNoMoreThan(start)
    keepConfiguration(at: now)
    announceTaken(plan, reload.origin)
  }

  /// Places in the list of sites mean something else from here on: for whoever reads them, for what is remembered of
  /// them, and for the readings log, which gets what was read under the old ones first.
  private mutating func rearrange(_ arrangement: SiteArrangement, _ asked: Settings, at now: Moment) {
    guard asked.sites != settings.sites || asked.scan != settings.scan else { return }
    if let (frame, number) = readings.takeFrame(at: now) { performAtOnce(.store(frame, number: number)) }
    performAtOnce(.nameSites(asked.sites.map(\.id)))
    performAtOnce(.readSites(arrangement))
    let present = Set(asked.sites.map(\.id))
    sites.rearrange(arrangement, gone: settings.sites.map(\.id).filter { !present.contains($0) })
    readings.rearrange(arrangement)
  }

  private mutating func announceTaken(_ plan: ReloadPlan, _ origin: String) {
    announce(.configurationReloaded, "configuration taken, asked for \(origin): \(plan.summary)")
  }

  private mutating func announceRefused(_ plan: ReloadPlan, _ origin: String) {
    for refusal in plan.refusals {
      announce(
        .reloadRefused,
        "the edited configuration, asked for \(origin), is refused, and nothing is changed: \(refusal.key): "
          + "\(refusal.message); restart, or take the change back")
    }
  }
}

extension ReloadPlan {
  /// In one line: how many, and the first few by name.
  package var summary: String {
    guard !changesNothing else { return "it says what ran before" }
    let resources = resourcesAdded + resourcesRemoved + resourcesChanged
    let parts = [
      Self.list("added", added.map(\.name)), Self.list("removed", removed.map(\.name)),
      Self.list("changed", changed.map { "\($0.id) (\($0.keys.joined(separator: ", ")))" }),
      Self.list("resources", resources.map(\.name)), Self.list("settings", keys),
      values.isEmpty
        ? "no value changes"
        : Self.list("values from \(from.text) on", values.map(\.resource.name)),
    ]
    return parts.compactMap(\.self).joined(separator: "; ")
  }

  private static func list(_ what: String, _ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return "\(what): \(names.prefix(3).joined(separator: ", "))\(more)"
  }
}
