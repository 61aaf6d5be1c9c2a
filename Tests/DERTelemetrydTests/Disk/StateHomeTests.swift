import Testing

@testable import DERTelemetryd

@Suite struct StateHomeTests {
  /// The folder keeps its number here, as it may after a restore.
  @Test func whatWasRestoredIsAnotherHomeThoughItsFolderHasTheSameNumber() throws {
    let folder = TemporaryDirectory()
    _ = try StateDirectory(locking: folder.path)
    let before = StateHome.text(of: folder.path)
    // Without a machine ID there is nothing to tell by, and nothing is called a copy.
    guard !before.isEmpty else { return }
    #expect(StateHome.text(of: folder.path) == before)
    try FileSystem.publish(StateHome.newMark(), as: StateHome.markName, in: folder.path)
    let after = StateHome.text(of: folder.path)
    #expect(!after.isEmpty && after != before)
    #expect(StateHome.text(of: folder.path) == after)
  }
}
