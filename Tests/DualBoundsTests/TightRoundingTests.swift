import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Small operators at numbers where every rounding that is charged can be used up: one charged too
/// few and a test here finds a sum beyond its bound.
@Suite struct TightRoundingTests {
  @Test("a product of one or two terms and its offset", arguments: seeds(8))
  func productsAndTheirSum(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for trial in 0..<100 {
      let operators = [dense(1), dense(2), pointwise(groups: 1), pointwise(groups: 2), scaling()]
      let chain = ReLUChain(operators[trial % operators.count](&random))
      let point = (0..<chain.inputCount).map { _ in nearOne(&random) }
      let network = DeployedNetwork(chain)
      check(chain, at: point) { network.logits(at: point, using: &random) }
    }
  }

  @Test("Gemm's alpha and beta may be applied before or after the sum", arguments: seeds(8))
  func alphaAndBeta(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<100 {
      let count = Int.random(in: 1...2, using: &random)
      let row = (0..<count).map { _ in Float(nearOne(&random)) / Float(count) }
      let offset = Float.random(in: 0..<0x1p-23, using: &random)
      let product = GeneralProduct(
        rows: [row, row.map { -$0 }, row.map { _ in 0 }], offsets: [offset, -offset, 0],
        alpha: Float(nearOne(&random)), beta: Float(nearOne(&random)))
      let point = (0..<count).map { _ in nearOne(&random) }
      check(ReLUChain(product.dense(name: "gemm")), at: point) {
        product.applied(to: point.map(Float.init), using: &random).map(Double.init)
      }
    }
  }

  private func check(_ chain: ReLUChain, at point: [Double], _ logits: () -> [Double]) {
    let instance = BoundCase(chain, center: point, radius: point.map { _ in 0 })
    let answer = instance.answer(.float32)
    for _ in 0..<4 {
      let contradiction = answer.contradiction(
        by: [logits().map { Rational($0) }], isExact: false)
      #expect(contradiction == nil, "\(chain.stages) at \(point)")
    }
  }

  /// Just above 1, where one rounding weighs most, and far enough from it for products to round.
  private func nearOne(_ random: inout SeededGenerator) -> Double {
    1 + Double(Int.random(in: 2048..<4096, using: &random)) * 0x1p-23
  }

  /// A part of the unit in the last place of numbers just above 1: a sum with it rounds.
  private func sliver(_ random: inout SeededGenerator) -> Double {
    Double(Float.random(in: 0..<0x1p-23, using: &random))
  }

  private typealias Maker = (inout SeededGenerator) -> LinearOperator

  /// `w x + b`, its negative, and 0.
  private func dense(_ inputs: Int) -> Maker {
    { random in
      let row = (0..<inputs).map { _ in nearOne(&random) / Double(inputs) }
      let offset = sliver(&random)
      return denseOperator([row, row.map { -$0 }, row.map { _ in 0 }], [offset, -offset, 0])
    }
  }

  /// In each group of one input: `w x + b` and 0, or their negatives.
  private func pointwise(groups: Int) -> Maker {
    { random in
      let sign = random.chance(0.5) ? 1.0 : -1
      var (weights, bias): ([Double], [Double]) = ([], [])
      for _ in 0..<groups {
        weights += [sign * nearOne(&random), 0]
        bias += [sign * sliver(&random), 0]
      }
      return LinearOperator(
        name: "conv", operatorType: "Conv",
        kind: .convolution(
          Convolution(
            input: (groups, 1, 1), output: (2 * groups, 1, 1), kernel: (1, 1), stride: (1, 1),
            pad: (0, 0), dilation: (1, 1), groups: groups, weights: weights, bias: bias)),
        inputShape: [groups, 1, 1], outputShape: [2 * groups, 1, 1])
    }
  }

  /// `w x + b` in one unit, 0 in the other.
  private func scaling() -> Maker {
    { random in
      let sign = random.chance(0.5) ? 1.0 : -1
      let shift = [sign * sliver(&random), 0]
      return LinearOperator(
        name: "scaling", operatorType: "Mul",
        kind: .scaling(
          Scaling(
            scale: [sign * nearOne(&random), 0], shift: shift,
            shiftMagnitude: shift.map(\.magnitude), deployedRoundings: 2)),
        inputShape: [2], outputShape: [2])
    }
  }
}

extension ReLUChain {
  /// A chain of one operator.
  fileprivate init(_ only: LinearOperator) {
    self.init(
      inputShape: only.inputShape, stages: [AffineStage(operators: [only])], notes: [])
  }
}

extension DeployedNetwork {
  /// The logits by one drawn order of summation, fused or not.
  fileprivate func logits(at point: [Double], using random: inout SeededGenerator) -> [Double] {
    let evaluation = Evaluation(
      order: random.pick(SummationOrder.allCases, or: .tree),
      fusing: random.pick([0, 0, 0.5], or: 0))
    return preActivations(at: point, evaluation, using: &random).last ?? []
  }
}
