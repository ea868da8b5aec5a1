import ChainImport
import DualBounds
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// The network's own evaluation, which predictions are made of.
@Suite struct EvaluationTests {
  @Test(
    "each type rounds to the nearest of its numbers, ties to even, down to the smallest and beyond")
  func rounding() {
    var random = SeededGenerator(state: 1)
    for _ in 0..<20_000 {
      var value = Double.random(in: -1...1, using: &random)
      // Few bits make ties.
      let bits = random.pick([8, 9, 11, 12, 24, 25, 53], or: 53)
      let scale = Double(sign: .plus, exponent: bits, significand: 1)
      value = (value * scale).rounded() / scale
      let exponents = random.pick([-160 ... -120, -30 ... -10, 0...20, 100...130], or: 0...20)
      value *= Double(
        sign: .plus, exponent: Int.random(in: exponents, using: &random), significand: 1)
      #expect(Binary16.stored(value) == DeployedFormat.binary16.rounded(value), "\(value)")
      #expect(Brain16.stored(value) == DeployedFormat.bfloat16.rounded(value), "\(value)")
      #expect(Binary32.stored(value) == DeployedFormat.binary32.rounded(value), "\(value)")
    }
    #expect(Binary16.stored(65519.99) == 65504 && Binary16.stored(-65520) == -Double.infinity)
    #expect(Binary16.stored(.infinity) == .infinity && Brain16.stored(.nan).isNaN)
  }

  @Test("in binary64 it is the plain loops, bit for bit, for every kind of operator")
  func plainLoops() {
    for seed in seeds(300) {
      var chains = RandomChains(seed: seed, style: [.singles, .doubles, .spread][Int(seed % 3)])
      let chain = chains.chain()
      let point = (0..<chain.inputCount).map { _ in chains.number() }
      let found = NetworkEvaluation(chain, arithmetic: .float64).logits(at: point)
      #expect(found == chain.logits(of: point), "seed \(seed)")
    }
  }

  @Test("in exact arithmetic sums of small numbers are exact, and what cancels leaves the rest")
  func exact() {
    for seed in seeds(200) {
      var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .dyadic : .smallIntegers)
      let chain = chains.chain()
      let point = (0..<chain.inputCount).map { _ in chains.number() }
      let truth = ExactChain(chain).logits(at: point.map { Rational($0) })
      let found = NetworkEvaluation(chain, arithmetic: .real).logits(at: point)
      for (found, truth) in zip(found, truth) {
        #expect((Rational(found) - truth).magnitude <= truth.magnitude * Rational(0x1p-52))
      }
    }
    let chain = denseChain([(rows: [[0x1p60, 1, -0x1p60], [0, 0.5, 0]], bias: [0, 0])])
    #expect(NetworkEvaluation(chain, arithmetic: .real).logits(at: [1, 1, 1]) == [1, 0.5])
    #expect(NetworkEvaluation(chain, arithmetic: .float64).logits(at: [1, 1, 1]) == [0, 0.5])
  }

  @Test("clips in branches that lie side by side clip their own branch, in every type")
  func clipsSideBySide() throws {
    // min(max(2 x, -0.5), 1) + min(max(-x, 0.25), 3), at -2, -0.125, 0.25 and 8.
    var maker = NetworkMaker([1, 4])
    let x = maker.last
    let left = maker.node(
      "Clip",
      [
        maker.node("Mul", [x, maker.floats([], [2])]), maker.floats([], [-0.5]),
        maker.floats([], [1]),
      ])
    let right = maker.node(
      "Clip", [maker.node("Neg", [x]), maker.floats([], [0.25]), maker.floats([], [3])])
    let weights = (0..<16).map { $0 % 5 == 0 ? 1.0 : 0 }
    maker.last = maker.node("Add", [left, right])
    maker.then("MatMul", [maker.floats([4, 4], weights)])
    let chain = try maker.chain()
    for arithmetic in [Arithmetic.real, .float64, .float32, .float16, .bfloat16] {
      let found = NetworkEvaluation(chain, arithmetic: arithmetic)
        .logits(at: [-2, -0.125, 0.25, 8])
      #expect(found == [1.5, 0, 0.75, 1.25], "\(arithmetic)")
    }
  }

  @Test("a Clip that bounds leave out clips, where the type has its ends")
  func clips() {
    let largest = Double(Float.greatestFiniteMagnitude)
    let chain = denseChain([(rows: [[1e30], [-1e30]], bias: [0, 0])]).changingFirst {
      $0.limitingOutput(to: largest, -.infinity...largest)
    }
    for arithmetic in [Arithmetic.real, .float64] {
      let found = NetworkEvaluation(chain, arithmetic: arithmetic).logits(at: [1e10])
      #expect(found == [largest, -1e30 * 1e10], "\(arithmetic)")
    }
    let single = NetworkEvaluation(chain, arithmetic: .float32).logits(at: [1e10])
    #expect(single == [largest, -.infinity])
    // binary16 has no such number: its Clip ends at infinity.
    let half = NetworkEvaluation(chain, arithmetic: .float16).logits(at: [1e10])
    #expect(half == [.infinity, -.infinity])
  }

  @Test(
    "between its ends a Clip changes nothing, however it is written",
    arguments: [Arithmetic.float64, .float32, .float16, .bfloat16])
  func insideClip(arithmetic: Arithmetic) throws {
    func stored(_ value: Double) -> Double {
      switch arithmetic {
      case .float32: Binary32.stored(value)
      case .float16: Binary16.stored(value)
      case .bfloat16: Brain16.stored(value)
      default: value
      }
    }
    let ends = [("low", -2.0), ("high", 0.7)]
    var initializers: [String: Tensor] = [:]
    for (name, end) in ends {
      initializers[name] = Tensor(shape: [], elementType: .float64, elements: .double([end]))
    }
    let graph = Graph(
      name: "", inputs: [ValueInfo(name: "x", elementType: .float64, dimensions: [.fixed(2)])],
      outputs: [ValueInfo(name: "y", elementType: nil, dimensions: nil)],
      initializers: initializers,
      nodes: [
        Node(
          name: "clip", operatorType: "Clip", inputs: ["x", "low", "high"], outputs: ["y"])
      ], opsetVersion: 17)
    let evaluation = NetworkEvaluation(try ReLUChain(validating: graph), arithmetic: arithmetic)
    var random = SeededGenerator(state: 7)
    for _ in 0..<500 {
      // Numbers of a few bits, and such as vanish beside the ends.
      let size = random.pick([1, 0.5, 0x1p-9, 0x1p-14], or: 1)
      let point = (0..<2).map { _ in
        stored((Double.random(in: -1.9...0.6, using: &random) * 1024).rounded() / 1024 * size)
      }
      #expect(evaluation.logits(at: point) == point)
    }
    #expect(evaluation.logits(at: [-3, 9]) == [-2, stored(0.7)])
  }

  @Test("in binary32 every product and sum of a dense chain is rounded in order, as Float does")
  func singles() {
    for seed in seeds(200) {
      var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .doubles : .spread)
      chains.mixesKinds = false
      let chain = chains.chain()
      let point = (0..<chain.inputCount).map { _ in chains.number() }
      var values = point.map { Float($0) }
      for (index, stage) in chain.stages.enumerated() {
        if index > 0 { values = values.map { max($0, 0) } }
        for case .dense(let dense) in stage.operators.map(\.kind) {
          values = dense.bias.indices.map { row in
            var sum: Float = 0
            for column in values.indices {
              sum += Float(dense.weights[row * values.count + column]) * values[column]
            }
            return sum + Float(dense.bias[row])
          }
        }
      }
      let found = NetworkEvaluation(chain, arithmetic: .float32).logits(at: point)
      #expect(found == values.map { Double($0) }, "seed \(seed)")
    }
  }

  @Test(
    "it is one of the evaluations that bounds speak of",
    arguments: [Arithmetic.float64, .float32, .float16, .bfloat16], [true, false])
  func withinBounds(arithmetic: Arithmetic, wideSums: Bool) throws {
    let format: DeployedFormat =
      [.float32: .binary32, .float16: .binary16, .bfloat16: .bfloat16][arithmetic] ?? .binary64
    var decided = 0
    for seed in seeds(150) {
      let style: NumberStyle = [.singles, .doubles, .nearOne, .underflowing][Int(seed % 4)]
      var chains = RandomChains(seed: seed, style: style)
      let chain = chains.chain()
      let point = (0..<chain.inputCount).map { _ in format.rounded(chains.number()) }
      let problem = BoundProblem(chain, arithmetic: arithmetic, wideSums: wideSums)
      let bounds = BoundWorkspace(problem).margins(
        over: Ball(center: point, radius: point.map { _ in 0 }), specificationClass: 0)
      let evaluation = NetworkEvaluation(chain, arithmetic: arithmetic, wideSums: wideSums)
      let logits = evaluation.logits(at: point)
      for (other, margin) in bounds.margins.enumerated() where margin.isFinite {
        let difference = Rational(logits[0]) - Rational(logits[other])
        #expect(Rational(margin) <= difference, "seed \(seed), class \(other)")
        decided += margin > 0 ? 1 : 0
      }
    }
    #expect(decided > 20)
  }

  @Test("the prediction is the first of the largest, and the first that is not a number before all")
  func prediction() {
    #expect(NetworkEvaluation.prediction(of: [1, 3, 2, 3]) == 1)
    #expect(NetworkEvaluation.prediction(of: [-0.0, 0]) == 0)
    #expect(NetworkEvaluation.prediction(of: [-Double.infinity, -Double.infinity]) == 0)
    #expect(NetworkEvaluation.prediction(of: [1, Double.infinity, .nan, .nan]) == 2)
    #expect(NetworkEvaluation.prediction(of: [.nan, 5]) == 0)
  }

  @Test("the rounding budget is not below any difference of margins, in exact arithmetic")
  func budget() throws {
    for seed in seeds(300) {
      var random = SeededGenerator(state: seed)
      var bounds = MarginBounds(specificationClass: 0, classCount: 4)
      var largest = Rational.zero
      for other in 1...3 {
        let real = Double.random(in: -3...3, using: &random)
        let deployed = real - Double.random(in: 0...1e-3, using: &random)
        bounds.improve(other, deployed: deployed, real: real, by: .parallel)
        largest = max(largest, Rational(real) - Rational(deployed))
      }
      #expect(Rational(try #require(bounds.roundingBudget)) >= largest, "seed \(seed)")
    }
  }

  @Test("a ball whose radius or extent is no number, or below 0, proves nothing")
  func noBall() {
    let chain = denseChain([(rows: [[1, 0], [0, 0]], bias: [9, 0])])
    for radius in [Double.nan, -1, -Double.infinity] {
      for (radii, extent) in [([0, radius], 0), ([radius, 0], 0), ([0, 0], radius)] {
        for norm in Norm.allCases {
          let ball = Ball(center: [0, 0], radius: radii, norm: norm, extent: extent)
          let bounds = BoundWorkspace(BoundProblem(chain)).margins(
            over: ball, specificationClass: 0)
          #expect(bounds.margins == [0, -.infinity], "\(radii), \(extent), \(norm)")
        }
      }
    }
  }
}
