import ArgumentParser
import AsyncHTTPClient
import CSystemd
import Crypto
import Logging
import NIOHTTP1
import NIOSSL
import X509

@main
struct Main: ParsableCommand {
  func run() { print("ok") }
}
