package import TelemetryCore

/// A disk that does at a power cut what disks may do, all from one seed.
///
/// Files are made of sectors of 512 bytes, and written by pages of eight. What was not synced is, each sector by itself, on
/// the medium, or not, or in a disk of the worst kind garbage, and there so may be the other sectors of a page that was
/// being written; a file may have its new size before its new bytes; each created or renamed name that was
/// not synced is there or not. A sector may be refused from some moment on until its page is written whole: reads give a
/// mark for its page. Reads give what was written, as through a page cache. A reference, so that a test can
/// reach the disk that a log has taken.
package final class FaultyDisk: LogDisk {
  package static let sectorByteCount = 512
  private static let sectorsPerPage = 8

  /// How bad it is.
  package struct Faults: Hashable, Sendable {
    /// Unsynced sectors may be garbage after a power cut, and so may those that were only written again with them.
    package var leavesGarbage = false
    /// A write, a sync or a directory's sync fails, one time in so many; 0 for never.
    ///
    /// A failed sync takes the pages for clean, as Linux does: they are readable, and not on the medium.
    package var failsOneIn = 0
    /// The process dies at this operation from now on that changes something, counted from 1; 0 for never.
    package var stopsAtOperation = 0
    /// Bytes that the files together may take; writes beyond fail for want of space.
    package var capacity = Int.max
    /// The next write lands so many bytes further on, and the disk reports success; 0 for where it belongs.
    package var strayBy = 0

    package init() {}
  }

  private struct File {
    var bytes: [UInt8] = []
    var durable: [UInt8] = []
    /// Sectors that were written and not synced.
    var unsynced: Set<Int> = []
    /// Sectors that cannot be read.
    var refused: Set<Int> = []
    /// What is written when these are: all sectors of their pages.
    var rewritten: Set<Int> {
      Set(
        unsynced.flatMap { sector in
          let first = sector / FaultyDisk.sectorsPerPage * FaultyDisk.sectorsPerPage
          return first..<(first + FaultyDisk.sectorsPerPage)
        })
    }
  }

  package var faults = Faults()
  /// The room that it shares with others; nil where it has its own.
  package var volume: MemoryVolume? { didSet { noteUse() } }
  private var random: SeededRandom
  private var files: [File] = []
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  package private(set) var quarantined: [String: [UInt8]] = [:]
  package private(set) var syncCount = 0
  /// Operations that change something.
  package private(set) var operationCount = 0
  package private(set) var writtenByteCount = 0

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// The same disk in another world: what happens to one does not happen to the other.
  package init(copying other: FaultyDisk, seed: UInt64) {
    random = SeededRandom(seed: seed)
    (files, names, durableNames) = (other.files, other.names, other.durableNames)
    (quarantined, faults) = (other.quarantined, other.faults)
  }

  // MARK: Power cuts and rot

  /// The unsynced sectors of all files, and the names whose change was not synced, in an order of their own.
  package var undecided: Int { undecidedSectors.count + undecidedNames.count }

  private var undecidedSectors: [(file: Int, sector: Int)] {
    files.indices.flatMap { file in files[file].unsynced.sorted().map { (file, $0) } }
  }

  private var undecidedNames: [String] {
    Set(names.keys).union(durableNames.keys).filter { names[$0] != durableNames[$0] }.sorted()
  }

  /// A power cut in which every undecided thing came to the medium or did not, as the bits of a number say.
  package func cutPower(keeping choice: UInt64) {
    var bit: UInt64 = 1
    for (file, sector) in undecidedSectors {
      if choice & bit != 0 { keep(sector, of: file) }
      bit <<= 1
    }
    for name in undecidedNames {
      if choice & bit != 0 { durableNames[name] = names[name] }
      bit <<= 1
    }
    restart()
  }

  /// A power cut in which chance decides.
  package func cutPower() {
    for (file, sector) in undecidedSectors {
      switch Int.random(in: 0..<(faults.leavesGarbage ? 6 : 4), using: &random) {
      case 0, 1: keep(sector, of: file)
      case 2: grow(file, through: sector)
      case 3: break
      default:
        grow(file, through: sector)
        destroy(sector, of: file)
      }
    }
    if faults.leavesGarbage {
      for file in files.indices {
        let others = files[file].rewritten.subtracting(files[file].unsynced).sorted()
        for sector in others where Int.random(in: 0..<3, using: &random) == 0 { destroy(sector, of: file) }
      }
    }
    for name in undecidedNames where Bool.random(using: &random) { durableNames[name] = names[name] }
    restart()
  }

  /// Flips a bit of what is on the medium; nil when there is none.
  package func rot() -> String? {
    let candidates = names.keys.sorted().filter { names[$0].map { !files[$0].durable.isEmpty } ?? false }
    guard let name = candidates.randomElement(using: &random), let file = names[name] else { return nil }
    let byte = Int.random(in: 0..<files[file].durable.count, using: &random)
    let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
    files[file].durable[byte] ^= bit
    if byte < files[file].bytes.count { files[file].bytes[byte] ^= bit }
    return name
  }

  /// From now on the device refuses to read a sector of a file, which is there.
  package func refuse(_ sector: Int, of name: String) {
    if let file = names[name] { files[file].refused.insert(sector) }
  }

  /// Puts a file there as if it had always been.
  package func place(_ bytes: [UInt8], as name: String) {
    files.append(File(bytes: bytes, durable: bytes))
    names[name] = files.count - 1
    durableNames[name] = files.count - 1
  }

  /// The page of a sector, in bytes.
  package static func page(of sector: Int) -> Range<Int> {
    let start = sector / sectorsPerPage * sectorsPerPage * sectorByteCount
    return start..<(start + sectorsPerPage * sectorByteCount)
  }

  /// The kernel reads a page before it changes a part of it.
  private func change(_ range: Range<Int>, of file: Int, _ operation: LogDiskError.Operation) throws(LogDiskError) {
    let end = max(range.upperBound, files[file].bytes.count)
    for sector in files[file].refused {
      let page = Self.page(of: sector)
      guard page.overlaps(range) else { continue }
      guard range.lowerBound <= page.lowerBound, range.upperBound >= min(page.upperBound, end) else {
        throw LogDiskError(operation, path: "", cause: .other, reason: "Input/output error")
      }
      files[file].refused.remove(sector)
    }
  }

  private func keep(_ sector: Int, of file: Int) {
    grow(file, through: sector)
    let range = sectorRange(sector, min(files[file].durable.count, files[file].bytes.count))
    files[file].durable.replaceSubrange(range, with: files[file].bytes[range])
  }

  private func destroy(_ sector: Int, of file: Int) {
    let range = sectorRange(sector, files[file].durable.count)
    files[file].durable.replaceSubrange(range, with: random.bytes(count: range.count))
  }

  /// The new size may be there before the new bytes are, which then are zeros.
  private func grow(_ file: Int, through sector: Int) {
    let end = min((sector + 1) * Self.sectorByteCount, files[file].bytes.count)
    let missing = end - files[file].durable.count
    if missing > 0 { files[file].durable += [UInt8](repeating: 0, count: missing) }
  }

  private func sectorRange(_ sector: Int, _ byteCount: Int) -> Range<Int> {
    let start = sector * Self.sectorByteCount
    return min(start, byteCount)..<min(start + Self.sectorByteCount, byteCount)
  }

  private func restart() {
    names = durableNames
    for index in files.indices {
      files[index].bytes = files[index].durable
      files[index].unsynced = []
    }
    noteUse()
  }

  // MARK: What the log asks of it

  package func list() throws(LogDiskError) -> [String] { [String](names.keys) }

  package func byteCount(of name: String) throws(LogDiskError) -> Int { files[try index(.measure, name)].bytes.count }

  package func read(_ name: String, _ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    let file = files[try index(.read, name)]
    let wanted = range.clamped(to: 0..<file.bytes.count)
    var bytes = [UInt8](file.bytes[wanted])
    for sector in file.refused {
      let page = Self.page(of: sector).clamped(to: wanted)
      let range = (page.lowerBound - wanted.lowerBound)..<(page.upperBound - wanted.lowerBound)
      bytes.replaceSubrange(range, with: UnreadableBlock.bytes(page))
    }
    return bytes
  }

  package func create(_ name: String) throws(LogDiskError) {
    try mayFail(.create, name)
    files.append(File())
    names[name] = files.count - 1
    noteUse()
  }

  package func write(_ bytes: [UInt8], to name: String, at offset: Int) throws(LogDiskError) {
    let file = try index(.write, name)
    let grown = max(0, offset + bytes.count - files[file].bytes.count)
    guard usedByteCount + grown <= faults.capacity, grown <= volume?.freeByteCount ?? .max else {
      store(bytes.prefix(bytes.count / 2), file, offset)
      throw LogDiskError(.write, path: name, cause: .noSpace, reason: "No space left on device")
    }
    do throws(LogDiskError) {
      try mayFail(.write, name)
    } catch {
      store(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)), file, offset)
      throw error
    }
    let place = offset + strayBy(of: file, offset)
    try change(place..<(place + bytes.count), of: file, .write)
    store(bytes[...], file, place)
  }

  /// Where a write lands, relative to where it should: once, and never before the beginning of the file.
  private func strayBy(of file: Int, _ offset: Int) -> Int {
    defer { faults.strayBy = 0 }
    return max(faults.strayBy, -offset)
  }

  package func sync(_ name: String) throws(LogDiskError) {
    let file = try index(.sync, name)
    syncCount += 1
    let isKilled = faults.stopsAtOperation > 0
    do throws(LogDiskError) {
      try mayFail(.sync, name)
    } catch {
      if !isKilled { files[file].unsynced = [] }
      throw error
    }
    files[file].durable = files[file].bytes
    files[file].unsynced = []
  }

  package func rename(_ name: String, to newName: String) throws(LogDiskError) {
    try mayFail(.rename, name)
    names[newName] = try index(.rename, name)
    names[name] = nil
    noteUse()
  }

  package func remove(_ name: String) throws(LogDiskError) {
    try mayFail(.remove, name)
    _ = try index(.remove, name)
    names[name] = nil
    noteUse()
  }

  package func truncate(_ name: String, to byteCount: Int) throws(LogDiskError) {
    try mayFail(.truncate, name)
    let file = try index(.truncate, name)
    let before = files[file].bytes
    try change(byteCount..<max(byteCount, before.count), of: file, .truncate)
    files[file].bytes = [UInt8](before.prefix(byteCount))
    if before.count < byteCount { files[file].bytes += [UInt8](repeating: 0, count: byteCount - before.count) }
    let touched =
      min(byteCount, before.count) / Self.sectorByteCount...max(byteCount, before.count) / Self.sectorByteCount
    files[file].unsynced.formUnion(touched)
    noteUse()
  }

  package func syncDirectory() throws(LogDiskError) {
    try mayFail(.syncDirectory, "")
    durableNames = names
  }

  package func quarantine(_ bytes: [UInt8], as name: String) throws(LogDiskError) {
    try mayFail(.quarantine, name)
    quarantined[name] = quarantined[name] ?? bytes
  }

  package func freeByteCount() throws(LogDiskError) -> Int? { volume.map { max(0, $0.freeByteCount) } }

  private var usedByteCount: Int { names.values.reduce(0) { $0 + files[$1].bytes.count } }

  private func noteUse() { volume?.note(self, usedByteCount: usedByteCount) }

  private func store(_ bytes: ArraySlice<UInt8>, _ file: Int, _ offset: Int) {
    guard !bytes.isEmpty else { return }
    let end = offset + bytes.count
    let missing = end - files[file].bytes.count
    if missing > 0 { files[file].bytes += [UInt8](repeating: 0, count: missing) }
    files[file].bytes.replaceSubrange(offset..<end, with: bytes)
    files[file].unsynced.formUnion(offset / Self.sectorByteCount...(end - 1) / Self.sectorByteCount)
    writtenByteCount += bytes.count
    if missing > 0 { noteUse() }
  }

  private func mayFail(_ operation: LogDiskError.Operation, _ name: String) throws(LogDiskError) {
    operationCount += 1
    if faults.stopsAtOperation > 0, operationCount >= faults.stopsAtOperation {
      throw LogDiskError(operation, path: name, cause: .other, reason: "the process was killed")
    }
    guard faults.failsOneIn > 0, Int.random(in: 0..<faults.failsOneIn, using: &random) == 0 else { return }
    throw LogDiskError(operation, path: name, cause: .other, reason: "Input/output error")
  }

  private func index(_ operation: LogDiskError.Operation, _ name: String) throws(LogDiskError) -> Int {
    guard let index = names[name] else {
      throw LogDiskError(operation, path: name, cause: .noSuchFile, reason: "No such file or directory")
    }
    return index
  }
}
