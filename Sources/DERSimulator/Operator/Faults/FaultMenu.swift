import TelemetryCore

/// How often each fault happens, and how long what takes a time.
struct FaultMenu: Hashable, Sendable {
  /// One call in ten thousand.
  static let whole: Int64 = 10_000
  /// Of a fault that is named without a share: some calls go wrong and most go on.
  static let usualShare: Int64 = 2_000

  /// In ten-thousandths of the calls that can meet the fault.
  var shares: [OperatorFault: Int64] = [:]
  /// How often a batch is asked for before it is no longer pending.
  var asks = 3
  var awayFor = Milliseconds.seconds(10)
  /// Longer than the client's `timeout`, and shorter than its `settle`.
  var lateBy = Milliseconds.seconds(8)

  /// What one draw, from 0 up to ``whole``, means for a call; nil for a service is a call of which nothing is read.
  func fault(_ draw: Int64, for service: OperatorServiceName?) -> OperatorFault? {
    var rest = draw
    for fault in OperatorFault.allCases where fault.canMeet(service) {
      let share = shares[fault] ?? 0
      if rest < share { return fault }
      rest -= share
    }
    return nil
  }

  /// What is wrong with the menu as a whole.
  var problem: String? {
    for service in [OperatorServiceName.submit, .status, .retrieve] {
      let sum = OperatorFault.allCases.filter { $0.canMeet(service) }.reduce(0) { $0 + (shares[$1] ?? 0) }
      if sum > Self.whole {
        return "the faults that a \(service.rawValue) can meet come to \(Self.percent(sum)): expected at most 100%"
      }
    }
    return nil
  }

  /// For the log: `throttle 10%, hang 0.5%`, or that there is none.
  var text: String {
    let parts = OperatorFault.allCases.compactMap { fault in
      shares[fault].flatMap { $0 > 0 ? "\(fault.rawValue) \(Self.percent($0))" : nil }
    }
    return parts.isEmpty ? "no faults" : "faults: " + parts.joined(separator: ", ")
  }

  private static func percent(_ share: Int64) -> String { ExactDecimal.format(share, digits: 2) + "%" }
}

extension OperatorFault {
  fileprivate func canMeet(_ service: OperatorServiceName?) -> Bool {
    guard let service else { return services == nil }
    return services?.contains(service) ?? false
  }
}

// MARK: Reading

extension FaultMenu {
  /// A mapping of names to shares, beside `asks`, `away_for` and `late_by`.
  static func read(_ node: ConfigurationNode) throws(ConfigurationProblems) -> Self {
    if case .empty = node.content { return Self() }
    return try ConfigurationReader.read(node) { reader in
      var menu = Self()
      for fault in OperatorFault.allCases { menu.shares[fault] = reader.optional(fault.rawValue, .share) }
      menu.asks = reader.value("asks", .integer(1...1_000, such: 3), default: menu.asks)
      let times = ConfigurationForm.duration(Milliseconds(1)...Milliseconds.seconds(3_600), such: "10s")
      menu.awayFor = reader.value("away_for", times, default: menu.awayFor)
      menu.lateBy = reader.value("late_by", times, default: menu.lateBy)
      if let problem = menu.problem { reader.report("(menu)", problem) }
      return menu
    }
  }

  /// One word of the command line, `KIND` or `KIND:SHARE`; throws what is wrong with it.
  mutating func add(_ word: String) throws(Refusal) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let fault = OperatorFault(rawValue: parts[0]) else {
      let known = OperatorFault.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal("there is no fault \(ConfigurationNode.shown(parts[0])): expected one of \(known)")
    }
    let form = ConfigurationForm<Int64>.share
    guard let share = parts.count == 1 ? Self.usualShare : form.parse(parts[1]) else {
      throw Refusal(
        "the share of \(fault.rawValue) is \(ConfigurationNode.shown(parts[1])): expected \(form.expectation)")
    }
    shares[fault] = share
  }
}

extension ConfigurationForm<Int64> {
  /// A share of the calls, in ten-thousandths.
  static var share: Self {
    let percent = Self.decimal(digits: 2, 0...100 * 100, such: "10")
    return Self("a share of the calls from 0% to 100%, such as `10%`") { text in
      text.hasSuffix("%") ? percent.parse(String(text.dropLast())) : nil
    }
  }
}
