import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Numbers at the ends of binary64: a margin is a true bound or says that nothing is known.
@Suite struct ExtremeNumberTests {
  private static let numbers: [Double] = [
    0, -0.0, 1, -1, 0.1, 3e-5, 1e300, -1e300, 1e154, -1e160, 1e-300, -1e-300, 1e-160,
    .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e38, 0x1p60,
  ]
  private static let radii: [Double] = [
    0, .leastNonzeroMagnitude, 0x1p-1030, 1e-9, 0.5, 1e30, 1e300, .greatestFiniteMagnitude,
  ]
  /// Numbers whose products stay in range while the products of weights alone do not.
  private static let balanced: [Double] = [
    1, 0x1p-560, -0x1p-560, 0x1p-500, 0x1p-330, 0x1p-150, 0x1p60, 0x1p120, -0x1p190, 0x1p198, 3,
    -0x1p-400, 0x1p-830, -0x1p-790, 0x1p390, 0x1p900,
  ]

  @Test(
    "overflow, underflow and huge balls never certify what is not so",
    arguments: [false, true], seeds(200))
  func extremesAreSound(isBalanced: Bool, seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let numbers = isBalanced ? Self.balanced : Self.numbers
    let radii = isBalanced ? Self.balanced.map(\.magnitude) : Self.radii
    let instance = extremeInstance(numbers, radii: radii, using: &random)
    for arithmetic in Arithmetic.allCases {
      for everyRow in [true, false] {
        let answer = instance.answer(
          arithmetic, everyRow: everyRow, direction: seed % 2 == 0 ? .columns : .automatic,
          slopes: random.pick(Slopes.allCases, or: .parallel))
        #expect(!answer.allMargins.contains { $0.isNaN || $0 == .infinity })
        for _ in 0..<4 {
          let values = instance.exact.preActivations(at: instance.box.point(using: &random))
          let contradiction = answer.contradiction(by: values)
          #expect(contradiction == nil, "\(arithmetic), every row: \(everyRow)")
        }
      }
    }
  }

  @Test("weights that binary32 cannot hold certify nothing for the deployed network")
  func weightsBeyondSingle() {
    let chain = denseChain([[1e39], [1]], [0, 0], [[0, 0], [0, 0]], [5, 1])
    let instance = BoundCase(chain, center: [1], radius: [0.5])
    #expect(!instance.answer(.float32).certifiesSomething)
    #expect(instance.answer(.real).allMargins[1] > 3.9)
  }

  @Test("a weight that the deployed format turns to infinity certifies nothing at small inputs")
  func infiniteWeights() {
    // 2^140 x is about 1 at x = 2^-140; the deployed weight is infinite all the same.
    let chain = denseChain([[0x1p140], [1]], [0, 0], [[1, 0], [0, 1]], [0, 0])
    let instance = BoundCase(chain, center: [0x1p-139], radius: [0x1p-141])
    #expect(!instance.answer(.float32).certifiesSomething)
    #expect(!instance.answer(.bfloat16).certifiesSomething)
    #expect(instance.answer(.real).certifiesSomething)
    #expect(instance.answer(.float64).certifiesSomething)
    let half = denseChain([[0x1p20], [1]], [0, 0], [[1, 0], [0, 1]], [0, 0])
    let small = BoundCase(half, center: [0x1p-19], radius: [0x1p-21])
    #expect(!small.answer(.float16).certifiesSomething)
  }

  @Test(
    "a ball without a finite centre or radius certifies nothing", arguments: Arithmetic.allCases)
  func endlessBalls(arithmetic: Arithmetic) {
    let chain = denseChain([[1], [-1]], [0, 0], [[1, 0], [0, 1]], [1, 0])
    let workspace = BoundWorkspace(BoundProblem(chain, arithmetic: arithmetic))
    let balls = [
      Ball(center: [1], radius: [.infinity]), Ball(center: [.nan], radius: [1]),
      Ball(center: [.infinity], radius: [0]), Ball(center: [1], radius: [.nan]),
    ]
    for ball in balls {
      let margins = workspace.margins(over: ball, specificationClass: 0).margins
      #expect(!(margins[1] > 0), "\(ball)")
    }
    let after = workspace.margins(over: Ball(center: [3], radius: [1]), specificationClass: 0)
    #expect(after.margins[1] > 2.9, "what came before leaves no trace")
  }

  @Test(
    "a column that overflows over a feature that stays put is not a unit that stays 0",
    arguments: [BoundProblem.Direction.automatic, .rows, .columns])
  func columnsThatOverflow(direction: BoundProblem.Direction) {
    // x_0 = 0; v_0 = relu(1e180 relu(1e180 x_0) + 5 x_1) reaches 10, where z_0 = 1 - v_0 loses.
    let chain = denseChain([
      ([[1e180, 0], [0, 1], [0, 1], [0, 1]], [0, 0, 0, 0]),
      ([[1e180, 5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], [0, -1, -1, -1]),
      ([[-1, 0, 0, 0], [0, 0, 0, 0]], [1, 0]),
    ])
    let instance = BoundCase(chain, center: [0, 1], radius: [0, 1])
    #expect(!(instance.answer(direction: direction).allMargins[1] > -9))
  }

  @Test(
    "a coefficient that underflows does not take its part of the ball with it",
    arguments: [(660, 390), (545, 190), (540, 195), (600, 240), (1000, 1000)])
  func coefficientsThatUnderflow(smallness: Int, size: Int) {
    // z_0 - z_1 = w w x - 1.75 w w X for x in X [1.5, 2.5]: the coefficient w w is below binary64,
    // every value is within it, and the minimum is -w w X / 4.
    let weight = Double(sign: .plus, exponent: -smallness, significand: 1)
    let center = Double(sign: .plus, exponent: size, significand: 1)
    let lift = Double(sign: .plus, exponent: size - 2 * smallness, significand: 1.75)
    let chain = denseChain([[weight]], [0], [[weight], [0]], [-lift, 0])
    let instance = BoundCase(chain, center: [2 * center], radius: [center / 2])
    for everyRow in [true, false] {
      #expect(!(instance.answer(everyRow: everyRow).allMargins[1] > 0))
    }
  }

  private func extremeInstance(
    _ numbers: [Double], radii: [Double], using random: inout SeededGenerator
  ) -> BoundCase {
    // A few kinds of number in each instance, so that some stay in range by chance.
    let chosen = (0..<3).map { _ in random.pick(numbers, or: 0) } + [0, 1, -1]
    let depth = Int.random(in: 1...4, using: &random)
    let inputs = Int.random(in: 1...4, using: &random)
    var stages: [(rows: [[Double]], bias: [Double])] = []
    var count = inputs
    for index in 0..<depth {
      let width = index == depth - 1 ? 2 : Int.random(in: 1...4, using: &random)
      let rows = (0..<width).map { _ in (0..<count).map { _ in random.pick(chosen, or: 0) } }
      stages.append((rows, (0..<width).map { _ in random.pick(chosen, or: 0) }))
      count = width
    }
    return BoundCase(
      denseChain(stages), center: (0..<inputs).map { _ in random.pick(chosen, or: 0) },
      radius: (0..<inputs).map { _ in random.pick(radii, or: 0) })
  }
}
