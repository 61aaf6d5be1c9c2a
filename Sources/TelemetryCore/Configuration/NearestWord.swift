/// Finds what a person probably meant to type.
enum NearestWord {
  /// Words longer than this are nobody's slip of the finger, and the bound keeps the search cheap.
  private static let lengthLimit = 40

  /// The nearest of some words, nil where none is near: at most one edit in three letters.
  static func find(_ word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.utf8)
    guard letters.count <= lengthLimit else { return nil }
    let measured = candidates.filter { $0.utf8.count <= lengthLimit }
      .map { (word: $0, distance: distance(letters, Array($0.utf8))) }
    // Ties go to the first in the alphabet, so that the same file always gets the same answer.
    let nearest = measured.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    return nearest.flatMap { $0.distance <= max(1, letters.count / 3) ? $0.word : nil }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that make one word of the other.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var rows = [Array(0...right.count)]
    for i in 1...left.count {
      var row = [i]
      for j in 1...right.count {
        let substitution = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
        var best = min(substitution, rows[i - 1][j] + 1, row[j - 1] + 1)
        let isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]
        if isSwap { best = min(best, rows[i - 2][j - 2] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
