import DualBounds
import ReLUChain
import TestSupport
import Testing

/// The engine against Algorithm 1 in exact arithmetic.
@Suite struct AlgorithmAgreementTests {
  /// The engine's own rounding: about 20 products a sum, a few sums a layer, 5 layers, at 2^-53 each
  /// is below 1e-13 of the magnitudes; the rest is room for a change of the slopes in the last place.
  private static let tolerance = 1e-12
  /// Slopes cut at 400 bits are exact for a tolerance of 40.
  private static let slopeBits = 400

  @Test(
    "with every row computed, bounds and margins are those of Algorithm 1",
    arguments: [NumberStyle.smallIntegers, .dyadic, .singles, .doubles], seeds(30))
  func everyRowAgrees(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (10, 10, 1...4)
    for ball in [BallStyle.small, .middling, .wide, .perFeature] {
      let instance = BoundCase(&chains, ball)
      let answer = instance.answer(everyRow: true)
      let truth = ExactAlgorithm1(instance.exact, over: instance.box, slopeBits: Self.slopeBits)
      let sizes = instance.magnitudes
      #expect(answer.layers.count == truth.layers.count)
      for (stage, (bounds, exact)) in zip(answer.layers, truth.layers).enumerated() {
        for unit in exact.lower.indices {
          let allowed = Self.tolerance * sizes[stage][unit] + underflowTolerance
          let (lower, upper) = (bounds.lower[unit], bounds.upper[unit])
          let place = "\(ball), layer \(stage), unit \(unit)"
          #expect(Self.isNear(lower, exact.lower[unit], allowed), "\(place)")
          #expect(Self.isNear(upper, exact.upper[unit], allowed), "\(place)")
        }
      }
      for (label, margins) in answer.margins {
        let exact = truth.margins(specificationClass: label)
        for other in exact.indices {
          let size = (sizes.last ?? [])[label] + (sizes.last ?? [])[other]
          let allowed = Self.tolerance * size + underflowTolerance
          let margin = margins[other]
          #expect(
            Self.isNear(margin, exact[other], allowed), "\(ball), margin \(label) over \(other)")
        }
      }
    }
  }

  @Test(
    "first-layer bounds cover the exact range, which Algorithm 1 finds", arguments: seeds(60))
  func firstLayerCoversItsExactRange(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .doubles : .spread)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (12, 12, 2...2)
    let instance = BoundCase(&chains, .perFeature)
    let truth = ExactAlgorithm1(instance.exact, over: instance.box, slopeBits: Self.slopeBits)
    for everyRow in [true, false] {
      let bounds = instance.answer(everyRow: everyRow).layers[0]
      for unit in bounds.lower.indices {
        #expect(Rational.isLower(bounds.lower[unit], than: truth.layers[0].lower[unit]))
        #expect(Rational.isUpper(bounds.upper[unit], than: truth.layers[0].upper[unit]))
      }
    }
  }

  @Test("the margin of a class over itself is 0, and the unstable units are counted")
  func shapeOfTheAnswer() {
    let chain = denseChain([[1], [-1], [1]], [0, 0, 9], [[1, 1, 0], [0, 0, 0]], [0, 1])
    let workspace = BoundWorkspace(BoundProblem(chain))
    let answer = workspace.margins(
      over: Ball(center: [1], radius: [2]), specificationClass: 1)
    #expect(answer.specificationClass == 1)
    #expect(answer.margins.count == 2 && answer.margins[1] == 0)
    #expect(answer.unstable == [2])
  }

  @Test("a workspace that answered for one ball answers the next one as a new one would")
  func workspacesForget() {
    var chains = RandomChains(seed: 11, style: .doubles)
    chains.depths = 3...3
    let chain = chains.chain()
    let problem = BoundProblem(chain)
    let used = BoundWorkspace(problem)
    for style in BallStyle.allCases + BallStyle.allCases.reversed() {
      let drawn = chains.ball(inputCount: chain.inputCount, style: style)
      let ball = Ball(center: drawn.center, radius: drawn.radius)
      let fresh = BoundWorkspace(problem)
      let expected = fresh.bounds(over: ball, specificationClass: 0)
      let found = used.bounds(over: ball, specificationClass: 0)
      #expect(found.margins.margins == expected.margins.margins)
      #expect(
        found.relaxation.preActivationBounds() == expected.relaxation.preActivationBounds())
    }
  }

  private static func isNear(_ value: Double, _ truth: Rational, _ allowed: Double) -> Bool {
    value.isFinite && abs((Rational(value) - truth).approximation) <= allowed
  }
}
