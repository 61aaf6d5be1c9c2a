import TelemetryCore

/// What the sites say, in time or late.
extension Scenario {
  func readSites() {
    let due = late.filter { $0.at <= now.utc }
    late.removeAll { $0.at <= now.utc }
    for reading in due where !hasDied { tell(reading.site, reading.instant, reading.register) }
    for index in sites.indices {
      if chance(1, in: sites[index].isUp ? 80 : 20) { sites[index].toggle() }
      if !isTroubled { sites[index].comeBack() }
      if chance(1, in: 10) { sites[index].changeRate(&random) }
      sites[index].pass(seconds: plan.step, to: now.utc.seconds)
      let age = Int64.random(in: 0..<5, using: &random)
      guard sites[index].isUp, !hasDied, inForce.sites.contains(where: { $0.id == siteIDs[index] }) else { continue }
      let register = sites[index].register(secondsAgo: age)
      if chance(3, in: 100) {
        let wait = Milliseconds.seconds(Int64.random(in: 60...7_200, using: &random))
        late.append((now.utc + wait, siteIDs[index], now.utc - .seconds(age), register))
      } else {
        tell(siteIDs[index], now.utc - .seconds(age), register)
      }
    }
  }

  private func tell(_ site: SiteID, _ instant: UTCInstant, _ register: EnergyRegister?) {
    guard let place = inForce.sites.firstIndex(where: { $0.id == site }) else { return }
    send(.siteRead(SiteReading(site: SiteIndex(place), instant: instant, power: nil, export: register, import: nil)))
  }
}
