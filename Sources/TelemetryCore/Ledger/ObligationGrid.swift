/// Obligations by their place on the grid, from 0.
///
/// Kept in pages, so that a place far away takes the memory of one page and not of everything before it. A page in which
/// everything is settled for good is folded: what remains of it is in ``folded``.
struct ObligationGrid: Hashable, Sendable {
  /// A page is folded as a whole a day after its last interval: short ones, so that little waits for that.
  static let pageLength = 64

  private(set) var pages: [Int: [Obligation]] = [:]
  private(set) var folded = FoldedIntervals()
  /// Pages that would be folded if a reader had not asked for them.
  private var settledPages: Set<Int> = []

  init() {}

  /// From what a checkpoint keeps; each page as long as a page is.
  init(pages: [Int: [Obligation]], folded: FoldedIntervals) {
    self.pages = pages.filter { $1.count == Self.pageLength }
    self.folded = folded
  }

  static func places(of page: Int) -> ClosedRange<Int> { page * pageLength...(page + 1) * pageLength - 1 }

  subscript(_ place: Int) -> Obligation {
    get { pages[place / Self.pageLength]?[place % Self.pageLength] ?? folded.obligation(place) }
    set {
      pages[place / Self.pageLength, default: Array(repeating: Obligation(), count: Self.pageLength)][
        place % Self.pageLength] = newValue
    }
  }

  func isFolded(_ place: Int) -> Bool { pages[place / Self.pageLength] == nil && folded.contains(place) }

  func isSettled(_ place: Int) -> Bool { settledPages.contains(place / Self.pageLength) || isFolded(place) }

  /// Every place of every page that is not folded, in order.
  func forEach(_ visit: (Int, Obligation) -> Void) {
    for page in pages.keys.sorted() {
      for (index, obligation) in (pages[page] ?? []).enumerated() {
        visit(page * Self.pageLength + index, obligation)
      }
    }
  }

  mutating func noteSettled(_ page: Int) { settledPages.insert(page) }

  /// Keeps of a page what ``FoldedIntervals`` keeps; `unit` tells the unit of each place's value.
  mutating func fold(_ page: Int, unit: (Int) -> WireUnit?) {
    guard let obligations = pages.removeValue(forKey: page) else { return }
    for (place, obligation) in zip(Self.places(of: page), obligations) {
      folded.add(obligation, at: place, in: obligation.revision > 0 ? unit(place) : nil)
    }
  }
}
