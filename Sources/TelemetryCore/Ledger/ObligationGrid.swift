/// Obligations by their place on the grid, from 0.
///
/// Kept in pages, so that a place far away takes the memory of one page and not of everything before it.
struct ObligationGrid: Hashable, Sendable {
  private static let pageLength = 256

  private var pages: [Int: [Obligation]] = [:]

  subscript(_ place: Int) -> Obligation {
    get { pages[place / Self.pageLength]?[place % Self.pageLength] ?? Obligation() }
    set {
      pages[place / Self.pageLength, default: Array(repeating: Obligation(), count: Self.pageLength)][
        place % Self.pageLength] = newValue
    }
  }

  /// Every place of every page, in order.
  func forEach(_ visit: (Int, Obligation) -> Void) {
    for page in pages.keys.sorted() {
      for (index, obligation) in (pages[page] ?? []).enumerated() {
        visit(page * Self.pageLength + index, obligation)
      }
    }
  }
}
