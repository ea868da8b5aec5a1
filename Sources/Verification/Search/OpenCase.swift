import DualBounds

/// A case of a property that its bounds as a whole leave open.
struct OpenCase: Sendable {
  var question: Question
  /// The conjunctions that may be met.
  var open: [Int]
  /// What is known of the whole box.
  var bounds: BallBounds
}
