import Attack
import DualBounds
import Glibc

/// One worker's search for a counterexample in a box: projected gradient steps on the constraint of a
/// conjunction that is furthest from being met.
final class PointSearch {
  private let question: Question
  private let check: PointCheck
  private let gradients: GradientWorkspace
  private var gradient: [Float]

  init(_ question: Question, _ network: GradientNetwork, _ workspace: BoundWorkspace) {
    self.question = question
    check = PointCheck(question, workspace)
    gradients = GradientWorkspace(network)
    gradient = [Float](repeating: 0, count: network.inputCount)
  }

  /// A point that was found and proved.
  struct Finding: Sendable {
    var conjunction: Int
    var point: [Float]
  }

  /// The network's outputs at the point of the grid that is nearest; about, for a search.
  func outputs(near point: [Double]) -> [Float] {
    gradients.logits(at: question.points.nearest(point))
  }

  /// Proves a point a counterexample where its outputs look like one.
  func finding(near point: [Double], _ outputs: [Float], _ conjunctions: [Int]) -> Finding? {
    let point = question.points.nearest(point)
    for conjunction in conjunctions where question.worst(conjunction, at: outputs).value <= 0 {
      if check.proves(conjunction, at: point) {
        return Finding(conjunction: conjunction, point: point)
      }
    }
    return nil
  }

  /// Descends from a point within a box.
  ///
  /// What is met, but not provably so, is followed further; a proof is asked for again once the
  /// constraint is met twice as well.
  func descend(
    _ conjunction: Int, from start: [Double], in box: InputRegion, steps: Int
  ) -> Finding? {
    var point = start
    var weights = [Float](repeating: 0, count: gradients.network.classCount)
    var asked = 0.0
    // From half of a side to a thousandth.
    let shrink = pow(0.002, 1 / Double(max(1, steps)))
    var size = 0.5
    for step in 0...steps {
      let onGrid = question.points.nearest(point)
      let outputs = gradients.logits(at: onGrid)
      let (row, value) = question.worst(conjunction, at: outputs)
      if value <= asked {
        if check.proves(conjunction, at: onGrid) {
          return Finding(conjunction: conjunction, point: onGrid)
        }
        asked = value < 0 ? 2 * value : -.leastNormalMagnitude
      }
      guard step < steps, value.isFinite else { return nil }
      for output in weights.indices { weights[output] = 0 }
      for term in question.constraints[row].terms {
        weights[term.output] = Float(term.coefficient.nearest)
      }
      gradients.differentiate(weights, into: &gradient)
      move(&point, box, size)
      size *= shrink
    }
    return nil
  }

  /// One step down along the gradient's signs, as long as a part of each side.
  private func move(_ point: inout [Double], _ box: InputRegion, _ size: Double) {
    for feature in point.indices {
      let step = size * box.width(feature)
      let slope = gradient[feature]
      let moved = point[feature] + (slope > 0 ? -step : slope < 0 ? step : 0)
      point[feature] = min(max(moved, box.lower[feature]), box.upper[feature])
    }
  }
}
