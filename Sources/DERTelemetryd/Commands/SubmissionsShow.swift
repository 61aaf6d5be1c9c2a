import ArgumentParser
import TelemetryCore

/// One submission, or what was sent and answered, byte for byte.
struct SubmissionsShow: ParsableCommand {
  enum Part: String, EnumerableFlag {
    case request, answer, payload, status

    static func help(for value: Self) -> ArgumentHelp? {
      switch value {
      case .request: "The signed message of an attempt."
      case .answer: "The operator's answer to an attempt."
      case .payload: "What was submitted, before compression and signature."
      case .status: "The operator's answer that says what became of the batch."
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one submission, or print what was sent or answered.",
    discussion: """
      What is printed is what the ledger has the digest of; anything else is not printed.

      Exit status: 0, 1 no such submission, 64 usage, 65 the file is gone, damaged or not what the ledger says, 69 no ledger \
      yet or nothing of the kind came, 74 the disk failed, 78 the configuration is not valid.

      Example: dertelemetryd submissions show 20261123T080510Z-17 --request --attempt 1
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Argument(help: "The submission.")
  var id: String

  @Flag(exclusivity: .exclusive)
  var part: Part?

  @Option(help: "Which attempt, from 1; otherwise the last.")
  var attempt: Int?

  @Flag(help: "Print the submission as JSON on standard output.")
  var json = false

  func validate() throws {
    guard attempt == nil || part == .request || part == .answer else {
      throw ValidationError("--attempt goes with --request or --answer")
    }
    guard part == nil || !json else { throw ValidationError("--json goes without --\(part?.rawValue ?? "")") }
  }

  func run() throws {
    let settings = try configuration.settings()
    guard let story = try Submissions.history(of: settings)[SubmissionID(id)] else {
      throw fail("submission \(id.controlsEscaped): there is none", ExitCode(1))
    }
    guard let part else {
      let report = SubmissionReport(story)
      return try write(Array((json ? try JSONText.of(report) : report.text).utf8) + [0x0A])
    }
    guard let (file, digest) = try kept(part, of: story) else {
      throw fail("submission \(id.controlsEscaped): no \(part.rawValue) has come", ExitStatus.unavailable.exitCode)
    }
    try write(try bytes(file, digest, of: story, in: StateDirectory.evidence(of: settings.stateDirectory)))
  }

  /// The file and its digest; nil where the ledger has none.
  private func kept(_ part: Part, of story: SubmissionStory) throws(ExitCode) -> (EvidenceFile, Digest)? {
    switch part {
    case .payload: return (.payload, story.payloadDigest)
    case .status: return story.statusDigest.map { (.status, $0) }
    case .request: return try chosen(story).map { (.envelope(attempt: $0.number), $0.envelopeDigest) }
    case .answer:
      let chosen = try chosen(story)
      return chosen?.answerDigest.map { (.answer(attempt: chosen?.number ?? 0), $0) }
    }
  }

  private func chosen(_ story: SubmissionStory) throws(ExitCode) -> SubmissionStory.Attempt? {
    guard let attempt else { return story.attempts.last }
    guard let found = story.attempts.first(where: { $0.number == attempt }) else {
      throw fail(
        "submission \(id.controlsEscaped): there is no attempt \(attempt), only \(story.attempts.count)", ExitCode(1))
    }
    return found
  }

  private func bytes(
    _ file: EvidenceFile, _ digest: Digest, of story: SubmissionStory, in evidence: EvidenceStore
  ) throws(ExitCode) -> [UInt8] {
    let submission = Pipeline.StoredSubmission(id: story.id, created: story.created)
    let bytes: [UInt8]
    do throws(LogDiskError) {
      bytes = try evidence.read(file, of: submission)
    } catch {
      throw fail("\(error)", ([.noSuchFile, .damaged].contains(error.cause) ? ExitStatus.data : .inputOutput).exitCode)
    }
    guard MeteringChannel.digest(bytes) == digest else {
      throw fail("\(file.name): it is not what the ledger has the digest of: \(digest.text)", ExitStatus.data.exitCode)
    }
    return bytes
  }

  private func write(_ bytes: [UInt8]) throws(ExitCode) {
    guard StandardOutput.write(bytes) else { throw ExitStatus.inputOutput.exitCode }
  }

  private func fail(_ sentence: String, _ code: ExitCode) -> ExitCode {
    StandardError.write("\(sentence)\n")
    return code
  }
}
