import Testing

@testable import TelemetryCore

@Suite struct WireTemplateTests {
  private func payload(_ rows: [SubmissionRow], _ template: WireElement = WireFixtures.meterData) throws -> String {
    let profile = try #require(WireFixtures.profile(submit: template))
    return String(decoding: profile.payload(WireFixtures.content(rows)), as: UTF8.self)
  }

  private let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

  @Test func seriesAndIntervalsStandInTheOrderOfTheTemplate() throws {
    let text = try payload([
      WireFixtures.row(142_500), WireFixtures.row(-1, interval: 1), WireFixtures.row(7, measurement: "LOAD"),
    ])
    #expect(
      text == declaration + """
        <Data xmlns="urn:data"><Source>A&amp;B</Source>\
        <Series><Type>GEN</Type><V end="2025-06-02T07:05:00Z">0.142500</V><V end="2025-06-02T07:10:00Z">-0.000001</V>\
        <ID>EXAMPL_7_DERA1</ID></Series>\
        <Series><Type>L</Type><V end="2025-06-02T07:05:00Z">0.000007</V><ID>EXAMPL_7_DERA1</ID></Series></Data>
        """)
  }

  @Test func theSameContentGivesTheSameBytes() throws {
    let rows = (0..<50).map { WireFixtures.row(Int64($0), interval: Int64($0)) }
    #expect(try payload(rows) == payload(rows))
  }

  @Test func anotherReceiverIsAnotherTemplate() throws {
    let other = WireElement(
      name: "all", namespace: "urn:a", prefix: "a",
      children: [
        WireElement(
          name: "res", namespace: "urn:b", prefix: "b", repeatedFor: .resource,
          attributes: [WireAttribute(name: "id", text: .field(.resourceID, .seconds))],
          children: [
            WireElement(name: "v", repeatedFor: .interval, text: .field(.measurementType, .seconds)),
            WireElement(name: "end", namespace: "urn:a", prefix: "a"),
          ]),
        WireElement(name: "plain", namespace: "", text: .field(.intervalSeconds, .seconds)),
      ])
    let text = try payload(
      [
        WireFixtures.row(1), WireFixtures.row(1, measurement: "LOAD"), WireFixtures.row(1, resource: "Z"),
      ], other)
    #expect(
      text == declaration + """
        <a:all xmlns:a="urn:a"><b:res xmlns:b="urn:b" id="EXAMPL_7_DERA1"><b:v>GEN</b:v><b:v>L</b:v><a:end/></b:res>\
        <b:res xmlns:b="urn:b" id="Z"><b:v>GEN</b:v><a:end/></b:res><plain>300</plain></a:all>
        """)
  }

  @Test func textsComeThroughEscaped() throws {
    let text = try payload(
      [],
      WireElement(
        name: "a", attributes: [WireAttribute(name: "b", text: .constant("\"<\n\u{1}é"))],
        text: .constant("<&>'")))
    #expect(text == declaration + "<a b=\"&quot;&lt;&#10;?é\">&lt;&amp;&gt;'</a>")
  }

  @Test func rowsOutOfOrderAreOurMistake() async {
    await #expect(processExitsWith: .failure) {
      let rows = [WireFixtures.row(1, interval: 1), WireFixtures.row(1)]
      _ = WireFixtures.profile()?.payload(WireFixtures.content(rows))
    }
  }

  @Test func questionsCarryWhatTheyAskFor() throws {
    let profile = try #require(WireFixtures.profile())
    let status = try #require(profile.statusRequest(OperatorBatchID("B<1"), created: WireFixtures.created))
    #expect(String(decoding: status, as: UTF8.self) == declaration + "<Ask>B&lt;1</Ask>")
    let first = WireFixtures.row(0)
    let question = RetrieveQuestion(
      schedulingCoordinator: SchedulingCoordinatorID("EXSC"), resource: first.resource,
      measurement: MeasurementType("LOAD"), intervalLength: WireFixtures.length, first: first.intervalEnding,
      last: WireFixtures.row(0, interval: 2).intervalEnding)
    #expect(
      String(decoding: profile.retrieveRequest(question, created: WireFixtures.created), as: UTF8.self)
        == declaration + """
          <Request of="L"><From>2025-06-02T07:00:00Z</From><First>2025-06-02T07:05:00Z</First>\
          <Last>2025-06-02T07:15:00.000Z</Last><Minutes>5</Minutes></Request>
          """)
  }

  @Test func signedHeadersAndTheBodyGetIDs() throws {
    var profile = try #require(WireFixtures.profile())
    profile.envelope.headers = [
      WireElement(name: "plain", namespace: "urn:p"),
      WireElement(name: "who", namespace: "urn:w", text: .field(.expires, .milliseconds), isSigned: true),
    ]
    let envelope = profile.envelope(
      EnvelopeContent(
        userName: "CN=a", nonce: "n", messageID: "m", created: WireFixtures.created,
        payload: .attached("QQ==", hash: "h")))
    #expect(envelope.signedElements == ["Body", "Header2"])
    let text = String(decoding: envelope.bytes, as: UTF8.self)
    #expect(
      text.contains("<plain xmlns=\"urn:p\"/><who xmlns=\"urn:w\" wsu:Id=\"Header2\">2025-06-03T19:15:00.000Z</who>"))
    #expect(text.hasSuffix("<soap:Body wsu:Id=\"Body\"><Attachment>QQ==</Attachment></soap:Body></soap:Envelope>"))
  }
}

@Suite struct WireFlavourTests {
  private func envelope(_ payload: EnvelopeContent.Payload) throws -> (text: String, signed: [String]) {
    var profile = try #require(WireFixtures.profile())
    profile.envelope.flavour = .multipart
    profile.envelope.questions = .inBody
    profile.envelope.body = nil
    profile.envelope.headers = [
      WireElement(name: "about", text: .field(.attachmentHash, .seconds), isSigned: true, isAboutAttachment: true),
      WireElement(name: "who", text: .field(.userName, .seconds), isSigned: true),
    ]
    let envelope = profile.envelope(
      EnvelopeContent(
        userName: "CN=a", nonce: "n", messageID: "m", created: WireFixtures.created, payload: payload))
    return (String(decoding: envelope.bytes, as: UTF8.self), envelope.signedElements)
  }

  @Test func whatTravelsBesideTheEnvelopeLeavesItsBodyEmpty() throws {
    let envelope = try envelope(.attached("QQ==", hash: "h"))
    #expect(envelope.text.contains("<about wsu:Id=\"Header1\">h</about>"))
    #expect(envelope.text.hasSuffix("<soap:Body wsu:Id=\"Body\"></soap:Body></soap:Envelope>"))
    #expect(!envelope.text.contains("QQ=="))
    #expect(envelope.signed == ["Body", "Header1", "Header2"])
  }

  @Test func aQuestionInTheBodyHasNoHeaderOfAnAttachment() throws {
    let profile = try #require(WireFixtures.profile())
    let question = try #require(profile.statusRequest(OperatorBatchID("B"), created: WireFixtures.created))
    let envelope = try envelope(.inBody(question))
    #expect(!envelope.text.contains("about"))
    #expect(envelope.text.hasSuffix("<soap:Body wsu:Id=\"Body\"><Ask>B</Ask></soap:Body></soap:Envelope>"))
    #expect(envelope.signed == ["Body", "Header2"])
  }
}

@Suite struct WireSampleTests {
  @Test func aSampleHasAllSeriesOfAChannelAndIsOnTheGrid() throws {
    let profile = try #require(WireFixtures.profile())
    let resources = ["B", "A"].map { name in
      ResourceSettings(
        id: ResourceID(name), schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: ChannelName("c"),
        measurements: [
          MeasurementSettings(type: MeasurementType("LOAD"), flow: .import),
          MeasurementSettings(type: MeasurementType("GEN"), flow: .export),
        ])
    }
    let samples = profile.samples(resources, WireFixtures.length)
    #expect(samples.map(\.service) == [.submit, .status, .retrieve])
    let submission = String(decoding: try #require(samples.first).message, as: UTF8.self)
    #expect(submission.split(separator: "<Series>").count == 5)
    #expect(submission.split(separator: ">0.142501<").count == 5)
    #expect(profile.samples([], WireFixtures.length).isEmpty)
  }
}

@Suite struct WireDecimalTests {
  private func unit() throws -> WireUnit { try #require(WireUnit(symbol: "MWh", digits: 6)) }

  @Test(arguments: [
    ("0.1425", Int64(142_500)), ("+0.1425", 142_500), (" .5 ", 500_000), ("5.", 5_000_000), ("-0.000001", -1),
    ("0.1425000000", 142_500), ("007", 7_000_000), ("-0", 0),
  ])
  func decimalsOfXMLSchemaAreReadExactly(_ text: String, _ value: Int64) throws {
    #expect(try unit().value(text) == value)
  }

  @Test(arguments: [
    "", ".", "-", "+-1", "--1", "1e3", "0.0000001", "NaN", "1,5", "0x1", "9223372036854775807", "1.2.3", "-.", "5..",
  ])
  func whatIsNoWholeNumberOfStepsIsAbsent(_ text: String) throws {
    #expect(try unit().value(text) == nil)
  }

  @Test func everyValueComesBack() throws {
    for value in [Int64.min + 1, -1, 0, 1, 999_999, 1_000_000, .max] {
      #expect(try unit().value(unit().text(value)) == value)
    }
  }
}
