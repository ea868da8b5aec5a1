import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Networks that start with an elementwise stage and a ReLU, over balls of l2 and l1: there intervals
/// take each unit for itself, which a norm does not.
@Suite struct ElementwiseFirstTests {
  /// As in AlgorithmAgreementTests.
  private static let tolerance = 1e-12

  /// `relu(x)` on data that are above 0.
  private static func identity(_ count: Int) -> AffineStage {
    let zeros = [Double](repeating: 0, count: count)
    let scaling = Scaling(
      scale: zeros.map { _ in 1 }, shift: zeros, shiftMagnitude: zeros,
      deployedRoundings: 0)
    return AffineStage(operators: [
      LinearOperator(
        name: "identity", operatorType: "Mul", kind: .scaling(scaling), inputShape: [count],
        outputShape: [count])
    ])
  }

  /// A dense chain, the same behind an identity and a ReLU, and a ball in which that ReLU is active.
  private struct Pair {
    let plain: ReLUChain
    let rectified: ReLUChain
    let center: [Double]
    let extent: Double

    init(_ chains: inout RandomChains) {
      (chains.inputLimit, chains.widthLimit, chains.depths) = (10, 10, 2...4)
      chains.mixesKinds = false
      plain = chains.chain()
      rectified = ReLUChain(
        inputShape: plain.inputShape,
        stages: [ElementwiseFirstTests.identity(plain.inputCount)] + plain.stages, notes: [])
      extent = Double.random(in: 0.02...0.4, using: &chains.random)
      let extent = extent
      center = (0..<plain.inputCount).map { _ in
        extent + Double.random(in: 0...1, using: &chains.random)
      }
    }

    func ball(_ norm: Norm) -> Ball {
      Ball(center: center, radius: center.map { _ in 0 }, norm: norm, extent: extent)
    }
  }

  /// The network of a pair behind a scaling of either sign and a ReLU, so that some units of the first
  /// layer are inactive or unstable.
  private static func behindScaling(_ pair: Pair, _ chains: inout RandomChains) -> ReLUChain {
    let scale = pair.center.map { _ in chains.number() }
    let shift = pair.center.map { _ in chains.number() }
    let first = LinearOperator(
      name: "scaling", operatorType: "Mul",
      kind: .scaling(
        Scaling(
          scale: scale, shift: shift, shiftMagnitude: shift.map(\.magnitude),
          deployedRoundings: 3)),
      inputShape: pair.plain.inputShape, outputShape: pair.plain.inputShape)
    return ReLUChain(
      inputShape: pair.plain.inputShape,
      stages: [AffineStage(operators: [first])] + pair.plain.stages, notes: [])
  }

  @Test(
    "a network and the same behind a ReLU that is active have the same margins and bounds",
    arguments: NormTests.norms, seeds(60))
  func sameMargins(norm: Norm, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .singles)
    let pair = Pair(&chains)
    for everyRow in [false, true] {
      let (plain, rectified) = (
        BoundWorkspace(BoundProblem(pair.plain, computesEveryRow: everyRow)),
        BoundWorkspace(BoundProblem(pair.rectified, computesEveryRow: everyRow))
      )
      let sizes = BoundCase(
        pair.plain, center: pair.center, radius: pair.center.map { _ in pair.extent }
      ).magnitudes
      for label in 0..<pair.plain.classCount {
        let expected = plain.margins(over: pair.ball(norm), specificationClass: label)
        let found = rectified.margins(over: pair.ball(norm), specificationClass: label)
        for (other, margin) in found.margins.enumerated() {
          let size = (sizes.last ?? [])[label] + (sizes.last ?? [])[other]
          #expect(
            abs(margin - expected.margins[other]) <= Self.tolerance * size + underflowTolerance,
            "\(label) over \(other): \(margin), \(expected.margins[other])")
        }
        #expect(found.unstable == [0] + expected.unstable)
      }
    }
  }

  @Test(
    "as many are certified as of the network without it", arguments: NormTests.norms)
  func sameCertificates(norm: Norm) {
    var counts = [0, 0]
    for seed in seeds(100) {
      var chains = RandomChains(seed: seed, style: .singles)
      let pair = Pair(&chains)
      for (place, chain) in [pair.plain, pair.rectified].enumerated() {
        let workspace = BoundWorkspace(BoundProblem(chain))
        counts[place] += (0..<chain.classCount).count {
          workspace.margins(over: pair.ball(norm), specificationClass: $0).smallest > 0
        }
      }
    }
    #expect(counts[0] == counts[1] && counts[0] > 20, "\(counts)")
  }

  @Test(
    "behind any elementwise stage, every row computed, margins are those of Algorithm 1",
    arguments: NormTests.norms, seeds(60))
  func algorithm(norm: Norm, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .doubles)
    let pair = Pair(&chains)
    let chain = Self.behindScaling(pair, &chains)
    let truth = ExactAlgorithm1(
      ExactChain(chain), over: ExactBox(center: pair.center, radius: pair.center.map { _ in 0 }),
      and: ExactNormPart(norm: norm, extent: pair.extent), slopeBits: 400)
    let sizes =
      BoundCase(chain, center: pair.center, radius: pair.center.map { _ in pair.extent })
      .magnitudes.last ?? []
    let workspace = BoundWorkspace(BoundProblem(chain, computesEveryRow: true))
    for label in 0..<chain.classCount {
      let found = workspace.margins(over: pair.ball(norm), specificationClass: label).margins
      for (other, exact) in truth.margins(specificationClass: label).enumerated() {
        let gap = (exact - Rational(found[other])).approximation
        let size = sizes[label] + sizes[other]
        #expect(abs(gap) <= Self.tolerance * size + underflowTolerance, "\(label), \(other)")
      }
    }
  }

  @Test(
    "the first layer behind an elementwise stage is bounded no worse than in the box around the ball",
    arguments: NormTests.norms, seeds(60))
  func boxAround(norm: Norm, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .doubles)
    let pair = Pair(&chains)
    let chain = Self.behindScaling(pair, &chains)
    // In a box the intervals of that layer are its exact range.
    let box = Ball(center: pair.center, radius: pair.center.map { _ in pair.extent })
    let sizes = BoundCase(chain, center: box.center, radius: box.radius).magnitudes[1]
    let workspace = BoundWorkspace(BoundProblem(chain))
    let widest = workspace.relaxation(over: box).preActivationBounds()[1]
    let found = workspace.relaxation(over: pair.ball(norm)).preActivationBounds()[1]
    for unit in sizes.indices {
      let allowed = Self.tolerance * sizes[unit] + underflowTolerance
      #expect(found.lower[unit] >= widest.lower[unit] - allowed, "unit \(unit)")
      #expect(found.upper[unit] <= widest.upper[unit] + allowed, "unit \(unit)")
    }
  }
}
