import DualBounds
import ReLUChain
import TestSupport

/// What the engine may charge a row for underflow where every magnitude is 0: it pays 2^-800 for the
/// coefficients of a row, and what one layer pays is carried on through the weights of the next.
let underflowTolerance = 0x1p-700

/// A chain and a ball, with the exact view of both.
struct BoundCase {
  var chain: ReLUChain
  var center: [Double]
  var radius: [Double]
  var exact: ExactChain
  var box: ExactBox
  /// What the ball is beside the box; nil for a box.
  var part: ExactNormPart?
  private var extent = 0.0

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

  /// Draws a chain, a ball of a norm for it, and a box around that such as rounding makes; at times
  /// none.
  init(_ chains: inout RandomChains, _ style: BallStyle, norm: Norm) {
    let chain = chains.chain()
    let ball = chains.ball(inputCount: chain.inputCount, style: style)
    let extent = ball.radius.max() ?? 0
    let rounding = chains.random.pick([0, 0x1p-52, 0x1p-20], or: 0) * extent
    self.init(
      chain, center: ball.center,
      radius: ball.center.map { _ in chains.random.chance(0.5) ? rounding : 0 })
    (part, self.extent) = (ExactNormPart(norm: norm, extent: extent), extent)
  }

  /// The engine's view of the ball.
  var ball: Ball {
    guard let part else { return Ball(center: center, radius: radius) }
    return Ball(center: center, radius: radius, norm: part.norm, extent: extent)
  }

  /// What the engine says.
  struct Answer {
    /// The margins of the classes that were asked for, in the arithmetic that was asked for.
    var margins: [(label: Int, values: [Double])]
    /// The same in exact arithmetic.
    var realMargins: [(label: Int, values: [Double])]
    /// The bounds of every ReLU layer.
    var layers: [PreActivationBounds]
  }

  /// Asks the engine about the first class, the last, and one between.
  func answer(
    _ arithmetic: Arithmetic = .real, wideSums: Bool = true, everyRow: Bool = false,
    direction: BoundProblem.Direction = .automatic, kernels: Kernels = .best,
    rowsPerBlock: Int = 32,
    slopes: Slopes = .parallel
  ) -> Answer {
    let problem = BoundProblem(
      chain, arithmetic: arithmetic, wideSums: wideSums, direction: direction,
      computesEveryRow: everyRow)
    let workspace = BoundWorkspace(problem, kernels: kernels, rowsPerBlock: rowsPerBlock)
    let ball = ball
    let labels = Set([0, chain.classCount / 2, chain.classCount - 1]).sorted()
    let known = labels.map {
      workspace.bounds(
        over: ball, specificationClass: $0, slopes: slopes, untilCertified: false,
        effort: AscentEffort(hiddenPasses: 6, marginPasses: 12))
    }
    let results = known.map(\.margins)
    return Answer(
      margins: results.map { ($0.specificationClass, $0.margins) },
      realMargins: results.map { ($0.specificationClass, $0.realMargins) },
      layers: known.last?.relaxation.preActivationBounds() ?? [])
  }

  /// `[stage][unit]`: what the absolute network makes of the ball, operator by operator: the size of
  /// the terms that any evaluation sums. Tolerances are fractions of it.
  var magnitudes: [[Double]] {
    var input = zip(center, radius).map { abs($0) + $1 + extent }
    return chain.stages.map { stage in
      for step in stage.operators {
        input = step.taps.map { tap in
          tap.terms.reduce(abs(tap.offset)) { $0 + abs($1.weight) * input[$1.source] }
        }
      }
      return input
    }
  }
}

extension BoundCase.Answer {
  /// The first place where values that the network takes contradict the answer, or nil.
  ///
  /// - Parameters:
  ///   - values: `[stage][unit]`: the pre-activations at one point of the ball.
  ///   - isExact: whether they are those of exact arithmetic rather than a deployed network's.
  func contradiction(by values: [[Rational]], isExact: Bool = true) -> String? {
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
    for (label, values) in margins + (isExact ? realMargins : []) {
      for (other, margin) in values.enumerated() {
        guard Rational.isLower(margin, than: logits[label] - logits[other]) else {
          return "z_\(label) - z_\(other) = \(logits[label] - logits[other]) below \(margin)"
        }
      }
    }
    return nil
  }

  /// Every margin of every class asked for.
  var allMargins: [Double] { margins.flatMap(\.values) }
  /// The same in exact arithmetic.
  var allRealMargins: [Double] { realMargins.flatMap(\.values) }
  /// Whether any class is certified over any other.
  var certifiesSomething: Bool { allMargins.contains { $0 > 0 } }
}
