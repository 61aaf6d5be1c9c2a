import ArgumentParser

/// `dertelemetryd version`.
struct Version: ParsableCommand {
  static let number = "0.1.0"

  static let configuration = CommandConfiguration(
    abstract: "Print the version.", discussion: "Example: dertelemetryd version")

  func run() { print("dertelemetryd \(Self.number)") }
}
