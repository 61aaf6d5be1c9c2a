import ArgumentParser
import TelemetrySimulation

/// `dersim prove`: a log of which every bit is flipped, every byte is the last one and every sector is garbage, in turn.
struct ProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract:
      "Flip each bit of a log, cut it at each byte, destroy each sector: one frame at most is lost, and it is named.",
    discussion: """
      Exit status: 0 proven, 1 not.

      Example: dersim prove --bytes 65536
      """)

  @Option(help: "The size of the log.")
  var bytes = 64 << 10

  @Option(help: "Try one bit and one cut in so many.")
  var stride = 1

  func validate() throws {
    guard (1_024...1 << 22).contains(bytes) else { throw ValidationError("--bytes \(bytes): expected 1024 to 4194304") }
    guard stride > 0 else { throw ValidationError("--stride \(stride): expected 1 or more") }
  }

  func run() throws {
    let began = ContinuousClock.now
    let report = LogProof(byteCount: bytes, seed: 64).run(bitStride: stride, cutStride: stride)
    print(
      "a log of \(report.logByteCount) bytes and \(report.frameCount) frames: \(report.flips) bits flipped, "
        + "\(report.cuts) cuts, \(report.sectors) sectors destroyed, \(report.refusedSectors) refused, \(report.mostFramesLost) frame lost at most, "
        + "in \(ContinuousClock.now - began)")
    report.violations.forEach { print("  broken: \($0)") }
    if !report.violations.isEmpty { throw ExitCode(1) }
  }
}
