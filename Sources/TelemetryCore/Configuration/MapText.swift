extension MeterSource {
  /// The same in words, different for each: it stands in the ledger, so that another map is another epoch.
  package var text: String {
    switch self {
    case .sunSpec(.any): return "sunspec"
    case .sunSpec(let choice):
      let parts = [
        choice.device.map { "device \($0)" }, choice.model.map { "model \($0)" },
        choice.occurrence == 1 ? nil : "occurrence \(choice.occurrence)",
      ]
      return (["sunspec"] + parts.compactMap(\.self)).joined(separator: " ")
    case .byHand(let map):
      let points = [
        ("active_power", map.power), ("energy_import", map.import), ("energy_export", map.export),
      ]
      let sign = map.powerIsExport ? "" : " import-positive"
      let texts = points.compactMap { name, point in
        point.map { "\(name) \($0.text)\(name == "active_power" ? sign : "")" }
      }
      return "\(map.table)" + texts.map { "; " + $0 }.joined()
    }
  }
}

extension RegisterPoint {
  fileprivate var text: String {
    let order = lowWordFirst ? " low-first" : ""
    let factor = if case .factor(let address) = scale { " scale_register \(address)" } else { "" }
    return "\(address) \(form)\(order) x \(multiplier)e\(exponent)\(factor)"
  }
}
