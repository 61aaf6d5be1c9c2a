/// Where a site stands in the list of sites that the settings name.
package struct SiteIndex: Hashable, Comparable, Sendable {
  package let position: Int

  package init(_ position: Int) { self.position = position }

  package static func < (left: Self, right: Self) -> Bool { left.position < right.position }
}

/// An energy register as it was read: the count and the power of ten that makes watt-hours of it.
package struct EnergyRegister: Hashable, Sendable {
  /// The count, as it stood in the device.
  package var raw: UInt64
  /// One count is 10^scale Wh, with a scale of -10 to 10.
  package var scale: Int8

  /// The scales that SunSpec allows.
  package static let scales: ClosedRange<Int8> = -10...10

  /// The largest cumulative that counts as a register's: 2^96 mJ, twenty thousand million million MWh.
  ///
  /// Products of a cumulative with a loss factor or a time then fit 128 bits.
  private static let largest = Int128(1) << 96

  /// Nil where the scale is none that SunSpec allows, or the count no meter can have reached.
  package init?(raw: UInt64, scale: Int8) {
    guard Self.scales.contains(scale) else { return nil }
    self.raw = raw
    self.scale = scale
    guard cumulative.millijoules < Self.largest else { return nil }
  }

  /// What the register stands for, in millijoules.
  ///
  /// Counts finer than a millijoule are floored. A floored cumulative still telescopes: what one interval loses the
  /// next one gains.
  package var cumulative: CumulativeEnergy {
    CumulativeEnergy(millijoules: amount(of: Int128(raw)))
  }

  /// What so many counts stand for, in millijoules; nil where it is more than a register's cumulative can be.
  package func millijoules(_ counts: Int128) -> Int128? {
    guard counts.magnitude <= 1 << 64 else { return nil }
    let amount = amount(of: counts)
    return amount.magnitude < Self.largest.magnitude ? amount : nil
  }

  private func amount(of counts: Int128) -> Int128 {
    let counts = counts * Int128(Energy.millijoulesPerWattHour)
    let factor = Self.powersOfTen[Int(abs(scale))]
    return scale >= 0 ? counts * factor : counts.flooredQuotient(factor)
  }

  private static let powersOfTen: [Int128] = (0...10).map { exponent in
    (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
  }
}

/// What one scan of one site found.
///
/// What the device did not tell, or told in its code for "not implemented", is absent: never zero (P4).
package struct SiteReading: Sendable, Equatable {
  package var site: SiteIndex
  /// The midpoint of request and reply.
  package var instant: UTCInstant
  /// The power at the instant, positive when it leaves the site.
  package var power: Power?
  package var export: EnergyRegister?
  package var `import`: EnergyRegister?

  package init(
    site: SiteIndex, instant: UTCInstant, power: Power?, export: EnergyRegister?, import: EnergyRegister?
  ) {
    self.site = site
    self.instant = instant
    self.power = power
    self.export = export
    self.import = `import`
  }

  package func register(_ flow: Flow) -> EnergyRegister? { flow == .export ? export : `import` }
}
