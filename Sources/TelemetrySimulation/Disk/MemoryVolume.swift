/// The room that some disks in memory share, as folders of one file system do.
package final class MemoryVolume {
  /// Bytes.
  package var capacity: Int
  private var used: [ObjectIdentifier: Int] = [:]

  package init(capacity: Int) { self.capacity = capacity }

  package var freeByteCount: Int { capacity - used.values.reduce(0, +) }

  func note(_ disk: AnyObject, usedByteCount: Int) { used[ObjectIdentifier(disk)] = usedByteCount }
}
