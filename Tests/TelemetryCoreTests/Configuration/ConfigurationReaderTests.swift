import Testing

@testable package import TelemetryCore

/// Trees as literals; every node is at 1:1 of `test.yaml` unless ``at(_:_:)`` says otherwise.
extension ConfigurationNode: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  static let start = ConfigurationPlace(file: "test.yaml", line: 1, column: 1)

  package init(stringLiteral text: String) { self.init(text.isEmpty ? .empty : .scalar(text), at: Self.start) }

  package init(arrayLiteral nodes: Self...) { self.init(.sequence(nodes), at: Self.start) }

  package init(dictionaryLiteral pairs: (String, Self)...) {
    self.init(.mapping(pairs.map { (key: $0.0, place: $0.1.place, value: $0.1) }), at: Self.start)
  }

  func at(_ line: Int, _ column: Int) -> Self {
    Self(content, at: ConfigurationPlace(file: "test.yaml", line: line, column: column))
  }
}

@Suite struct ConfigurationReaderTests {
  private struct Pair: Equatable {
    var name: String
    var count: Int

    init(name: String, count: Int) {
      self.name = name
      self.count = count
    }

    init?(reading reader: inout ConfigurationReader) {
      let name = reader.required("name", .name(such: "a"))
      let count = reader.value("count", .integer(1...9, such: 2), default: 5)
      guard let name else { return nil }
      self.init(name: name, count: count)
    }
  }

  private func problems(_ node: ConfigurationNode) -> [String] {
    do {
      _ = try ConfigurationReader.read(node) { reader in reader.mappings("pairs", Pair.init(reading:)) }
      return []
    } catch {
      return error.problems.map { "\($0.place.line):\($0.place.column) \($0.key): \($0.message)" }
    }
  }

  @Test func readsWhatIsThereAndTheDefaultForWhatIsNot() throws {
    let node: ConfigurationNode = ["pairs": [["name": "a", "count": "3"], ["name": "b"]]]
    let pairs = try ConfigurationReader.read(node) { $0.mappings("pairs", Pair.init(reading:)) }
    #expect(pairs == [Pair(name: "a", count: 3), Pair(name: "b", count: 5)])
  }

  @Test func tellsEveryProblemInTheOrderOfPlaces() {
    let node: ConfigurationNode = [
      "pairs": [
        ["name": ConfigurationNode("b c").at(9, 9), "count": ConfigurationNode("10").at(3, 4)],
        (["count": (["1"] as ConfigurationNode).at(5, 6)] as ConfigurationNode).at(4, 1),
        ConfigurationNode("text").at(7, 1),
        ["name": ["x": "y"], "cuont": ConfigurationNode("1").at(8, 2)],
      ]
    ]
    #expect(
      problems(node) == [
        "1:1 pairs[3].name: expected a name of 1 to 64 letters, digits, `_`, `-` and `.`, beginning with a letter or "
          + "digit, such as `a`; found a mapping",
        "3:4 pairs[0].count: expected a whole number from 1 to 9, such as 2; found `10`",
        "4:1 pairs[1].name: is missing: expected a name of 1 to 64 letters, digits, `_`, `-` and `.`, beginning with a "
          + "letter or digit, such as `a`",
        "5:6 pairs[1].count: expected a whole number from 1 to 9, such as 2; found a list",
        "7:1 pairs[2]: expected a mapping, a `key: value` on each line; found `text`",
        "8:2 pairs[3].cuont: is unknown; did you mean `count`?",
        "9:9 pairs[0].name: expected a name of 1 to 64 letters, digits, `_`, `-` and `.`, beginning with a letter or "
          + "digit, such as `a`; found `b c`",
      ])
  }

  @Test func aKeyThatStandsTwiceNamesBothPlaces() {
    let node: ConfigurationNode = [
      "pairs": [["name": ConfigurationNode("a").at(2, 3), "name": ConfigurationNode("b").at(4, 5)]]
    ]
    #expect(problems(node) == ["4:5 pairs[0].name: is a second time here; the first is at test.yaml:2:3"])
  }

  @Test func aKeyWithoutValueIsNotAnAbsentKey() {
    #expect(problems(["pairs": [["name": "a", "count": ""]]]).first?.hasSuffix("found nothing") == true)
  }

  @Test func anUnknownKeyIsMeasuredOnlyAgainstKeysThatAreNotThere() {
    let problem = problems(["pairs": [["name": "a", "names": "b"]]])
    #expect(problem == ["1:1 pairs[0].names: is unknown; known here: `count`, `name`"])
  }

  @Test func aRefusedKeyIsNeverOffered() throws {
    let refusing: (ConfigurationNode) -> [ConfigurationProblem] = { node in
      do throws(ConfigurationProblems) {
        try ConfigurationReader.read(node) { $0.refuse("storage", "is not supported") }
        return []
      } catch { return error.problems }
    }
    #expect(refusing([:]) == [])
    #expect(refusing(["storage": "1"]).map(\.message) == ["is not supported"])
    #expect(refusing(["storag": "1"]).map(\.message) == ["is unknown; known here: "])
  }

  @Test func namesThatTheUserChoosesComeInTheOrderOfTheFile() throws {
    let node: ConfigurationNode = ["codes": ["LOAD": "L", "GEN": "G"]]
    let pairs = try ConfigurationReader.read(node) {
      $0.pairs("codes", named: .name(such: "GEN"), .text(such: "G"))
    }
    #expect(pairs.map(\.name) == ["LOAD", "GEN"])
    #expect(pairs.map(\.value) == ["L", "G"])
  }

  @Test func aMillionProblemsAreBounded() {
    var problems = ConfigurationProblems()
    let problem = ConfigurationProblem(place: ConfigurationNode.start, key: "a", message: "b")
    for _ in 0..<1_000_000 { problems.append(problem) }
    #expect(problems.problems.count == ConfigurationProblems.limit)
    #expect(problems.omittedCount == 1_000_000 - ConfigurationProblems.limit)
    problems.append(problems)
    #expect(problems.omittedCount == 2_000_000 - ConfigurationProblems.limit)
  }

  @Test func aReaderThatGivesNothingWithoutAReasonStillThrows() {
    #expect(throws: ConfigurationProblems.self) {
      try ConfigurationReader.read([:]) { _ in Int?.none }
    }
  }
}
