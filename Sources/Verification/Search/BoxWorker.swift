import Attack
import DualBounds

/// One worker: bounds box after box with scratch memory of its own.
final class BoxWorker {
  private let question: Question
  private let workspace: BoundWorkspace
  private let search: PointSearch
  private let seed: UInt64
  /// One box of so many is searched by a descent, too, of so many steps.
  private static let descent = (boxes: 16, steps: 8)
  /// At one of so many a descent through all of the question's box begins at the best of so many random points:
  /// boxes are gone through in depth, and what is met may lie where they come to last.
  private static let farDescent = (boxes: 64, points: 64, steps: 16)

  init(_ question: Question, _ network: GradientNetwork, _ options: VerificationOptions) {
    (self.question, seed) = (question, options.seed)
    workspace = BoundWorkspace(question.problem, rowsPerBlock: options.rowsPerBlock)
    search = PointSearch(question, network, workspace)
  }

  /// Bounds a box; splits it where that does not decide it.
  ///
  /// - Parameter number: of the box in its search.
  func outcome(of box: OpenBox, number: Int) -> BoxOutcome {
    var known = workspace.bounds(over: box.region.ball, specificationClass: question.zero)
    var open = box.open.filter { !question.excludes($0, known.margins) }
    if open.isEmpty { return .proved }
    let center = box.region.ball.center
    let outputs = search.outputs(near: center)
    if let finding = search.finding(near: center, outputs, open) { return .violated(finding) }
    if mayDecide(open, known.margins, outputs) {
      workspace.tighten(&known, to: .adaptive, untilCertified: true)
      open = open.filter { !question.excludes($0, known.margins) }
      if open.isEmpty { return .proved }
    }
    let slopes = open.compactMap { question.nearestRow(of: $0, known.margins) }.compactMap {
      workspace.inputCoefficients(known.relaxation, of: question.zero, against: $0)
    }
    for (place, slope) in slopes.enumerated() {
      let corner = box.region.lowest(of: slope)
      let outputs = search.outputs(near: corner)
      if let finding = search.finding(near: corner, outputs, open) { return .violated(finding) }
      guard number % Self.descent.boxes == place else { continue }
      let finding = search.descend(
        open[min(place, open.count - 1)], from: corner, in: box.region, steps: Self.descent.steps)
      if let finding { return .violated(finding) }
    }
    if number % Self.farDescent.boxes == Self.farDescent.boxes - 1,
      let finding = farDescent(open[number / Self.farDescent.boxes % open.count], number)
    {
      return .violated(finding)
    }
    return split(box, open, slopes, isKnown: known.relaxation.isKnown)
  }

  /// Descends to a conjunction from the best of random points of the question's box.
  private func farDescent(_ conjunction: Int, _ number: Int) -> PointSearch.Finding? {
    var random = RandomStream(seed: seed &+ UInt64(number), stream: UInt64(question.caseIndex))
    var best: (point: [Double], value: Double)?
    for _ in 0..<Self.farDescent.points {
      let point = question.box.random(using: &random)
      let value = question.worst(conjunction, at: search.outputs(near: point)).value
      if best.map({ value < $0.value }) ?? true { best = (point, value) }
    }
    return best.flatMap {
      search.descend(
        conjunction, from: $0.point, in: question.box, steps: Self.farDescent.steps)
    }
  }

  /// Whether tighter slopes may decide every conjunction: they often make up for half of what a bound
  /// lacks of its row's value at the centre, and hardly ever for more.
  private func mayDecide(_ open: [Int], _ bounds: MarginBounds, _ outputs: [Float]) -> Bool {
    open.allSatisfy { conjunction in
      guard let row = question.nearestRow(of: conjunction, bounds) else { return false }
      let value = question.value(of: row, at: outputs)
      return value + bounds.margins[row] > 0
    }
  }

  private func split(
    _ box: OpenBox, _ open: [Int], _ slopes: [[Double]], isKnown: Bool
  ) -> BoxOutcome {
    guard let feature = box.region.featureToSplit(slopes, in: question.format),
      let middle = box.region.middle(feature, in: question.format)
    else { return .stuck(isKnown ? .rounding : .range) }
    let parts = box.region.split(feature, at: middle)
    // Where a row is smaller, a counterexample is likelier.
    let isRising = slopes.first.map { $0[feature] > 0 } ?? false
    let regions = isRising ? [parts.above, parts.below] : [parts.below, parts.above]
    return .split(regions.map { OpenBox(region: $0, open: open, depth: box.depth + 1) })
  }
}

extension InputRegion {
  /// The corner where a linear function is smallest; the middle of a side that it does not depend on.
  func lowest(of slopes: [Double]) -> [Double] {
    slopes.indices.map { feature in
      let slope = slopes[feature]
      return slope > 0
        ? lower[feature]
        : slope < 0 ? upper[feature] : 0.5 * lower[feature] + 0.5 * upper[feature]
    }
  }

  /// The side to split: along which the rows' bounds change most; the widest, where they are not known.
  /// nil where no side has a number of the format between its ends.
  ///
  /// A slope is taken for at least a part of the row's largest: it says nothing of what the
  /// relaxation loses along a side, and where it happens to vanish, that side would never be split.
  func featureToSplit(_ slopes: [[Double]], in format: FloatFormat?) -> Int? {
    let least = slopes.map { row in Self.leastShare * row.reduce(0) { max($0, $1.magnitude) } }
    var best: (feature: Int, change: Double, width: Double)?
    for feature in lower.indices where middle(feature, in: format) != nil {
      let width = width(feature)
      let change = zip(slopes, least).reduce(0) { sum, row in
        sum + max(row.0[feature].magnitude, row.1) * width
      }
      if let best, (best.change, best.width) >= (change, width) { continue }
      best = (feature, change, width)
    }
    return best?.feature
  }

  /// Of the largest slope of a row. Between 0.1 and 0.8 the number of boxes changed by factors of two to
  /// four either way, from property to property; with none, some searches did not end.
  private static let leastShare = 0.2
}
