import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What `float32` promises: the network as deployed, in many orders of summation.
@Suite struct DeployedSoundnessTests {
  private static let styles = NumberStyle.allCases.filter { $0 != .doubles }

  @Test(
    "no order of summation leaves the bounds or falls below the margin", .timeLimit(.minutes(2)),
    arguments: styles, seeds(16))
  func anyOrder(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (16, 20, 1...5)
    for ball in BallStyle.allCases {
      let instance = BoundCase(&chains, ball)
      check(instance, SingleNetwork(instance.chain), "\(ball)", using: &chains.random)
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
      check(instance, SingleNetwork(chain), "\(style)", using: &chains.random)
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
    let network = SingleNetwork(chain, normalizations: ["norm": normalization])
    for style in [BallStyle.point, .small, .middling] {
      let ball = chains.ball(inputCount: 4, style: style)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      check(instance, network, "\(style)", using: &chains.random)
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
    _ instance: BoundCase, _ network: SingleNetwork, _ place: String,
    using random: inout SeededGenerator
  ) {
    let kernels = random.chance(0.3) ? "portable" : nil
    let answer = instance.answer(.float32, kernels: kernels)
    let certifies = answer.certifiesSomething
    // Exact arithmetic is one of the admissible roundings: none at all.
    let exact = instance.exact.preActivations(at: instance.box.point(using: &random))
    let contradiction = answer.contradiction(by: exact)
    #expect(contradiction == nil, "\(place), exact")
    guard let box = SingleBox(instance.box) else { return }
    var points = (0..<3).map { _ in box.point(using: &random) }
    for _ in 0..<2 {
      points.append(attack(instance.chain, network, box, using: &random))
    }
    for point in points {
      for order in SummationOrder.allCases {
        let fusing = random.pick([0, 0.5, 1], or: 0)
        let values = network.preActivations(
          at: point, order: order, fusing: fusing, using: &random)
        guard values.joined().allSatisfy(\.isFinite) else {
          #expect(!certifies, "\(place), \(order): overflow at \(point)")
          continue
        }
        let contradiction = answer.contradiction(
          by: values.map { layer in layer.map { Rational($0) } }, isExact: false)
        #expect(contradiction == nil, "\(place), \(order), fusing \(fusing), at \(point)")
      }
    }
  }

  /// A corner where a drawn difference of logits, or a drawn unit, is small or great.
  private func attack(
    _ chain: ReLUChain, _ network: SingleNetwork, _ box: SingleBox,
    using random: inout SeededGenerator
  ) -> [Float] {
    let label = Int.random(in: 0..<chain.classCount, using: &random)
    let other = Int.random(in: 0..<chain.classCount, using: &random)
    let stage = Int.random(in: 0..<chain.stages.count, using: &random)
    let unit = Int.random(in: 0..<chain.stages[stage].outputCount, using: &random)
    let sign: Float = random.chance(0.5) ? 1 : -1
    let attacksUnit = random.chance(0.5)
    var orders = SeededGenerator(state: random.next())
    return lowestCorner(lower: box.lower, upper: box.upper, rounds: 2, using: &random) { point in
      let values = network.preActivations(at: point, order: .forward, fusing: 0, using: &orders)
      let logits = values[values.count - 1]
      return attacksUnit ? sign * values[stage][unit] : logits[label] - logits[other]
    }
  }
}
