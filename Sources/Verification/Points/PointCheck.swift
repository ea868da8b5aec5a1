import DualBounds

/// One worker's test of points: a proof, or nothing.
struct PointCheck {
  private let question: Question
  private let workspace: BoundWorkspace

  init(_ question: Question, _ workspace: BoundWorkspace) {
    (self.question, self.workspace) = (question, workspace)
  }

  /// Whether a conjunction is met at a point, for certain: in exact arithmetic, or in the deployed network's
  /// in every order of summation.
  ///
  /// The bounds over the point alone hold for the arithmetic; constraints are closed, so that a lower
  /// bound of 0 of `-g` is enough.
  func proves(_ conjunction: Int, at point: [Float]) -> Bool {
    let relaxation = workspace.relaxation(over: question.points.ball(point))
    return question.conjunctions[conjunction].allSatisfy { row in
      workspace.margins(of: relaxation, specificationClass: row).margins[question.zero] >= 0
    }
  }
}
