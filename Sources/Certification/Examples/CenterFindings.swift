import DualBounds

/// What is known of an example itself, before anything moves.
package struct CenterFindings {
  /// The class that the network's own evaluation gives; proved or not.
  package var prediction: Int
  /// The smallest margin of that class over the ball of radius zero; > 0 is a proof.
  var smallestMargin: Double
  /// Whether it is proved that another class wins, in the run's arithmetic and in any order of
  /// summation; false without a label.
  package var labelLoses = false
}

/// Looks at the centre: by bounds where they decide, else by the network's own evaluation.
///
/// A class that is proved to win is what the evaluation gives, which is one of those that the bounds
/// speak of. So it is only asked where the bounds are silent.
package struct CenterSearch {
  private let label: Int?
  private let relaxation: Relaxation
  private let workspace: BoundWorkspace
  /// The bounds so far, by class.
  private var known: [Int: MarginBounds] = [:]

  /// - Parameter ball: of radius zero.
  package init(label: Int?, ball: Ball, workspace: BoundWorkspace) {
    (self.label, self.workspace) = (label, workspace)
    relaxation = workspace.relaxation(over: ball)
  }

  /// - Parameter evaluation: the class that the network's own evaluation gives.
  package mutating func findings(_ evaluation: () -> Int) -> CenterFindings {
    let start = label ?? 0
    let first = bounds(start)
    if first.smallest > 0 {
      return CenterFindings(prediction: start, smallestMargin: first.smallest)
    }
    // Those that may beat the first one by most.
    let rivals = first.margins.indices.filter { $0 != start && first.margins[$0].isFinite }.sorted {
      (first.margins[$0], $0) < (first.margins[$1], $1)
    }
    if let rival = rivals.first, bounds(rival).smallest > 0 {
      return CenterFindings(
        prediction: rival, smallestMargin: bounds(rival).smallest, labelLoses: label != nil)
    }
    let prediction = evaluation()
    var findings = CenterFindings(
      prediction: prediction, smallestMargin: bounds(prediction).smallest)
    guard let label else { return findings }
    // Which class wins may be hidden, and that the label does not may still be proved.
    let candidates = [prediction] + rivals.prefix(Self.mostRivals)
    guard let winner = candidates.first(where: { beats($0, label) }) else { return findings }
    // What is proved counts more than what was evaluated.
    if prediction == label {
      findings = CenterFindings(prediction: winner, smallestMargin: bounds(winner).smallest)
    }
    findings.labelLoses = true
    return findings
  }

  /// So many classes are tried as winners against the label.
  private static let mostRivals = 3

  private mutating func bounds(_ specificationClass: Int) -> MarginBounds {
    if let bounds = known[specificationClass] { return bounds }
    let bounds = workspace.margins(of: relaxation, specificationClass: specificationClass)
    known[specificationClass] = bounds
    return bounds
  }

  /// Whether it is proved that `winner` gets the larger logit, or the same one and the lower index.
  private mutating func beats(_ winner: Int, _ loser: Int) -> Bool {
    guard winner != loser else { return false }
    let margin = bounds(winner).margins[loser]
    return margin > 0 || margin == 0 && winner < loser
  }
}
