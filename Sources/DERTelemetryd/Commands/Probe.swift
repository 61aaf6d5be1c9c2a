import ArgumentParser
import Dispatch
import Foundation
import TelemetryCore

/// `dertelemetryd probe`: what a device says, read once as the service would read it.
struct Probe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a device once and show who it is, its models and its reading.",
    discussion: """
      Connects, walks the SunSpec models and reads the one that the service would meter by. Nothing is written to the \
      device and nothing is stored.

      Exit status: 0 a reading came, 64 usage, 69 none came: the reason is on standard error.

      Example: dertelemetryd probe 10.20.0.11:502 --unit 1
      """)

  @Argument(help: "The device's address: HOST, HOST:PORT or [IPV6]:PORT; the port is 502 unless given.")
  var address: String

  @Option(help: "The unit identifier, 0 to 255.")
  var unit: UInt8 = 1

  @Option(help: "How messages are framed: tcp, or rtu for a serial server that passes bytes on.")
  var framing: Framing = .tcp

  enum Framing: String, ExpressibleByArgument, CaseIterable {
    case tcp, rtu
  }

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    guard Self.modbusAddress(address, unit: unit) != nil else {
      throw ValidationError("\(address) is not HOST, HOST:PORT or [IPV6]:PORT")
    }
  }

  func run() async throws {
    guard var modbus = Self.modbusAddress(address, unit: unit) else { throw ExitCode.validationFailure }
    modbus.limits.framing = framing == .rtu ? .rtu : .tcp
    switch await Self.read(modbus) {
    case .success(let report): print(json ? try report.jsonText() : report.text)
    case .failure(let failure):
      StandardError.write("\(address): \(failure)\n")
      throw ExitStatus.unavailable.exitCode
    }
  }

  /// Runs the service's own reader until the first reading or the first failure.
  private static func read(_ modbus: ModbusAddress) async -> Result<ProbeReport, ReadFailure> {
    let (events, source) = AsyncStream.makeStream(of: SiteEvent.self)
    let readers = SiteReaders(
      sites: [site(modbus)], defaultScan: .seconds(1), queue: DispatchQueue(label: "der.probe"),
      onEvent: { source.yield($0) })
    await readers.start()
    let result = await first(of: events)
    await readers.stop()
    return result
  }

  /// One scan, which is several readings where the device is read in several requests.
  private static func first(of events: AsyncStream<SiteEvent>) async -> Result<ProbeReport, ReadFailure> {
    var device: SunSpecDevice?
    var requests = 1
    var scan: SiteReading?
    for await event in events {
      switch event {
      case .identified(_, let found): device = found
      case .cut(_, let count): requests = count
      case .quiet(_, let failure): return .failure(failure)
      case .reading(let reading):
        guard let device else { continue }
        requests -= 1
        guard scan?.tells(whatIsIn: reading) != true else { return .success(ProbeReport(device, scan ?? reading)) }
        let together = scan.map { $0.joined(with: reading) } ?? reading
        guard requests > 0 else { return .success(ProbeReport(device, together)) }
        scan = together
      case .back, .contested, .uncontested: continue
      }
    }
    return .failure(.nothingMeasured)
  }

  private static func site(_ modbus: ModbusAddress) -> SiteSettings {
    SiteSettings(
      id: SiteID("probe"), resource: ResourceID("probe"), nameplate: Power(milliwatts: 0), lossFactors: .none,
      modbus: modbus, scan: nil)
  }

  /// Nil where the text is no address.
  static func modbusAddress(_ text: String, unit: UInt8) -> ModbusAddress? {
    let defaultPort = 502
    var host = Substring(text)
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.lastIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      if !rest.isEmpty { port = rest.dropFirst() }
    } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    let number = port.map { Int($0) } ?? defaultPort
    guard !host.isEmpty, let number, (1...65_535).contains(number) else { return nil }
    return ModbusAddress(host: String(host), port: number, unit: unit)
  }
}

extension SiteReading {
  /// Whether the other one is of the next scan already.
  fileprivate func tells(whatIsIn other: Self) -> Bool {
    power != nil && other.power != nil || export != nil && other.export != nil || `import` != nil && other.import != nil
  }

  fileprivate func joined(with other: Self) -> Self {
    SiteReading(
      site: site, instant: instant, power: power ?? other.power, export: export ?? other.export,
      import: `import` ?? other.import)
  }
}
