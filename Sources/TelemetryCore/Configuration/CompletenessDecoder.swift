/// Reads `completeness:` of `dertelemetryd.yaml`.
extension CompletenessSettings {
  static func read(_ reader: inout ConfigurationReader) -> Self? {
    let standard = Self.standard
    return Self(
      submitAt: reader.value(
        "submit_at", .decimal(digits: 4, 0...LossFactors.one, such: "0.95"), default: standard.submitAt),
      estimate: reader.value(
        "estimate", .oneOf(["fleet-share": .fleetShare, "last-power": .lastPower, "zero": .zero]),
        default: standard.estimate),
      estimateAfter: reader.value(
        "estimate_after", .duration(.seconds(60) ... .seconds(45 * 24 * 3_600), such: "24h"),
        default: standard.estimateAfter),
      reviseAfter: reader.value(
        "revise_after", .duration(.seconds(0) ... .seconds(7 * 24 * 3_600), such: "1h"),
        default: standard.reviseAfter))
  }
}
