import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What a rewriting compares: differences of what ReLUs made, whose signs bounds below decide.
@Suite struct RewrittenSignTests {
  /// Two stages, then pairs `(a, b - a)` on `positions` side by side, then scores of their maxima.
  private static func chain(
    _ chains: inout RandomChains, inputs: Int, positions: Int, isVirtual: Bool
  ) -> ReLUChain {
    func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in chains.number() } }
    let width = 2 * positions
    let first = LinearOperator(
      name: "", operatorType: "",
      kind: .dense(Dense(weights: numbers(width * inputs), bias: numbers(width))),
      inputShape: [inputs], outputShape: [2, 1, positions])
    let pairs = LinearOperator(
      name: "", operatorType: "",
      kind: .convolution(
        Convolution(
          input: (2, 1, positions), output: (2, 1, positions), kernel: (1, 1), stride: (1, 1),
          pad: (0, 0), dilation: (1, 1), groups: 1, weights: [1, 0, -1, 1], bias: [0, 0])),
      inputShape: [2, 1, positions], outputShape: [2, 1, positions], isVirtual: isVirtual
    ).withNonNegative([0..<positions])
    let last = LinearOperator(
      name: "", operatorType: "",
      kind: .dense(Dense(weights: numbers(2 * width), bias: numbers(2))),
      inputShape: [2, 1, positions], outputShape: [2])
    return ReLUChain(
      inputShape: [inputs], stages: [first, pairs, last].map { AffineStage(operators: [$0]) },
      notes: [])
  }

  @Test(
    "no bound lies inside the true range, and comparisons decide signs that numbers leave open",
    arguments: [NumberStyle.dyadic, .smallIntegers, .singles, .doubles, .spread])
  func oracle(style: NumberStyle) {
    var (before, after) = (0, 0)
    for seed in seeds(40) {
      for isVirtual in [false, true] {
        var chains = RandomChains(seed: seed, style: style)
        let chain = Self.chain(&chains, inputs: 2, positions: 3, isVirtual: isVirtual)
        let ball = chains.ball(inputCount: 2, style: seed % 2 == 0 ? .middling : .wide)
        let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
        let truth = ExactMinimum(instance.exact, over: instance.box)
        for slopes in [Slopes.parallel, .optimized] {
          let answer = instance.answer(everyRow: false, direction: .automatic, slopes: slopes)
          for (stage, bounds) in answer.layers.enumerated() {
            for unit in bounds.lower.indices {
              #expect(
                Rational.isLower(bounds.lower[unit], than: truth.lower[stage][unit])
                  && Rational.isUpper(bounds.upper[unit], than: truth.upper[stage][unit]),
                "seed \(seed): layer \(stage), unit \(unit), \(slopes)")
            }
          }
          guard slopes == .parallel, answer.layers.count > 1 else { continue }
          let bounds = answer.layers[1]
          let open = bounds.lower.indices.count {
            bounds.lower[$0] < 0 && bounds.upper[$0] > 0
          }
          if isVirtual { after += open } else { before += open }
        }
      }
    }
    #expect(after <= before, "\(after) of \(before)")
  }
}
