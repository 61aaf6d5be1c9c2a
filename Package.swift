// swift-tools-version: 6.3
import PackageDescription

/// `CORE_ONLY=1 swift test` builds and tests the core alone: no dependency is fetched or compiled.
let coreOnly = Context.environment["CORE_ONLY"] != nil

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Hundreds of days are simulated in the tests: the core is optimised in them too.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let core: [Target] = [
  .target(name: "TelemetryCore", swiftSettings: strict + fast + [.strictMemorySafety()]),
  .target(name: "TelemetrySimulation", dependencies: ["TelemetryCore"], swiftSettings: strict + fast),
  .target(name: "MarketCore", dependencies: ["TelemetryCore"], swiftSettings: strict + [.strictMemorySafety()]),
  .testTarget(name: "MarketCoreTests", dependencies: ["MarketCore", "TelemetryCore"], swiftSettings: strict),
  .testTarget(
    name: "TelemetryCoreTests", dependencies: ["TelemetryCore", "TelemetrySimulation"], swiftSettings: strict),
]

let systemLibraries: [Target] = [
  .systemLibrary(
    name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
  .systemLibrary(
    name: "CXMLSec", pkgConfig: "xmlsec1-openssl", providers: [.apt(["libxmlsec1-dev"])]),
  .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

let whole: [Target] = [
  .target(
    name: "SignedXML", dependencies: ["CXMLSec", "CZlib"], swiftSettings: strict),
  .target(
    name: "MarketFiles", dependencies: ["CArchive", "CSQLite", "MarketCore", "TelemetryCore"], swiftSettings: strict),
  .testTarget(name: "MarketFilesTests", dependencies: ["MarketFiles", "MarketCore"], swiftSettings: strict),
  .target(
    name: "Settings",
    dependencies: ["TelemetryCore", .product(name: "Yams", package: "Yams")],
    swiftSettings: strict),
  .executableTarget(
    name: "DERTelemetryd",
    dependencies: [
      "CSystemd", "TelemetryCore", "MarketCore", "MarketFiles", "SignedXML", "Settings",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "X509", package: "swift-certificates"),
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "DERSimulator",
    dependencies: [
      "TelemetryCore", "TelemetrySimulation", "MarketCore", "MarketFiles", "SignedXML", "Settings",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "SwiftASN1", package: "swift-asn1"),
      .product(name: "X509", package: "swift-certificates"),
    ],
    swiftSettings: strict),
  .testTarget(
    name: "DERSimulatorTests",
    dependencies: [
      "DERSimulator", "TelemetryCore", "SignedXML", "Settings",
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ],
    swiftSettings: strict),
  .testTarget(name: "SignedXMLTests", dependencies: ["SignedXML"], swiftSettings: strict),
  .testTarget(
    name: "DERTelemetrydTests",
    dependencies: [
      "DERTelemetryd", "TelemetryCore", "MarketCore", "TelemetrySimulation", "SignedXML", "Settings",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ],
    swiftSettings: strict),
]

let package = Package(
  name: "DERTelemetryd",
  products: coreOnly
    ? []
    : [
      .executable(name: "dertelemetryd", targets: ["DERTelemetryd"]),
      .executable(name: "dersim", targets: ["DERSimulator"]),
    ],
  dependencies: coreOnly
    ? []
    : [
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
      .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
      .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
      .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
      .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
      .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
      .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
      .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
      .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
  targets: coreOnly ? core : systemLibraries + core + whole,
  swiftLanguageModes: [.v6]
)
