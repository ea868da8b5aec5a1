import DualBounds
import ReLUChain
import TestSupport

/// A chain and a ball, with the exact view of both.
struct BoundCase {
  var chain: ReLUChain
  var center: [Double]
  var radius: [Double]
  var exact: ExactChain
  var box: ExactBox

  init(_ chain: ReLUChain, center: [Double], radius: [Double]) {
    self.chain = chain
    (self.center, self.radius) = (center, radius)
    exact = ExactChain(chain)
    box = ExactBox(center: center, radius: radius)
  }

  /// Draws a chain and then a ball.
  init(_ chains: inout RandomChains, _ style: BallStyle) {
    let chain = chains.chain()
    let ball = chains.ball(inputCount: chain.inputCount, style: style)
    self.init(chain, center: ball.center, radius: ball.radius)
  }

  /// What the engine says.
  struct Answer {
    /// `[class][class]`: the margins of each class.
    var margins: [[Double]]
    var layers: [PreActivationBounds]
  }

  /// Asks the engine about every class.
  func answer(_ arithmetic: Arithmetic = .real, everyRow: Bool = false) -> Answer {
    let problem = BoundProblem(chain, arithmetic: arithmetic, computesEveryRow: everyRow)
    let workspace = BoundWorkspace(problem)
    let ball = Ball(center: center, radius: radius)
    let margins = (0..<chain.classCount).map { label in
      workspace.margins(over: ball, specificationClass: label).margins
    }
    return Answer(margins: margins, layers: workspace.preActivationBounds())
  }

  /// `[stage][unit]`: what the absolute network makes of the ball, the size of the terms that any
  /// evaluation sums. Tolerances are fractions of it.
  var magnitudes: [[Double]] {
    var input = zip(center, radius).map { abs($0) + $1 }
    return exact.stages.map { stage in
      input = zip(stage.rows, stage.bias).map { row, bias in
        row.reduce(abs(bias.approximation)) {
          $0 + abs($1.weight.approximation) * input[$1.column]
        }
      }
      return input
    }
  }
}

extension BoundCase.Answer {
  /// The first place where values that the network takes contradict the answer, or nil.
  ///
  /// - Parameter values: `[stage][unit]`: the pre-activations at one point of the ball.
  func contradiction(by values: [[Rational]]) -> String? {
    for (stage, bounds) in layers.enumerated() {
      for (unit, value) in values[stage].enumerated() {
        guard Rational.isLower(bounds.lower[unit], than: value),
          Rational.isUpper(bounds.upper[unit], than: value)
        else {
          return "layer \(stage), unit \(unit): \(value) outside "
            + "[\(bounds.lower[unit]), \(bounds.upper[unit])]"
        }
      }
    }
    let logits = values.last ?? []
    for (label, row) in margins.enumerated() {
      for (other, margin) in row.enumerated() {
        guard Rational.isLower(margin, than: logits[label] - logits[other]) else {
          return "z_\(label) - z_\(other) = \(logits[label] - logits[other]) below \(margin)"
        }
      }
    }
    return nil
  }

  /// Whether any class is certified over any other.
  var certifiesSomething: Bool { margins.joined().contains { $0 > 0 } }
}
