import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What `real` promises, at points of the ball, evaluated exactly: no tolerance.
@Suite struct SampledSoundnessTests {
  @Test(
    "sampled activations never leave the bounds, sampled margins never fall below the margin",
    arguments: NumberStyle.allCases, seeds(16))
  func pointsOfTheBall(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (16, 20, 1...5)
    for ball in BallStyle.allCases {
      let instance = BoundCase(&chains, ball)
      let answer = instance.answer(
        direction: seed % 2 == 0 ? .columns : .automatic,
        kernels: seed % 3 == 0 ? present("portable") : .best,
        slopes: Slopes.allCases[Int(seed / 2) % 3])
      for _ in 0..<3 {
        let point = instance.box.point(using: &chains.random)
        expectNoContradiction(instance, answer, point, ball)
      }
      let corner = attack(instance, using: &chains.random)
      expectNoContradiction(instance, answer, corner, ball)
    }
  }

  @Test(
    "over a single point the margins are the differences of the logits, rounded down",
    arguments: NumberStyle.allCases, seeds(20))
  func pointBalls(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (10, 10, 1...5)
    let instance = BoundCase(&chains, .point)
    let answer = instance.answer()
    let logits = instance.exact.logits(at: instance.box.center)
    let sizes = instance.magnitudes.last ?? []
    for (label, margins) in answer.margins {
      for (other, margin) in margins.enumerated() {
        let truth = logits[label] - logits[other]
        // Own rounding and underflow only, as in AlgorithmAgreementTests.
        let allowed = 1e-12 * (sizes[label] + sizes[other]) + underflowTolerance
        #expect(Rational.isLower(margin, than: truth), "\(label) over \(other)")
        #expect((truth - Rational(margin)).approximation <= allowed, "\(label) over \(other)")
      }
    }
  }

  @Test(
    "numbers that stand for others within their stated roundings are covered too",
    arguments: seeds(30))
  func inexactNumbers(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .doubles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (8, 8, 1...4)
    let stored = chains.chain()
    let roundings = Int.random(in: 1...8, using: &chains.random)
    let meant = stored.perturbed(withinRoundings: roundings, using: &chains.random)
    let claimed = stored.claiming(Uncertainty(roundings: roundings))
    for style in [BallStyle.point, .small, .middling] {
      let ball = chains.ball(inputCount: stored.inputCount, style: style)
      let answer = BoundCase(claimed, center: ball.center, radius: ball.radius).answer()
      let instance = BoundCase(meant, center: ball.center, radius: ball.radius)
      for _ in 0..<3 {
        let point = instance.box.point(using: &chains.random)
        expectNoContradiction(instance, answer, point, style)
      }
      expectNoContradiction(instance, answer, attack(instance, using: &chains.random), style)
    }
  }

  private func expectNoContradiction(
    _ instance: BoundCase, _ answer: BoundCase.Answer, _ point: [Rational], _ style: BallStyle
  ) {
    #expect(instance.box.contains(point))
    let contradiction = answer.contradiction(by: instance.exact.preActivations(at: point))
    #expect(contradiction == nil, "\(style)")
  }

  /// A corner where a drawn difference of logits is small, searched in binary64.
  private func attack(
    _ instance: BoundCase, using random: inout SeededGenerator
  ) -> [Rational] {
    let network = DoubleNetwork(instance.chain)
    let label = Int.random(in: 0..<instance.chain.classCount, using: &random)
    let other = Int.random(in: 0..<instance.chain.classCount, using: &random)
    let signs = lowestCorner(
      lower: [Double](repeating: -1, count: instance.center.count),
      upper: [Double](repeating: 1, count: instance.center.count), rounds: 2, using: &random
    ) { signs in
      let logits = network.logits(
        at: zip(instance.center, zip(instance.radius, signs)).map { $0 + $1.0 * $1.1 })
      return logits[label] - logits[other]
    }
    // The search's own corner is rounded; the point evaluated is the exact one.
    return zip(signs, zip(instance.box.center, instance.box.radius)).map { sign, side in
      sign < 0 ? side.0 - side.1 : side.0 + side.1
    }
  }
}
