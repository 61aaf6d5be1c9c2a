/// What a register can have done between two readings.
extension RegisterHistory {
  /// Why a register was not accepted.
  package enum Refusal: Error, Hashable, Sendable {
    /// Not after the one that was accepted last, or of no use among those that were.
    case notLater
    /// Less than the one that was accepted last.
    case wentBack(from: EnergyRegister, to: EnergyRegister)
    /// More than the site can have moved since.
    case tooFast(rise: Energy?, atMost: Energy)
    /// It stood at zero since its reset, and may now be where it was before that.
    case mayHaveReturned(to: EnergyRegister)
  }

  /// The largest power a site may show, as a share of its nameplate: 125 %.
  private static let plausibleShare = (numerator: Int128(5), denominator: Int128(4))

  static func refusal(
    of reading: RegisterAtInstant, after last: RegisterAtInstant, nameplate: Power
  ) -> Refusal? {
    guard reading.instant > last.instant else { return .notLater }
    let before = last.cumulative
    let now = reading.cumulative
    guard now >= before else { return .wentBack(from: last.register, to: reading.register) }
    let rise = now.millijoules - before.millijoules
    let limit = plausibleRise(from: last, to: reading, nameplate: nameplate)
    guard rise <= limit else {
      return .tooFast(rise: now.energy(since: before), atMost: Energy(millijoules: Int64(clamping: limit)))
    }
    return nil
  }

  static func isPlausible(_ reading: RegisterAtInstant, after last: RegisterAtInstant, nameplate: Power) -> Bool {
    refusal(of: reading, after: last, nameplate: nameplate) == nil
  }

  /// Nameplate times elapsed times 125 %, and one count of the register at each end.
  static func plausibleRise(
    from last: RegisterAtInstant, to reading: RegisterAtInstant, nameplate: Power
  ) -> Int128 {
    let elapsed = Int128((reading.instant - last.instant).count)
    let moved = Int128(nameplate.milliwatts) * elapsed / 1_000
    let count = EnergyRegister(raw: 1, scale: reading.register.scale)?.cumulative.millijoules ?? 0
    return moved * plausibleShare.numerator / plausibleShare.denominator + 2 * count
  }
}
