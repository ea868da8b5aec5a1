import Attack
import DualBounds

/// The search of a box as a whole, by one worker: bounds of any tightness, and descents; no splits of
/// inputs.
struct WholeBox {
  private let question: Question
  private let options: VerificationOptions
  private let workspace: BoundWorkspace
  private let search: PointSearch

  init(_ question: Question, _ network: GradientNetwork, _ options: VerificationOptions) {
    (self.question, self.options) = (question, options)
    workspace = BoundWorkspace(question.problem, rowsPerBlock: options.rowsPerBlock)
    search = PointSearch(question, network, workspace)
  }

  /// The conjunctions that bounds of the whole box leave open.
  ///
  /// - Parameter slopes: up to which bounds are tightened while one is open.
  func open(_ slopes: Slopes) -> (open: [Int], bounds: BallBounds) {
    var known = workspace.bounds(
      over: question.box.ball, specificationClass: question.zero, slopes: .parallel)
    for level in [Slopes.adaptive, .optimized] where level <= slopes && !isProved(known) {
      workspace.tighten(&known, to: level, untilCertified: true)
    }
    return (open(known), known)
  }

  private func isProved(_ known: BallBounds) -> Bool { open(known).isEmpty }

  private func open(_ known: BallBounds) -> [Int] {
    question.conjunctions.indices.filter { !question.excludes($0, known.margins) }
  }

  /// Whether the middle of the box is a counterexample.
  func middle() -> PointSearch.Finding? {
    let center = question.box.ball.center
    return search.finding(
      near: center, search.outputs(near: center), Array(question.conjunctions.indices))
  }

  /// Descends to each open conjunction: from where its rows may be least, from the middle, and from random
  /// points.
  func counterexample(
    _ open: [Int], _ bounds: BallBounds, isOver: () -> Bool
  ) -> PointSearch.Finding? {
    var random = RandomStream(seed: options.seed, stream: UInt64(question.caseIndex))
    let box = question.box
    var starts = open.map { conjunction in
      question.conjunctions[conjunction].compactMap {
        workspace.inputCoefficients(bounds.relaxation, of: question.zero, against: $0)
      }.map { box.lowest(of: $0) }
    }
    for place in starts.indices { starts[place].insert(box.ball.center, at: 0) }
    let fixed = starts.map(\.count).max() ?? 0
    for number in 0..<fixed + options.restarts {
      for (place, conjunction) in open.enumerated() {
        guard !isOver() else { return nil }
        let start: [Double]
        if number < fixed {
          guard number < starts[place].count else { continue }
          start = starts[place][number]
        } else {
          start = box.random(using: &random)
        }
        if let finding = search.descend(
          conjunction, from: start, in: box, steps: options.attackSteps)
        {
          return finding
        }
      }
    }
    return nil
  }
}

extension InputRegion {
  /// A point drawn at random, evenly.
  func random(using stream: inout RandomStream) -> [Double] {
    lower.indices.map { feature in
      let part = Double(stream.next() >> 11) * 0x1p-53
      return min(max(lower[feature] + part * width(feature), lower[feature]), upper[feature])
    }
  }
}
