import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd schedule submit`.
struct ScheduleSubmit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract:
      "Submit day-ahead schedules to SIBR or a coordinator's gateway, and follow them until they are valid or not.",
    discussion: """
      Each resource and trade date goes out by itself: to SIBR as a RawBidSet, to the gateway that market.yaml names as a \
      JSON transaction. What is sent and answered is kept byte for byte under \
      schedules/ in the state directory, whether the service runs or not. The same schedule again sends nothing, and \
      goes on with what is open; a changed one is a new revision. An answer that was lost is asked for before anything is \
      sent again. The profile sibr or gateway says how; nobody has run the shipped ones against a receiver that is not ours.

      Exit status: 0 valid, or the same was valid before, 64 usage, 65 something stands in the way and nothing was sent, or \
      the receiver refuses it, 69 not reached, or no time zone database, 74 disk, 75 not known yet: run the same again; or \
      another command is submitting, 78 market.yaml, the identity or the profile cannot be used.

      Example: dertelemetryd schedule submit --show schedule.yaml
      """)

  @OptionGroup var options: ScheduleOptions

  @Option(help: "To whom: sibr or gateway; needed only where market.yaml has both.")
  var through: BidRoute?

  @Flag(help: "Print what would be sent, and send and change nothing.")
  var show = false

  @Flag(help: "Submit once more what the receiver refused, as a new revision.")
  var again = false

  func validate() throws {
    guard options.at != nil, !show else { return }
    throw ValidationError("--at stands only beside --show: what is submitted is judged by the clock")
  }

  func run() async throws {
    let settings = try options.configuration.settings()
    let market = try MarketFile.load(beside: options.configuration.path)
    let receiver = try ScheduleReceiver(market, through: through, beside: options.configuration.path)
    let identity = show ? nil : try receiver.identity()
    let state = settings.stateDirectory
    let known = try reading { () throws(LogDiskError) in try ScheduleStore.read(stateDirectory: state) } ?? .init()
    let judged = try options.judge { schedule in
      if case .same = known.decide(schedule, again: false) { true } else { false }
    }
    guard judged.problems.isEmpty else {
      StandardError.write(judged.problems.scheduleReport)
      throw ExitStatus.data.exitCode
    }
    let form = try receiver.form()
    guard !show else { return try present(judged, form, known) }
    let channel = try receiver.carrier(form, as: identity)
    let store = try reading { () throws(LogDiskError) in try ScheduleStore(stateDirectory: state) }
    let submitting = ScheduleSubmitting(
      store: store, channel: channel, judged: judged, form: form, again: again)
    let outcomes = try await submitting.run()
    for outcome in outcomes { print(outcome.text) }
    let worst = outcomes.map(\.status).max { $0.weight < $1.weight }
    if let worst, worst != .success { throw worst.exitCode }
  }

  private func reading<Value>(_ work: () throws(LogDiskError) -> Value) throws(ExitCode) -> Value {
    do throws(LogDiskError) {
      return try work()
    } catch {
      StandardError.write("\(error)\n")
      throw (error.cause == .busy ? ExitStatus.temporary : ExitStatus.inputOutput).exitCode
    }
  }

  /// What would be sent, one payload after the other.
  private func present(_ judged: ScheduleOptions.Judged, _ form: BidForm, _ known: ScheduleLedger) throws {
    for schedule in judged.schedules {
      guard let coordinator = judged.coordinators[schedule.resource] else { continue }
      let name = "\(schedule.resource) \(schedule.tradeDate)"
      switch known.decide(schedule, again: again) {
      case .same(let id): StandardError.write("\(name): revision \(id.revision) is the same: nothing would be sent\n")
      case .refused(let id):
        StandardError.write("\(name): revision \(id.revision) is the same and was refused: see --again\n")
      case .after(let id):
        StandardError.write("\(name): would be sent once revision \(id.revision) has come to its end\n")
      case .submit(let id):
        StandardError.write("\(name): would be sent as revision \(id.revision)\n")
        let payload = form.payload(
          of: schedule, coordinator: coordinator, created: judged.now, revision: id.revision)
        try WholeFile.write(payload + (payload.last == 0x0A ? [] : [0x0A]), to: nil)
      }
    }
  }
}

extension ExitStatus {
  /// What a person must know of first.
  fileprivate var weight: Int {
    switch self {
    case .success: 0
    case .temporary: 1
    case .unavailable: 2
    default: 3
    }
  }
}
