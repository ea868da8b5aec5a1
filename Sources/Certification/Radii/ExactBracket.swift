import CertificateRecords
import Numbers

/// The two ends of an exact radius: the largest that is proved, and the distance of the nearest checked
/// counterexample. What is proved at one size is proved at every smaller one, so each end only moves
/// towards the other.
package struct ExactBracket {
  /// A size that is proved.
  package private(set) var proved: Numeral
  /// The smallest margin there, by bounds; -infinity where a search proved it.
  private var margin: Double
  /// The distance of the nearest counterexample, rounded up.
  package private(set) var found: Double?
  /// The smallest size above `proved` that was tried and left open, and the least that is known there.
  package private(set) var open: (size: Double, bound: Double, reason: SearchRecord.Reason)?
  let tolerance: Double
  let cap: Numeral

  package init(proved: Numeral, margin: Double, tolerance: Double, cap: Numeral) {
    (self.proved, self.margin, self.tolerance, self.cap) = (proved, margin, tolerance, cap)
  }

  package mutating func prove(_ size: Numeral, _ margin: Double = -.infinity) {
    guard size > proved else { return }
    (proved, self.margin) = (size, margin)
    if let open, open.size <= size.upper { self.open = nil }
  }

  package mutating func find(_ distance: Double) {
    found = min(found ?? .infinity, distance)
    // Nothing is open where something is found.
    if let open, let found, found <= open.size { self.open = nil }
  }

  package mutating func leave(_ size: Numeral, _ bound: Double, _ reason: SearchRecord.Reason) {
    guard size > proved, size.nearest < open?.size ?? .infinity else { return }
    open = (size.nearest, bound, reason)
  }

  /// Whether the largest size that was asked for is proved.
  package var isCapped: Bool { proved >= cap && cap > .zero }

  /// Whether the ends are as close as was asked for, as printed: the upper one rounded up.
  package var isClosed: Bool {
    guard let found else { return isCapped }
    return isCapped || isNarrow(found * (1 + 2e-8))
  }

  func isNarrow(_ end: Double) -> Bool { end - proved.lower <= tolerance * proved.lower }

  /// The next size to be proved; nil where the bracket is closed, or nothing that is left to try would
  /// move its lower end by much.
  package func next() -> Numeral? {
    if isClosed { return nil }
    guard let open else {
      // As near to the counterexample as need be, and no nearer: the last step is the hardest.
      let goal = found.map { $0 / (1 + 0.95 * tolerance) }
      return above(.decimal(notAbove: min(goal ?? .infinity, cap.nearest)))
    }
    guard open.size - proved.nearest > tolerance * proved.nearest, open.size > 1e-12 else {
      return nil
    }
    let size = proved.nearest + (open.size - proved.nearest) * part(open)
    return above(.decimal(notAbove: size))
  }

  private func above(_ size: Numeral) -> Numeral? { size > proved ? size : nil }

  /// Where between what is proved and what is open: along the secant where both margins are known, else
  /// in the middle; orders of magnitude are halved before lengths are.
  private func part(_ open: (size: Double, bound: Double, reason: SearchRecord.Reason)) -> Double {
    if proved == .zero { return 1 / 16 }
    let (low, high) = (proved.nearest, open.size)
    if high > 4 * low { return ((low * high).squareRoot() - low) / (high - low) }
    guard margin > 0, margin.isFinite, open.bound < 0, open.bound.isFinite else { return 0.5 }
    return min(max(margin / (margin - open.bound), 0.25), 0.75)
  }
}
