/// What is written and told of registers that do not go on where they were, and of meters that are others than before.
extension Pipeline {
  mutating func announce(_ refusal: RegisterHistory.Refusal, of key: SiteFlow) {
    let what: String
    switch refusal {
    case .notLater: return
    case .wentBack(let from, let to): what = "went back from \(from.raw) to \(to.raw)"
    case .tooFast(let rise, let limit):
      let risen = rise.map { "\($0.wattHours) Wh" } ?? "more than can be"
      what = "rose by \(risen), where the nameplate allows \(limit.wattHours) Wh"
    case .mayHaveReturned(let to): what = "stood at 0 since its reset and now shows \(to.raw)"
    }
    guard sites.suspect(key) else { return }
    announce(
      .registerRefused,
      "\(key.site): the \(key.flow.name) register \(what); it is not used until it goes on where it was, or three "
        + "readings in a row go on from each other", site: key.site)
  }

  /// The suspicion is over, and what has become of it is told once.
  mutating func noteAccepted(_ acceptances: [RegisterHistory.Acceptance], _ key: SiteFlow) {
    guard sites.clear(key), !acceptances.contains(where: \.isTurn) else { return }
    announce(.registerPlausible, "\(key.site): the \(key.flow.name) register is plausible again", site: key.site)
  }

  mutating func write(_ turn: RegisterTurn, _ key: SiteFlow) {
    guard let (number, site) = place(of: key.site) else { return }
    write(.turned(epoch: number, flow: key.flow, site: site, turn))
  }

  mutating func announce(_ turn: RegisterTurn, of key: SiteFlow) {
    announce(turn.reason.kind, "\(key.site): \(turn.sentence(key.flow))", site: key.site)
  }

  // MARK: Meters

  /// The ledger knows who was there last, so that a meter that was changed while the daemon was down is found too.
  mutating func siteIdentified(
    _ index: SiteIndex, _ identity: DeviceIdentity, _ description: String, at now: Moment
  ) {
    guard index.position < settings.sites.count else { return }
    let site = settings.sites[index.position].id
    note(identity, of: site, at: now)
    announce(.siteIdentified, "\(site): \(description)", site: site)
  }

  private mutating func note(_ identity: DeviceIdentity, of site: SiteID, at now: Moment) {
    let known = ledger.identities[site]
    guard known != identity, let (number, place) = place(of: site) else { return }
    guard let known, !identity.isSameDevice(as: known) else {
      return write(.identified(epoch: number, site: place, identity))
    }
    write(.replaced(epoch: number, site: place, at: now.utc, identity))
    announce(
      .meterReplaced,
      "\(site): another device: \(identity) stands where \(known) stood; its registers count on from what the old ones "
        + "showed last", site: site)
  }

  mutating func siteRemarked(_ index: SiteIndex, _ remark: String) {
    guard index.position < settings.sites.count else { return }
    let site = settings.sites[index.position].id
    announce(.siteIdentified, "\(site): \(remark)", site: site)
  }
}

extension RegisterTurn {
  func sentence(_ flow: Flow) -> String {
    let what =
      "the \(flow.name) register showed \(lastOld.register.raw) at \(lastOld.instant.text) and "
      + "\(firstNew.register.raw) at \(firstNew.instant.text)"
    switch reason {
    case .rollover: return "\(what): it came to the end of its width and began anew; all energy is counted"
    case .returned:
      return "\(what): it goes on where it was before its reset, and the energy since then counts where it returned"
    case .replaced: return "\(what): another meter; what was between counts as 0"
    case .reset:
      let doubt =
        firstNew.register.cumulative < lastOld.register.cumulative
        ? "" : ": that is more than the nameplate allows, so the nameplate or the register map may be wrong"
      return "\(what), and goes on from there\(doubt); what was between counts as 0"
    }
  }
}

extension RegisterTurn.Reason {
  fileprivate var kind: Announcement.Kind {
    switch self {
    case .rollover: .registerRolledOver
    case .reset, .replaced: .registerReset
    case .returned: .registerReturned
    }
  }
}

extension RegisterHistory.Acceptance {
  fileprivate var isTurn: Bool {
    if case .turned = self { true } else { false }
  }
}

extension Energy {
  fileprivate var wattHours: Int64 { millijoules / Energy.millijoulesPerWattHour }
}
