import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Units that kernels lay out in one order, and the next layer reads in another.
@Suite struct RearrangedLayoutTests {
  private func instance(_ seed: UInt64, radius: Double) throws -> BoundCase {
    let chain = try rearrangedChain(seed: seed)
    var random = SeededGenerator(state: seed)
    let center = (0..<chain.inputCount).map { _ in
      Double(Int.random(in: -8...8, using: &random)) / 8
    }
    return BoundCase(chain, center: center, radius: center.map { _ in radius })
  }

  @Test(
    "bounds hold at points and corners of the ball, in both directions, whatever the slopes",
    arguments: seeds(30), [BoundProblem.Direction.rows, .columns])
  func soundness(seed: UInt64, direction: BoundProblem.Direction) throws {
    let instance = try instance(seed, radius: [0.01, 0.25][Int(seed % 2)])
    var random = SeededGenerator(state: seed)
    for slopes in Slopes.allCases {
      let answer = instance.answer(direction: direction, slopes: slopes)
      for draw in 0..<6 {
        let point = instance.center.indices.map { feature in
          let step =
            draw < 2 ? Double.random(in: -1...1, using: &random) : random.chance(0.5) ? 1 : -1
          return Rational(instance.center[feature])
            + Rational(step) * Rational(instance.radius[feature])
        }
        let found = answer.contradiction(by: instance.exact.preActivations(at: point))
        #expect(found == nil, "seed \(seed), \(slopes)")
      }
    }
  }

  @Test("bounds and margins are those of Algorithm 1", arguments: seeds(20))
  func algorithm(seed: UInt64) throws {
    let instance = try instance(seed, radius: 0.0625)
    let answer = instance.answer(everyRow: true)
    let truth = ExactAlgorithm1(instance.exact, over: instance.box, slopeBits: 200)
    for (stage, (bounds, exact)) in zip(answer.layers, truth.layers).enumerated() {
      for unit in exact.lower.indices {
        // As in AlgorithmAgreementTests, with up to ten times as many products a sum.
        let allowed = 1e-11 * instance.magnitudes[stage][unit] + underflowTolerance
        let below = (exact.lower[unit] - Rational(bounds.lower[unit])).approximation
        let above = (Rational(bounds.upper[unit]) - exact.upper[unit]).approximation
        #expect(abs(below) <= allowed && abs(above) <= allowed, "layer \(stage), unit \(unit)")
      }
    }
  }

  @Test("over a point bounds are the pre-activations, rounded outward", arguments: seeds(20))
  func points(seed: UInt64) throws {
    let instance = try instance(seed, radius: 0)
    let answer = instance.answer(.float32)
    let truth = instance.exact.preActivations(at: instance.box.center)
    #expect(answer.contradiction(by: truth) == nil)
    let size = instance.magnitudes
    for (stage, bounds) in answer.layers.enumerated() {
      for unit in bounds.lower.indices {
        #expect(bounds.upper[unit] - bounds.lower[unit] <= 1e-4 * size[stage][unit] + 1e-30)
      }
    }
  }
}
