import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Networks in which one charge alone stands between a bound and a false one.
@Suite struct SingleChargeTests {
  private static let directions: [BoundProblem.Direction] = [.automatic, .rows, .columns]

  @Test("an input that the deployed format cannot hold certifies nothing at small weights either")
  func inputsBeyondTheFormat() {
    let chain = denseChain([[0x1p-20], [0]], [0, 0], [[1, 0], [0, 1]], [1, 0])
    for (format, input) in [(Arithmetic.float16, 1e5), (.float32, 1e39), (.bfloat16, 1e39)] {
      let instance = BoundCase(chain, center: [input], radius: [0])
      #expect(!instance.answer(format).certifiesSomething, "\(format)")
      #expect(instance.answer(.real).certifiesSomething)
    }
  }

  @Test("more roundings than a format has digits for certify nothing")
  func moreRoundingsThanDigits() {
    // A sum of ones from left to right ends at 2^8 in bfloat16, at 2^11 in binary16, where a unit in the
    // last place is 2.
    for (format, count, other) in [(Arithmetic.bfloat16, 300, 280.0), (.float16, 2100, 2060)] {
      let ones = [Double](repeating: 1, count: count)
      let chain = denseChain([([ones, ones.map { _ in 0 }], [0, other])])
      let instance = BoundCase(chain, center: ones, radius: ones.map { _ in 0 })
      #expect(!instance.answer(format, wideSums: false).certifiesSomething, "\(format)")
      #expect(instance.answer(.real).certifiesSomething)
    }
  }

  @Test("what rounding and uncertain numbers may move a value by counts for overflow")
  func chargesBeyondTheFormat() {
    let chain = denseChain([[1]], [0], [[0x1p-20], [0]], [1, 0]).changingFirst {
      $0.claiming(Uncertainty(perUnit: 1e5))
    }
    let instance = BoundCase(chain, center: [1], radius: [0])
    #expect(!instance.answer(.float16).certifiesSomething)
    for held in [Arithmetic.real, .float32, .bfloat16] {
      #expect(instance.answer(held).certifiesSomething, "\(held)")
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
      let instance = denseChain(
        [[Double](repeating: weight, count: count)], [bias], [[1], [0]], [0, 0]
      ).changingFirst { $0.claiming(uncertainty) }
      let workspace = BoundWorkspace(BoundProblem(instance, direction: direction))
      let ones = [Double](repeating: 1, count: count)
      let ball = Ball(center: ones, radius: ones.map { _ in 0 })
      return workspace.relaxation(over: ball).preActivationBounds()[0]
    }
    let ofWeights = bounds(Uncertainty(perInput: 0x1p-20), weight: 0, bias: 0)
    #expect(ofWeights.lower[0] <= -0x1p-16 && ofWeights.upper[0] >= 0x1p-16)
    let ofOffsets = bounds(Uncertainty(perUnit: 0x1p-20), weight: 0, bias: 0)
    #expect(ofOffsets.lower[0] <= -0x1p-20 && ofOffsets.upper[0] >= 0x1p-20)
    let relative = bounds(Uncertainty(relative: 0x1p-20), weight: 1, bias: 16)
    #expect(relative.lower[0] <= 32 - 0x1p-15 && relative.upper[0] >= 32 + 0x1p-15)
  }

  @Test("what an operator moves a value by, and what an offset was made of, is charged, too")
  func uncertainScalings() {
    func bounds(
      bias: Uncertainty, _ scaling: Uncertainty, offsetMagnitude: Double = 0
    ) -> PreActivationBounds {
      let dense = Dense(weights: [0], bias: [0], uncertainty: bias)
      let scaled = Scaling(
        scale: [1], shift: [0], shiftMagnitude: [offsetMagnitude], uncertainty: scaling,
        deployedRoundings: 1)
      let operators = [LinearOperator.Kind.dense(dense), .scaling(scaled)].map {
        LinearOperator(
          name: "", operatorType: "", kind: $0, inputShape: [1], outputShape: [1])
      }
      let stages = [operators, [denseOperator([[1], [0]], [0, 0])]]
      let chain = ReLUChain(
        inputShape: [1], stages: stages.map { AffineStage(operators: $0) }, notes: [])
      let workspace = BoundWorkspace(BoundProblem(chain))
      return workspace.relaxation(over: Ball(center: [1], radius: [0])).preActivationBounds()[0]
    }
    let unit = 0x1p-8
    let moved = bounds(bias: Uncertainty(perUnit: unit), Uncertainty(relative: unit))
    #expect(moved.lower[0] <= -unit * (1 + unit) && moved.upper[0] >= unit * (1 + unit))
    let cancelled = bounds(bias: .none, Uncertainty(relative: unit), offsetMagnitude: 16)
    #expect(cancelled.lower[0] <= -16 * unit && cancelled.upper[0] >= 16 * unit)
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
    for radius in [-1, -0x1p-30, -Double.leastNonzeroMagnitude] {
      let margins = workspace.margins(
        over: Ball(center: [3], radius: [radius]), specificationClass: 0
      ).margins
      #expect(!(margins[1] > 0), "\(radius)")
    }
  }

  @Test("a coefficient that overflows leaves no margin that is no number")
  func coefficientsThatOverflow() {
    let chain = denseChain([
      ([[1e160, 0], [0, 1]], [0, 0]), ([[1e160, 1], [0, 1]], [0, 0]),
      ([[1, 0], [0, 1]], [0, 0]),
    ])
    let instance = BoundCase(chain, center: [0, 1], radius: [0, 0.5])
    for direction in Self.directions {
      for slopes in Slopes.allCases {
        let answer = instance.answer(direction: direction, slopes: slopes)
        #expect(answer.allMargins.allSatisfy { !$0.isNaN })
        #expect(answer.allRealMargins.allSatisfy { !$0.isNaN })
      }
    }
  }

  @Test("a Clip that may bind certifies nothing", arguments: Arithmetic.allCases)
  func clipThatMayBind(arithmetic: Arithmetic) {
    let chain = denseChain([[1], [0]], [0, 0], [[1, 0], [0, 1]], [1, 0]).changingFirst {
      $0.limitingOutput(to: 4)
    }
    let below = BoundCase(chain, center: [2], radius: [1])
    let beyond = BoundCase(chain, center: [3.5], radius: [1])
    #expect(below.answer(arithmetic).certifiesSomething)
    #expect(!beyond.answer(arithmetic).certifiesSomething)
  }

  @Test(
    "an unstable unit pays for rounding that is large beside its value, whatever its lines are",
    arguments: directions)
  func unstableUnitsThatCancel(direction: BoundProblem.Direction) {
    // As below, around 2^20 that is taken off again: far beyond what a row's own sum is charged with. The
    // unit is unstable by a hair, so that its lines' gap pays for next to nothing.
    let (sliver, count) = (0x1.ffp-34, 60)
    let center = [1, 0x1p20] + [Double](repeating: sliver, count: count) + [0x1p20]
    let weights = [Double](repeating: 1, count: count + 2) + [-1]
    let chain = denseChain([weights], [0], [[-1], [0]], [0, 0])
    let radius = [1.01] + [Double](repeating: 0, count: count + 2)
    let instance = BoundCase(chain, center: center, radius: radius)
    let values = instance.exact.preActivations(
      at: [Rational(1) + Rational(1.01)] + center.dropFirst().map { Rational($0) })
    for slopes in Slopes.allCases {
      let answer = instance.answer(direction: direction, slopes: slopes)
      #expect(answer.contradiction(by: values) == nil, "\(slopes)")
    }
  }

  @Test("an unstable unit pays for its rounding, whatever its lines are", arguments: directions)
  func unstableUnits(direction: BoundProblem.Direction) {
    // y + 1 + slivers - 1 with y in [0, 2]: a sum from left to right loses every sliver, so that the
    // unit reaches further up than its midpoint says.
    let (sliver, count) = (0x1p-53, 60)
    let center = [1, 1] + [Double](repeating: sliver, count: count) + [1]
    let weights = [Double](repeating: 1, count: count + 2) + [-1]
    let chain = denseChain([weights], [0], [[-1], [0]], [0, 0])
    let radius = [1] + [Double](repeating: 0, count: count + 2)
    let instance = BoundCase(chain, center: center, radius: radius)
    let values = instance.exact.preActivations(
      at: [Rational(2)] + center.dropFirst().map { Rational($0) })
    for slopes in Slopes.allCases {
      let answer = instance.answer(direction: direction, slopes: slopes)
      #expect(answer.contradiction(by: values) == nil, "\(slopes)")
    }
  }
}
