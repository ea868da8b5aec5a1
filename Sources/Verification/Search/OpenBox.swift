/// A part of a question's box that is still to be decided.
struct OpenBox: Sendable {
  var region: InputRegion
  /// The conjunctions that may be met somewhere in it.
  var open: [Int]
  /// How often the question's box was split to get it.
  var depth: Int
}

/// What came out of bounding one box.
enum BoxOutcome: Sendable {
  /// No conjunction is met in it.
  case proved
  /// A counterexample.
  case violated(PointSearch.Finding)
  /// Its parts, the one to be bounded first at the end.
  case split([OpenBox])
  /// It cannot be split.
  case stuck(Obstacle)
  /// The time was over.
  case skipped
}
