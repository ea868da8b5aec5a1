import DualBounds
import ReLUChain
import TestSupport
import Testing

/// One way to deploy a network, and the arithmetic that promises something of it.
struct Deployment: Sendable, CustomStringConvertible {
  var arithmetic: Arithmetic
  var stored: DeployedFormat
  var summed: DeployedFormat

  var description: String { "\(stored), sums in \(summed)" }
  var hasWideSums: Bool { stored != summed }

  static let single = Deployment(arithmetic: .float32, stored: .binary32, summed: .binary32)
  static let others = [
    Deployment(arithmetic: .float64, stored: .binary64, summed: .binary64),
    Deployment(arithmetic: .float16, stored: .binary16, summed: .binary32),
    Deployment(arithmetic: .float16, stored: .binary16, summed: .binary16),
    Deployment(arithmetic: .bfloat16, stored: .bfloat16, summed: .binary32),
    Deployment(arithmetic: .bfloat16, stored: .bfloat16, summed: .bfloat16),
  ]

  func network(_ chain: ReLUChain) -> DeployedNetwork {
    DeployedNetwork(chain, stored: stored, summed: summed)
  }
}

/// What the deployed arithmetics promise: the network as deployed, in many orders of summation.
@Suite struct DeployedSoundnessTests {
  @Test(
    "no order of summation leaves the bounds or falls below the margin",
    arguments: NumberStyle.allCases, seeds(10))
  func anyOrder(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (16, 20, 1...5)
    for ball in BallStyle.allCases {
      let instance = BoundCase(&chains, ball)
      check(instance, .single, canFold: style != .underflowing, using: &chains.random)
    }
  }

  @Test(
    "the same in binary64, binary16 and bfloat16, with sums of either width",
    arguments: NumberStyle.allCases, seeds(4))
  func otherFormats(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (12, 12, 1...4)
    for deployment in Deployment.others {
      for ball in [BallStyle.middling, .wide] {
        let instance = BoundCase(&chains, ball)
        check(
          instance, deployment, canFold: style != .underflowing && !deployment.arithmetic.isHalf,
          using: &chains.random)
      }
    }
  }

  @Test(
    "a stage that cancels what it has just added rounds at the size of what it cancels",
    arguments: seeds(12))
  func cancellingStages(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .singles)
    func rows(_ count: Int, _ inputs: Int) -> [[Double]] {
      (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
    }
    func scaling(_ scale: [Double], _ shift: [Double], _ roundings: Int) -> LinearOperator {
      LinearOperator(
        name: "scaling", operatorType: "Add",
        kind: .scaling(
          Scaling(
            scale: scale, shift: shift, shiftMagnitude: shift.map(\.magnitude),
            deployedRoundings: roundings)),
        inputShape: [scale.count], outputShape: [scale.count])
    }
    // 1000 is added and taken away, and what is left is enlarged.
    func stage(_ count: Int, _ inputs: Int) -> AffineStage {
      AffineStage(operators: [
        denseOperator(rows(count, inputs), (0..<count).map { _ in 1000 + chains.number() }),
        scaling(.init(repeating: 1, count: count), .init(repeating: -1000, count: count), 1),
        scaling(
          (0..<count).map { _ in 64 * chains.number() }, .init(repeating: 0, count: count), 1),
      ])
    }
    let chain = ReLUChain(
      inputShape: [5], stages: [stage(6, 5), stage(5, 6), stage(3, 5)], notes: [])
    for style in [BallStyle.point, .small, .middling] {
      let ball = chains.ball(inputCount: 5, style: style)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      for deployment in [.single] + Deployment.others {
        check(instance, deployment, canFold: !deployment.arithmetic.isHalf, using: &chains.random)
      }
    }
  }

  @Test(
    "long sums: a hundred products a unit, where the order matters most", arguments: seeds(6))
  func longSums(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .singles : .spread)
    func layer(_ count: Int, _ inputs: Int) -> (rows: [[Double]], bias: [Double]) {
      let rows = (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
      return (rows, (0..<count).map { _ in chains.number() })
    }
    let chain = denseChain([layer(40, 100), layer(3, 40)])
    for style in [BallStyle.point, .small] {
      let ball = chains.ball(inputCount: 100, style: style)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      check(instance, .single, canFold: false, using: &chains.random)
    }
  }

  @Test(
    "a batch normalisation may be computed step by step or folded", arguments: seeds(20))
  func batchNormalization(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .singles)
    func floats(_ range: ClosedRange<Float>) -> [Float] {
      (0..<6).map { _ in Float.random(in: range, using: &chains.random) }
    }
    // Means far above the deviations: the subtraction cancels what the folded shift carries.
    let normalization = BatchNormalization(
      mean: floats(-100...100), inverseDeviation: floats(0.5...20), gamma: floats(-2...2),
      beta: floats(-1...1))
    let rows = (0..<6).map { _ in (0..<4).map { _ in chains.number() } }
    let last = (0..<3).map { _ in (0..<6).map { _ in chains.number() } }
    let chain = ReLUChain(
      inputShape: [4],
      stages: [
        AffineStage(operators: [
          denseOperator(rows, normalization.mean.map(Double.init), name: "dense"),
          normalization.scaling(name: "norm"),
        ]),
        AffineStage(operators: [denseOperator(last, [0, 0, 0], name: "last")]),
      ], notes: [])
    let network = DeployedNetwork(chain, normalizations: ["norm": normalization])
    for style in [BallStyle.point, .small, .middling] {
      let ball = chains.ball(inputCount: 4, style: style)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      check(instance, .single, network, canFold: true, using: &chains.random)
    }
  }

  @Test(
    "the deployed network's margin is never above the exact one's, nor that above a run without",
    arguments: seeds(30))
  func deployedIsNoWider(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .singles)
    let instance = BoundCase(&chains, .small)
    let real = instance.answer(.real)
    let deployed = instance.answer(.float32)
    for (left, right) in zip(deployed.allMargins, deployed.allRealMargins) {
      #expect(left <= right)
    }
    #expect(real.allRealMargins == real.allMargins)
    for (left, right) in zip(deployed.layers, real.layers) {
      #expect(zip(left.lower, right.lower).allSatisfy { $0 <= $1 })
      #expect(zip(left.upper, right.upper).allSatisfy { $0 >= $1 })
    }
  }

  private func check(
    _ instance: BoundCase, _ deployment: Deployment, _ prepared: DeployedNetwork? = nil,
    canFold: Bool, using random: inout SeededGenerator
  ) {
    let answer = instance.answer(
      deployment.arithmetic, wideSums: deployment.hasWideSums,
      direction: random.chance(0.5) ? .columns : .automatic,
      kernels: random.chance(0.3) ? present("portable") : .best,
      slopes: random.pick(Slopes.allCases, or: .parallel))
    let certifies = answer.certifiesSomething
    // Exact arithmetic is one of the admissible roundings: none at all.
    let exact = instance.exact.preActivations(at: instance.box.point(using: &random))
    let contradiction = answer.contradiction(by: exact)
    #expect(contradiction == nil, "\(deployment), radius \(instance.radius[0]), exact")
    guard let box = DeployedBox(instance.box, deployment.stored) else { return }
    let network = prepared ?? deployment.network(instance.chain)
    var points = (0..<3).map { _ in box.point(using: &random) }
    for _ in 0..<2 {
      points.append(attack(instance.chain, network, box, using: &random))
    }
    for point in points {
      for order in SummationOrder.allCases {
        let evaluation = Evaluation(
          order: order, fusing: random.pick([0, 0.5, 1], or: 0),
          isFolded: canFold && random.chance(0.3))
        let values = network.preActivations(at: point, evaluation, using: &random)
        let place = "\(deployment), radius \(instance.radius[0]), \(evaluation), at \(point)"
        guard values.joined().allSatisfy(\.isFinite) else {
          // Folded numbers may overflow where those of the file do not.
          #expect(!certifies || evaluation.isFolded, "overflow: \(place)")
          continue
        }
        let contradiction = answer.contradiction(
          by: values.map { layer in layer.map { Rational($0) } }, isExact: false)
        #expect(contradiction == nil, "\(place)")
      }
    }
  }

  /// A corner where a drawn difference of logits, or a drawn unit, is small or great.
  private func attack(
    _ chain: ReLUChain, _ network: DeployedNetwork, _ box: DeployedBox,
    using random: inout SeededGenerator
  ) -> [Double] {
    let label = Int.random(in: 0..<chain.classCount, using: &random)
    let other = Int.random(in: 0..<chain.classCount, using: &random)
    let stage = Int.random(in: 0..<chain.stages.count, using: &random)
    let unit = Int.random(in: 0..<chain.stages[stage].outputCount, using: &random)
    let sign: Double = random.chance(0.5) ? 1 : -1
    let attacksUnit = random.chance(0.5)
    var orders = SeededGenerator(state: random.next())
    return lowestCorner(lower: box.lower, upper: box.upper, rounds: 2, using: &random) { point in
      let values = network.preActivations(at: point, Evaluation(order: .forward), using: &orders)
      let logits = values[values.count - 1]
      return attacksUnit ? sign * values[stage][unit] : logits[label] - logits[other]
    }
  }
}
