import Foundation
import MarketCore
import MarketFiles
import Testing

@Suite struct ZipArchiveTests {
  private static func member(_ name: String, _ text: String) -> OASISReply.Member {
    OASISReply.Member(name: name, bytes: Array(text.utf8))
  }

  private static let members = [member("a.csv", String(repeating: "A,B\n1,2\n", count: 500)), member("b.xml", "<b/>")]

  private static func problem(_ bytes: [UInt8], _ limits: ZipArchive.Limits = .standard) throws -> String {
    try #require(throws: ZipArchive.Problem.self) { try ZipArchive.members(of: bytes, limits: limits) }.description
  }

  @Test func whatIsWrittenIsRead() throws {
    let bytes = try ZipArchive.bytes(of: Self.members)
    #expect(ZipArchive.isZip(bytes) && bytes.count < 1_000)
    #expect(try ZipArchive.members(of: bytes) == Self.members)
    #expect(try ZipArchive.bytes(of: Self.members) == bytes)
  }

  /// Info-ZIP and Python are not ours.
  @Test(arguments: [
    "zip -q out.zip a.csv b.csv", "zip -q -0 out.zip a.csv b.csv",
    "cat a.csv | zip -q out.zip - && zip -q out.zip b.csv",
    "python3 -m zipfile -c out.zip a.csv b.csv",
  ])
  func archivesOfOthersAreRead(_ command: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "zip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(at: folder) }  // what stays behind harms no test
    try Data("A,B\n1,2\n".utf8).write(to: folder.appending(path: "a.csv"))
    try Data("C,D\n3,4\n".utf8).write(to: folder.appending(path: "b.csv"))
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let bytes = Array(try Data(contentsOf: folder.appending(path: "out.zip")))
    let texts = try ZipArchive.members(of: bytes).map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(texts == ["A,B\n1,2\n", "C,D\n3,4\n"])
  }

  @Test func noTruncationIsTakenForAnArchive() throws {
    let bytes = try ZipArchive.bytes(of: Self.members)
    for length in 0..<bytes.count {
      #expect(throws: ZipArchive.Problem.self) { try ZipArchive.members(of: Array(bytes[..<length])) }
    }
  }

  @Test func noFlippedBitChangesWhatIsReadUnseen() throws {
    let bytes = try ZipArchive.bytes(of: Self.members)
    var caught = 0
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      do {
        // A bit of a date or of a name may change: what a member holds never.
        let read = try ZipArchive.members(of: changed)
        #expect(read.map(\.bytes) == Self.members.map(\.bytes), "bit \(bit)")
      } catch {
        caught += 1
      }
    }
    #expect(caught > bytes.count)
  }

  @Test func aBombIsStoppedAtItsLimit() throws {
    let bomb = try ZipArchive.bytes(of: [Self.member("bomb", String(repeating: "0", count: 4 << 20))])
    #expect(bomb.count < 10_000)
    let limits = ZipArchive.Limits(archiveByteCount: 1 << 20, memberByteCount: 1 << 20, memberCount: 2)
    #expect(try Self.problem(bomb, limits) == "its members are larger than 1048576 bytes together")
    let many = try ZipArchive.bytes(of: (0..<3).map { Self.member("m\($0)", "x") })
    #expect(try Self.problem(many, limits) == "it has more than 2 members")
    let small = ZipArchive.Limits(archiveByteCount: 10, memberByteCount: 1, memberCount: 1)
    #expect(try Self.problem(bomb, small) == "it is larger than 10 bytes")
  }

  @Test(arguments: ["../evil", "/etc/evil", "a/../../evil", "..\\evil"])
  func aNameThatLeadsOutIsRefused(_ name: String) throws {
    // Of the same length, since a writer may refuse to write such a name itself.
    let plain = String(repeating: "n", count: name.utf8.count)
    var bytes = try ZipArchive.bytes(of: [Self.member(plain, "x")])
    while let place = bytes.firstRange(of: Array(plain.utf8)) { bytes.replaceSubrange(place, with: Array(name.utf8)) }
    #expect(try Self.problem(bytes) == "a member's name leads out of the archive")
  }
}
