import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TelemetryCore

/// Goes the way to one operator step by step, and says how far it came.
struct ChannelTrial {
  private let settings: ChannelSettings
  /// One that uses the channel; nil where none does.
  private let resource: ResourceSettings?
  private let length: IntervalLength
  private let environment: [String: String]
  private let group: any EventLoopGroup

  init(
    _ settings: ChannelSettings, resource: ResourceSettings?, length: IntervalLength, environment: [String: String],
    group: any EventLoopGroup
  ) {
    self.settings = settings
    self.resource = resource
    self.length = length
    self.environment = environment
    self.group = group
  }

  func run() async -> ChannelTestReport {
    var report = ChannelTestReport(channel: settings)
    guard let channel = certificate(&report) else { return report }
    clock(&report)
    var isReached = true
    for place in places {
      let isHere = await reach(place, as: channel, &report)
      isReached = isReached && isHere
    }
    if isReached { await ask(channel, &report) }
    return report
  }

  // MARK: Certificate

  private func certificate(_ report: inout ChannelTestReport) -> MeteringChannel? {
    do throws(ChannelFault) {
      let channel = try MeteringChannel(settings, environment: environment, group: group)
      let (name, end) = (channel.credentials.userName, channel.credentials.notValidAfter)
      guard SystemClock().now().utc < end else {
        report.fail(
          .certificate, "\(name) expired at \(end.text)",
          whatToDo: "ask the operator for a new one; then dertelemetryd certificate import FILE.pfx --replace",
          exit: .configuration)
        return nil
      }
      report.works(.certificate, "\(name), valid until \(end.text)")
      return channel
    } catch {
      report.fail(
        .certificate, "\(error)", whatToDo: "mend what is named; docs/credentials.md says how the files are made",
        exit: .configuration)
      return nil
    }
  }

  /// Messages carry the time at which they were made, and a certificate has one at which it ends.
  private func clock(_ report: inout ChannelTestReport) {
    let now = SystemClock().now().utc
    switch HostIdentity.synchronisation(at: now) {
    case .synchronised: report.works(.clock, "\(now.text), synchronised")
    case .unknown: report.works(.clock, "\(now.text); whether it is synchronised is not known here")
    case .unsynchronised:
      report.warn(.clock, "\(now.text), not synchronised", whatToDo: "look at timedatectl timesync-status")
    }
  }

  // MARK: Hosts

  struct Place: Hashable {
    var host: String
    var port: Int
    var words: String { "\(host):\(port)" }
    var isAddress: Bool { (try? SocketAddress(ipAddress: host, port: port)) != nil }
  }

  /// Each host and port of the channel's services, once.
  private var places: [Place] {
    let services = [settings.retrieve, settings.submit] + (settings.status.map { [$0] } ?? [])
    return services.reduce(into: []) { places, service in
      guard let url = URL(string: service.url), let host = url.host(percentEncoded: false) else { return }
      let place = Place(host: host, port: url.port ?? 443)
      if !places.contains(place) { places.append(place) }
    }
  }

  private func reach(_ place: Place, as channel: MeteringChannel, _ report: inout ChannelTestReport) async -> Bool {
    let address: SocketAddress
    do {
      address = try SocketAddress.makeAddressResolvingHost(place.host, port: place.port)
      report.works(.name, "\(place.host) is \(address.ipAddress ?? "\(address)")")
    } catch {
      report.fail(
        .name, "\(place.host) has no address: \(error)",
        whatToDo: "look at the host in the URL, and at the names that this machine knows: getent hosts \(place.host)")
      return false
    }
    let handshake: Handshake
    do throws(ChannelFault) {
      handshake = Handshake(tls: try channel.credentials.tlsConfiguration(), timeout: settings.timeout, group: group)
    } catch {
      report.fail(.certificate, "\(error)", whatToDo: "mend what is named", exit: .configuration)
      return false
    }
    switch await handshake.shake(with: place, at: address) {
    case .notConnected(let reason):
      report.fail(
        .connection, "\(place.words) cannot be reached: \(reason)",
        whatToDo: "look at the network, firewalls, and the port in the URL")
      return false
    case .notShaken(let reason):
      report.works(.connection, "to \(place.words)")
      let advice = HandshakeAdvice(reason)
      report.fail(.tls, "\(place.words): \(reason)", whatToDo: advice.text)
      return false
    case .shaken(let session):
      report.works(.connection, "to \(place.words)")
      report.works(.tls, "\(place.words): \(session)")
      return true
    }
  }

  // MARK: Question

  private func ask(_ channel: MeteringChannel, _ report: inout ChannelTestReport) async {
    guard let resource, let measurement = resource.measurements.first else {
      return report.warn(
        .question, "not asked: no resource uses this channel", whatToDo: "name the channel in a resource")
    }
    let now = SystemClock().now().utc
    let current = IntervalEnding(containing: now, length: length)
    let last = IntervalEnding(containing: current.start(length), length: length)
    let question = RetrieveQuestion(
      schedulingCoordinator: resource.schedulingCoordinator, resource: resource.id, measurement: measurement.type,
      intervalLength: length, first: last, last: last)
    let outcome: CallOutcome<RawAnswer>
    do {
      let call = try channel.prepareRetrieve(question, CallIdentity(created: now))
      outcome = await channel.send(call.envelope, to: .retrieve)
    } catch {
      return report.fail(.question, "\(error)", whatToDo: "mend what is named", exit: .configuration)
    }
    let subject = "\(resource.id) \(measurement.type) \(last.instant.text)"
    switch outcome {
    case .notSent(let reason), .noAnswer(let reason):
      report.fail(.question, "no answer: \(reason)", whatToDo: HandshakeAdvice(reason).text)
    case .answered(let raw):
      judge(channel.readRetrieve(raw), status: raw.httpStatus, subject, &report)
    }
  }

  private func judge(
    _ answer: RetrieveAnswer, status: Int, _ subject: String, _ report: inout ChannelTestReport
  ) {
    switch answer {
    case .held(let values):
      report.works(.question, "answered: \(values.isEmpty ? "no value" : "a value") is held for \(subject)")
    case .failed(.throttled):
      report.fail(
        .question, "the operator asks for fewer calls", whatToDo: "try again in some minutes", exit: .temporary)
    case .failed(.refused(let reason)):
      report.fail(
        .question, "refused: \(reason)",
        whatToDo: "ask the operator whether this certificate may use this service, and for the scheduling coordinator")
    case .failed(.unreadable(let reason)):
      let isOfCertificate = status == 400 || status == 401 || status == 403 || status == 495 || status == 496
      report.fail(
        .question, "HTTP \(status), which tells nothing that the profile knows: \(reason)",
        whatToDo: isOfCertificate
          ? HandshakeAdvice.refusedCertificate : "look at the URL, and whether the operator's service is up")
    }
  }
}
