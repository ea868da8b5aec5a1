import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What is not a number proves nothing. No importer lets one through; the bounds do not rely on it.
@Suite struct NotANumberTests {
  @Test(
    "a chain with a number that is none certifies nothing, wherever it stands",
    arguments: Arithmetic.allCases, [BoundProblem.Direction.automatic, .rows, .columns])
  func numbers(arithmetic: Arithmetic, direction: BoundProblem.Direction) {
    for value in [Double.nan, .infinity, -.infinity] {
      for place in 0..<6 {
        func number(_ other: Int, _ usual: Double) -> Double { place == other ? value : usual }
        // z_0 = v_0 + 5 against z_1 = v_1, where v is 1 - x and x about 1: certain without the number.
        let chain = denseChain([
          ([[number(0, -1)], [1]], [number(1, 1), 0]),
          ([[number(2, 1), 0], [0, 1]], [number(3, 0), 0]),
          ([[number(4, 1), 0], [0, 1]], [number(5, 5), 0]),
        ])
        let workspace = BoundWorkspace(
          BoundProblem(chain, arithmetic: arithmetic, direction: direction))
        for slopes in Slopes.allCases {
          let bounds = workspace.margins(
            over: Ball(center: [1], radius: [0.25]), specificationClass: 0, slopes: slopes,
            untilCertified: false)
          #expect(!(bounds.smallest > 0) && !(bounds.smallestReal > 0), "\(value) at \(place)")
        }
      }
    }
  }

  @Test(
    "a layer that leaves the range in a round with lines of its own ends it; nothing is known from there",
    arguments: [Double.infinity, .nan, 0x1p300])
  func secondRound(magnitude: Double) {
    let chain = denseChain([
      ([[1], [-1]], [0, 0]), ([[1, -1], [-1, 1]], [0.5, 0.5]), ([[1, -1], [0, 1]], [0, 0]),
    ])
    let workspace = BoundWorkspace(BoundProblem(chain))
    let first = workspace.relaxation(over: Ball(center: [0], radius: [1]))
    #expect(workspace.tightened(first, passes: 1).isKnown)
    first.layers[1].live.pointee.values[3] = magnitude
    let second = workspace.tightened(first, passes: 1)
    #expect(!second.isKnown)
    let bounds = second.preActivationBounds()
    #expect(bounds[0].lower.allSatisfy(\.isFinite) && bounds[0].upper.allSatisfy(\.isFinite))
    #expect(bounds[1].lower == [-.infinity, -.infinity])
    #expect(bounds[1].upper == [.infinity, .infinity])
  }

  @Test("the smallest of margins one of which is no number is not known, in any order")
  func smallestMargin() {
    var bounds = MarginBounds(specificationClass: 1, classCount: 4)
    for margins in [[.nan, 0, 1, 2], [1, 0, .nan, 2], [1, 0, 2, .nan], [.nan, 0, .nan, .nan]] {
      (bounds.margins, bounds.realMargins) = (margins, margins)
      #expect(bounds.smallest == -.infinity && bounds.smallestReal == -.infinity, "\(margins)")
      #expect(bounds.roundingBudget == nil)
    }
    bounds.margins = [3, 0, 2, .infinity]
    #expect(bounds.smallest == 2)
  }

  @Test("a margin that is no number takes the place of none that is known")
  func improvement() {
    var bounds = MarginBounds(specificationClass: 0, classCount: 2)
    bounds.improve(1, deployed: .nan, real: .nan, by: .adaptive)
    #expect(bounds.margins[1] == -.infinity && bounds.slopes[1] == .parallel)
    bounds.improve(1, deployed: 1, real: 2, by: .adaptive)
    bounds.improve(1, deployed: .nan, real: .nan, by: .optimized)
    #expect(bounds.margins[1] == 1 && bounds.realMargins[1] == 2 && bounds.slopes[1] == .adaptive)
  }

  @Test("a radius or a centre that is none certifies nothing, though no unit reads the feature")
  func unreadFeatures() {
    let chain = ReLUChain(
      inputShape: [2],
      stages: [
        AffineStage(operators: [
          LinearOperator(
            name: "first", operatorType: "Gather",
            kind: .selection(Selection(source: [0], constant: [0])), inputShape: [2],
            outputShape: [1]), denseOperator([[1], [0]], [5, 0]),
        ])
      ], notes: [])
    let workspace = BoundWorkspace(BoundProblem(chain))
    func margin(_ ball: Ball) -> Double {
      workspace.margins(over: ball, specificationClass: 0).margins[1]
    }
    #expect(margin(Ball(center: [0, 0], radius: [1, 1])) > 3.9)
    for value in [Double.nan, .infinity, -1, -0x1p-1074] {
      #expect(!(margin(Ball(center: [0, 0], radius: [1, value])) > 0), "radius \(value)")
    }
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(!(margin(Ball(center: [0, value], radius: [1, 1])) > 0), "centre \(value)")
    }
  }

  @Test("a row with an entry that is none has no norm", arguments: Norm.allCases)
  func norms(norm: Norm) {
    let block = Buffer<Double>(repeating: 0.5, count: 3 * 4)
    for (row, value) in [Double.nan, .infinity, -.infinity].enumerated() { block[4 + row] = value }
    let norms = RowNorms()
    norms.measure(block.pointer, count: 3, padded: 4)
    for row in 0..<3 { #expect(norms.dual(of: norm, row: row) == .infinity) }
    #expect(norms.dual(of: norm, row: 3).isFinite)
  }

  @Test("the rounding budget is not below the exact difference")
  func roundingBudget() {
    var bounds = MarginBounds(specificationClass: 0, classCount: 2)
    for (real, deployed) in [(1, -0x1p-60), (1 + 0x1p-52, -0x1p-53), (0x1p60, 1), (0.1, 0.3)] {
      (bounds.realMargins, bounds.margins) = ([0, real], [0, deployed])
      let difference = Rational(real) - Rational(deployed)
      #expect(Rational(bounds.roundingBudget ?? -1) >= difference, "\(real), \(deployed)")
    }
  }
}
