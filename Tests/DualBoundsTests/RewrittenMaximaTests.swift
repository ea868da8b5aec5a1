import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What a rewriting compares: differences of what ReLUs made, whose signs bounds below decide, and their
/// maxima.
@Suite struct RewrittenMaximaTests {
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
    let pairs = sums([[1, 0], [-1, 1]], positions: positions, isVirtual: isVirtual)
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

  /// What a layer's channels add, with 1, and take off, with -1, at each of some positions side by side.
  private static func sums(
    _ weights: [[Double]], positions: Int = 1, isVirtual: Bool = true
  ) -> LinearOperator {
    let (inputs, outputs) = (weights[0].count, weights.count)
    let sums = weights.indices.filter { weights[$0].allSatisfy { $0 >= 0 } }
    return LinearOperator(
      name: "", operatorType: "",
      kind: .convolution(
        Convolution(
          input: (inputs, 1, positions), output: (outputs, 1, positions), kernel: (1, 1),
          stride: (1, 1), pad: (0, 0), dilation: (1, 1), groups: 1,
          weights: weights.flatMap(\.self), bias: [Double](repeating: 0, count: outputs))),
      inputShape: [inputs, 1, positions], outputShape: [outputs, 1, positions],
      isVirtual: isVirtual
    ).withNonNegative(sums.map { $0 * positions..<($0 + 1) * positions })
  }

  /// The maximum of four numbers in two steps, or what looks like one: sums of any of these.
  private static func cascade(_ chains: inout RandomChains, isMaximum: Bool) -> ReLUChain {
    func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in chains.number() } }
    func dense(_ inputs: Int, _ outputs: Int) -> LinearOperator {
      let map = Dense(weights: numbers(outputs * inputs), bias: numbers(outputs))
      return LinearOperator(
        name: "", operatorType: "", kind: .dense(map),
        inputShape: inputs == 1 ? [1, 1, 1] : [inputs],
        outputShape: outputs == 4 ? [4, 1, 1] : [outputs])
    }
    func any(_ outputs: Int, of inputs: Int) -> [[Double]] {
      (0..<outputs).map { _ in
        (0..<inputs).map { _ in Double(Int.random(in: -1...1, using: &chains.random)) }
      }
    }
    let pairs: [[Double]] = [[1, 0, 0, 0], [-1, 1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 1]]
    let next = isMaximum ? [[1, 1, 0, 0], [-1, -1, 1, 1]] : any(2, of: 4)
    let last = isMaximum ? [[1, 1]] : any(1, of: 2)
    let stages = [
      [dense(2, 4)], [sums(pairs)], [sums(next)], [sums(last), dense(1, 2)], [dense(2, 2)],
    ]
    return ReLUChain(
      inputShape: [2], stages: stages.map { AffineStage(operators: $0) }, notes: [])
  }

  @Test(
    "bounds behind maxima hold, and behind sums that only look like them",
    arguments: [NumberStyle.dyadic, .smallIntegers, .singles, .doubles, .spread], [true, false])
  func cascades(style: NumberStyle, isMaximum: Bool) {
    for seed in seeds(40) {
      var chains = RandomChains(seed: seed, style: style)
      let chain = Self.cascade(&chains, isMaximum: isMaximum)
      let ball = chains.ball(inputCount: 2, style: seed % 2 == 0 ? .middling : .wide)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      let truth = ExactMinimum(instance.exact, over: instance.box)
      for slopes in [Slopes.parallel, .optimized] {
        for everyRow in [false, true] {
          let answer = instance.answer(everyRow: everyRow, direction: .automatic, slopes: slopes)
          for (stage, bounds) in answer.layers.enumerated() {
            for unit in bounds.lower.indices {
              #expect(
                Rational.isLower(bounds.lower[unit], than: truth.lower[stage][unit])
                  && Rational.isUpper(bounds.upper[unit], than: truth.upper[stage][unit]),
                "seed \(seed): layer \(stage), unit \(unit), \(slopes), every row: \(everyRow)")
            }
          }
        }
      }
    }
  }
}
