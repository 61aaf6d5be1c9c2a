/// A register as it was read at an instant.
package struct RegisterAtInstant: Hashable, Sendable {
  package var instant: UTCInstant
  package var register: EnergyRegister
  package var base: RegisterBase

  package init(instant: UTCInstant, register: EnergyRegister, base: RegisterBase = .zero) {
    self.instant = instant
    self.register = register
    self.base = base
  }

  /// What has been counted since the first reading of the site, whatever the register did meanwhile, and what the
  /// register stood at then.
  package var cumulative: CumulativeEnergy {
    CumulativeEnergy(millijoules: register.cumulative.millijoules + base.offset)
  }

  /// Whether all energy from this reading to another one is known.
  func goesOn(to other: Self) -> Bool { base.breaks == other.base.breaks }

  func on(_ base: RegisterBase) -> Self { Self(instant: instant, register: register, base: base) }
}

/// What a site's register stood at on an interval boundary, and the two readings that say so.
package struct BoundaryRegister: Hashable, Sendable {
  package var boundary: IntervalEnding
  package var cumulative: CumulativeEnergy
  /// The last reading before the boundary.
  package var earlier: RegisterAtInstant
  /// The first reading at or after the boundary.
  package var later: RegisterAtInstant
  /// Measured when both readings lie close to the boundary and the energy between them is known, else estimated.
  package var quality: QualityClass

  package init(
    boundary: IntervalEnding, cumulative: CumulativeEnergy, earlier: RegisterAtInstant,
    later: RegisterAtInstant, quality: QualityClass
  ) {
    self.boundary = boundary
    self.cumulative = cumulative
    self.earlier = earlier
    self.later = later
    self.quality = quality
  }

  /// Interpolates between the two readings around a boundary: B = R0 + ⌊(R1 − R0)(b − t0) / (t1 − t0)⌋.
  ///
  /// Each boundary of a gap is computed from the same two readings, so the energies between them add up to the
  /// difference of the registers.
  ///
  /// The result counts as measured when neither reading lies farther from the boundary than the bridge, and the register
  /// went on from the one to the other.
  ///
  /// - Precondition: the boundary lies after the earlier reading and not after the later one.
  package init(
    at boundary: IntervalEnding, from earlier: RegisterAtInstant, to later: RegisterAtInstant,
    bridge: Milliseconds
  ) {
    let instant = boundary.instant
    precondition(earlier.instant < instant && instant <= later.instant, "two readings bracket the boundary")
    let span = Int128((later.instant - earlier.instant).count)
    let elapsed = Int128((instant - earlier.instant).count)
    let start = earlier.cumulative.millijoules
    let rise = later.cumulative.millijoules - start
    let (perMillisecond, rest) = (rise.flooredQuotient(span), rise.flooredRemainder(span))
    let risen = perMillisecond * elapsed + (rest * elapsed).flooredQuotient(span)
    let isClose = instant - earlier.instant <= bridge && later.instant - instant <= bridge
    self.init(
      boundary: boundary,
      cumulative: CumulativeEnergy(millijoules: start + risen),
      earlier: earlier, later: later, quality: isClose && earlier.goesOn(to: later) ? .measured : .estimated)
  }

  /// The cumulative that reaches the metering point.
  ///
  /// The factor applies to the cumulative and is floored there, so the energies of the intervals still telescope.
  package func cumulative(lossFactor: Int64) -> CumulativeEnergy {
    let product = cumulative.millijoules * Int128(lossFactor)
    return CumulativeEnergy(millijoules: product.flooredQuotient(Int128(LossFactors.one)))
  }
}
