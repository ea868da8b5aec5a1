import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Networks in which one charge alone stands between a bound and a false one.
@Suite struct SingleChargeTests {
  private static let directions: [BoundProblem.Direction] = [.automatic, .rows, .columns]

  private func chain(_ stages: [[LinearOperator]], inputs: Int) -> ReLUChain {
    ReLUChain(
      inputShape: [inputs], stages: stages.map { AffineStage(operators: $0) }, notes: [])
  }

  @Test(
    "the composed rows of the first layer pay for their own rounding", arguments: [Norm.l1, .l2])
  func composedRows(norm: Norm) {
    // p p - q + p p - q with p p = q + 2^-60: in binary64 the products are q, in whatever order.
    let (p, q) = (1 + 0x1p-30, 1 + 0x1p-29)
    let composed = [
      denseOperator([[p], [1], [p], [1]], [0, 0, 0, 0]), denseOperator([[p, -q, p, -q]], [0]),
    ]
    let instance = chain([composed, [denseOperator([[1], [0]], [0, 0])]], inputs: 1)
    let workspace = BoundWorkspace(BoundProblem(instance))
    let bounds = workspace.margins(
      over: Ball(center: [0], radius: [0], norm: norm, extent: 1), specificationClass: 0)
    let layer = workspace.preActivationBounds()[0]
    #expect(layer.lower[0] <= -0x1p-59 && layer.upper[0] >= 0x1p-59)
    #expect(bounds.margins[1] <= 0)
  }

  @Test("an input that the deployed format cannot hold certifies nothing at small weights either")
  func inputsBeyondTheFormat() {
    let chain = denseChain([[0x1p-20], [0]], [0, 0], [[1, 0], [0, 1]], [1, 0])
    for (format, input) in [(Arithmetic.float16, 1e5), (.float32, 1e39), (.bfloat16, 1e39)] {
      let instance = BoundCase(chain, center: [input], radius: [0])
      #expect(!instance.answer(format).certifiesSomething, "\(format)")
      #expect(instance.answer(.real).certifiesSomething)
    }
  }

  @Test("weights that underflow in the deployed format are paid for, each of them")
  func weightsThatUnderflow() {
    // Deployed in binary16, 2^-26 is 0: z_0 is 0 where it is 16 2^-13 in exact arithmetic.
    let count = 16
    let chain = denseChain(
      [[Double](repeating: 0x1p-26, count: count)], [0], [[1], [0]], [0, 0.625 * 0x1p-9])
    let instance = BoundCase(
      chain, center: [Double](repeating: 0x1p13, count: count),
      radius: [Double](repeating: 0, count: count))
    for wideSums in [false, true] {
      #expect(!instance.answer(.float16, wideSums: wideSums).certifiesSomething)
    }
    #expect(instance.answer(.real).certifiesSomething)
  }

  @Test("numbers that lie from what is meant are paid for, each of them", arguments: directions)
  func uncertainNumbers(direction: BoundProblem.Direction) {
    func bounds(_ uncertainty: Uncertainty, weight: Double, bias: Double) -> PreActivationBounds {
      let count = 16
      var instance = denseChain(
        [[Double](repeating: weight, count: count)], [bias], [[1], [0]], [0, 0])
      if case .dense(var dense) = instance.stages[0].operators[0].kind {
        dense.uncertainty = uncertainty
        instance.stages[0].operators[0].kind = .dense(dense)
      }
      let workspace = BoundWorkspace(BoundProblem(instance, direction: direction))
      let ones = [Double](repeating: 1, count: count)
      _ = workspace.margins(
        over: Ball(center: ones, radius: ones.map { _ in 0 }), specificationClass: 0)
      return workspace.preActivationBounds()[0]
    }
    let ofWeights = bounds(Uncertainty(perInput: 0x1p-20), weight: 0, bias: 0)
    #expect(ofWeights.lower[0] <= -0x1p-16 && ofWeights.upper[0] >= 0x1p-16)
    let ofOffsets = bounds(Uncertainty(perUnit: 0x1p-20), weight: 0, bias: 0)
    #expect(ofOffsets.lower[0] <= -0x1p-20 && ofOffsets.upper[0] >= 0x1p-20)
    let relative = bounds(Uncertainty(relative: 0x1p-20), weight: 1, bias: 16)
    #expect(relative.lower[0] <= 32 - 0x1p-15 && relative.upper[0] >= 32 + 0x1p-15)
  }

  @Test(
    "a coefficient that underflows does not take its part of the ball from a hidden unit",
    arguments: directions, Slopes.allCases)
  func hiddenCoefficientsThatUnderflow(direction: BoundProblem.Direction, slopes: Slopes) {
    // As in ExtremeNumberTests, a layer higher: w w x - 1.75 w w X for x in X [1.5, 2.5].
    let weight = 0x1p-545
    let (center, lift) = (0x1p190, 0x1.cp-900)
    let chain = denseChain([
      ([[weight]], [0]), ([[weight], [-weight]], [-lift, lift]), ([[1, 0], [0, 1]], [0, 0]),
    ])
    let instance = BoundCase(chain, center: [2 * center], radius: [center / 2])
    let answer = instance.answer(direction: direction, slopes: slopes)
    for end in [1.5 * center, 2.5 * center] {
      let values = instance.exact.preActivations(at: [Rational(end)])
      #expect(answer.contradiction(by: values) == nil)
    }
  }

  @Test("a box with an extent is rounded up")
  func boxWithExtent() {
    let ball = Ball(center: [0, 0], radius: [1, 0], norm: .linf, extent: 0x1p-60)
    #expect(ball.radius[0] > 1 && ball.radius[1] >= 0x1p-60)
    #expect(ball.extent == 0)
  }

  @Test("a negative radius certifies nothing", arguments: Arithmetic.allCases)
  func negativeRadius(arithmetic: Arithmetic) {
    let chain = denseChain([[1], [-1]], [0, 0], [[1, 0], [0, 1]], [1, 0])
    let workspace = BoundWorkspace(BoundProblem(chain, arithmetic: arithmetic))
    for radius in [-1, -0x1p-30, -.leastNonzeroMagnitude] {
      let margins = workspace.margins(
        over: Ball(center: [3], radius: [radius]), specificationClass: 0
      ).margins
      #expect(!(margins[1] > 0), "\(radius)")
    }
  }
}
