import ArgumentParser
import Crypto
import NIOHTTP1
import NIOSSL
import X509

@main
struct Main: ParsableCommand {
  func run() { print("ok") }
}
