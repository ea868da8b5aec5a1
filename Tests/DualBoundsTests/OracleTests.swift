import ReLUChain
import TestSupport
import Testing

/// The oracles against each other, before anything is held against them.
@Suite struct OracleTests {
  @Test("the exact ranges of a hand-checked network are found at its kinks")
  func handCheckedMinimum() {
    // z = relu(x) + relu(-x) = |x| on [-1, 3]: range [0, 3]; against the constant 1: |x| - 1.
    let chain = ExactChain(
      denseChain([[1], [-1]], [0, 0], [[1, 1], [0, 0]], [0, 1]))
    let truth = ExactMinimum(chain, over: ExactBox(center: [1], radius: [2]))
    #expect(truth.lower == [[Rational(-1), Rational(-3)], [.zero, .one]])
    #expect(truth.upper == [[Rational(3), .one], [Rational(3), .one]])
    #expect(truth.margins[0][1] == Rational(-1) && truth.margins[1][0] == Rational(-2))
  }

  @Test("Algorithm 1 of a hand-checked network has the slopes and intercepts of eq. (8)")
  func handCheckedAlgorithm() {
    // l = -1, u = 3 gives s = 3/4, l = -3, u = 1 gives s = 1/4. For the row (1, 1):
    // lambda = (3/4, 1/4) on (x, -x), so 1/2 at the input: 1/2 - 2/2 = -1/2, less the constant 1.
    let chain = ExactChain(
      denseChain([[1], [-1]], [0, 0], [[1, 1], [0, 0]], [0, 1]))
    let bounds = ExactAlgorithm1(chain, over: ExactBox(center: [1], radius: [2]))
    #expect(bounds.layers[0].lower == [Rational(-1), Rational(-3)])
    #expect(bounds.layers[0].upper == [Rational(3), .one])
    #expect(bounds.margins(specificationClass: 0) == [.zero, Rational(-3, over: 2)])
    // The row (-1, -1): intercepts 3/4 * -1 and 1/4 * -3, input -1/2 - 1, constant 1.
    #expect(bounds.margins(specificationClass: 1) == [Rational(-2), .zero])
  }

  @Test("Algorithm 1 never leaves the exact ranges uncovered", arguments: seeds(12))
  func algorithmCoversTheRanges(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .smallIntegers)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (2, 3, 2...3)
    chains.mixesKinds = seed % 2 == 0
    let chain = chains.chain()
    let ball = chains.ball(inputCount: chain.inputCount, style: .middling)
    let exact = ExactChain(chain)
    let box = ExactBox(center: ball.center, radius: ball.radius)
    let truth = ExactMinimum(exact, over: box)
    let bounds = ExactAlgorithm1(exact, over: box)
    #expect(truth.cellCount > 0)
    for (index, layer) in bounds.layers.enumerated() {
      #expect(zip(layer.lower, truth.lower[index]).allSatisfy { $0 <= $1 })
      #expect(zip(layer.upper, truth.upper[index]).allSatisfy { $0 >= $1 })
    }
    for label in 0..<chain.classCount {
      let margins = bounds.margins(specificationClass: label)
      #expect(zip(margins, truth.margins[label]).allSatisfy { $0 <= $1 })
    }
    for _ in 0..<20 {
      let logits = exact.logits(at: box.point(using: &chains.random))
      for label in logits.indices {
        let differences = logits.map { logits[label] - $0 }
        #expect(zip(truth.margins[label], differences).allSatisfy { $0 <= $1 })
      }
    }
  }

  @Test("slopes cut to 400 bits move nothing that a tolerance could see", arguments: seeds(4))
  func cutSlopesAreClose(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .smallIntegers)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (3, 3, 3...3)
    let chain = ExactChain(chains.chain())
    let ball = chains.ball(inputCount: chain.stages[0].inputCount, style: .wide)
    let box = ExactBox(center: ball.center, radius: ball.radius)
    let full = ExactAlgorithm1(chain, over: box).margins(specificationClass: 0)
    let cut = ExactAlgorithm1(chain, over: box, slopeBits: 400).margins(specificationClass: 0)
    let tolerance = Rational(Double(sign: .plus, exponent: -300, significand: 1))
    #expect(zip(full, cut).allSatisfy { ($0 - $1).magnitude <= tolerance })
  }
}
