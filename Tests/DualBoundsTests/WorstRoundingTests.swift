import CKernels
import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Sums in which every addition rounds to the same side: 1, and behind it slivers that each vanish. A
/// charge for the rounding of a sum is used up by them, and none of it is left where it is forgotten.
@Suite struct WorstRoundingTests {
  /// A little less than half of the last place of 1: `1 + sliver` is 1.
  private static let sliver = 0x1.ffp-54

  /// 1, and `count - 1` slivers.
  private static func losing(_ count: Int) -> [Double] {
    [1] + [Double](repeating: sliver, count: count - 1)
  }

  /// The exact sum of these.
  private static func sum(_ numbers: [Double]) -> Rational {
    numbers.reduce(.zero) { $0 + Rational($1) }
  }

  /// Convolutions that add up neighbours, two by two: each sum is charged for two terms, while a row
  /// reaches all of them.
  private static func tree(_ count: Int, bias: Double = 0) -> [LinearOperator] {
    var operators: [LinearOperator] = []
    var width = count
    while width > 1 {
      operators.append(
        LinearOperator(
          name: "pairs of \(width)", operatorType: "Conv",
          kind: .convolution(
            Convolution(
              input: (1, 1, width), output: (1, 1, width / 2), kernel: (1, 2), stride: (1, 2),
              pad: (0, 0), dilation: (1, 1), groups: 1, weights: [1, 1],
              bias: [width == 2 ? bias : 0])),
          inputShape: [1, 1, width], outputShape: [1, 1, width / 2]))
      width /= 2
    }
    return operators
  }

  private static func chain(_ stages: [[LinearOperator]], inputShape: [Int]) -> ReLUChain {
    ReLUChain(
      inputShape: inputShape, stages: stages.map { AffineStage(operators: $0) }, notes: [])
  }

  @Test("the sums of a hidden unit's row", arguments: kernelsHere)
  func rowsOfUnits(kernels: String) {
    let radii = Self.losing(4096)
    let chain = Self.chain(
      [Self.tree(4096), [denseOperator([[1], [0]], [0, 0])]], inputShape: [1, 1, 4096])
    for everyRow in [false, true] {
      let workspace = BoundWorkspace(
        BoundProblem(chain, direction: .rows, computesEveryRow: everyRow), kernels: present(kernels)
      )
      let ball = Ball(center: radii.map { _ in 0 }, radius: radii)
      let bounds = workspace.relaxation(over: ball).preActivationBounds()[0]
      #expect(Rational.isLower(bounds.lower[0], than: -Self.sum(radii)))
      #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(radii)))
    }
  }

  @Test("the sum of what lower lines move a row by", arguments: kernelsHere)
  func shifts(kernels: String) {
    // The sum of relu(part (1 + (1 + 2^-30) y)) over |y| <= 1 is 0 at y = -1: lines of slope 0 find it,
    // each of which takes the midpoint's value back. The gaps between lines are next to nothing, and so is
    // what rows pay for their own sums. The largest part is above 1 after its slope, too.
    let parts = [1.0625] + Self.losing(4096).dropFirst()
    let units = denseOperator(parts.map { [(1 + 0x1p-30) * $0] }, parts)
    let sum = Self.tree(4096) + [denseOperator([[1], [0]], [0, 0])]
    let workspace = BoundWorkspace(
      BoundProblem(Self.chain([[units], sum], inputShape: [1]), direction: .rows),
      kernels: present(kernels))
    let bounds = workspace.margins(
      over: Ball(center: [0], radius: [1]), specificationClass: 0, slopes: .optimized,
      untilCertified: false)
    #expect(bounds.margins[1] <= 0 && bounds.realMargins[1] <= 0)
    #expect(bounds.margins[1] > -1e-9, "the lines get there")
  }

  /// The sum of one input's copies, each times its part, and a margin of it.
  private static func copied(_ parts: [Double]) -> ReLUChain {
    let (count, zeros) = (parts.count, parts.map { _ in 0.0 })
    let scaling = LinearOperator(
      name: "parts", operatorType: "Mul",
      kind: .scaling(
        Scaling(scale: parts, shift: zeros, shiftMagnitude: zeros, deployedRoundings: 0)),
      inputShape: [1, 1, count], outputShape: [1, 1, count])
    let copies = denseOperator(parts.map { _ in [1] }, zeros)
    return chain(
      [[copies, scaling] + tree(count), [denseOperator([[1], [0]], [0, 0])]], inputShape: [1])
  }

  @Test("the sums of one step of a row", arguments: kernelsHere)
  func stepsOfRows(kernels: String) {
    // Many outputs that read one input, which no forward sum of many terms pays for.
    let parts = Self.losing(4096)
    let chain = Self.copied(parts)
    let workspace = BoundWorkspace(BoundProblem(chain, direction: .rows), kernels: present(kernels))
    let known = workspace.bounds(over: Ball(center: [0], radius: [1]), specificationClass: 1)
    let bounds = known.relaxation.preActivationBounds()[0]
    #expect(Rational.isLower(bounds.lower[0], than: -Self.sum(parts)))
    #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(parts)))
    #expect(Rational.isLower(known.margins.margins[0], than: -Self.sum(parts)))
  }

  @Test("the sums of one step of a row that cancels", arguments: kernelsHere)
  func stepsThatCancel(kernels: String) {
    // As before, but that the largest part is taken off again at the end: the coefficient on the input
    // is computed as 0, so that the row pays nothing there and nothing for its own sum.
    let parts = Self.losing(4095) + [-1]
    let chain = Self.copied(parts)
    let workspace = BoundWorkspace(BoundProblem(chain, direction: .rows), kernels: present(kernels))
    let known = workspace.bounds(over: Ball(center: [0], radius: [1]), specificationClass: 1)
    let bounds = known.relaxation.preActivationBounds()[0]
    #expect(Rational.isLower(bounds.lower[0], than: -Self.sum(parts)))
    #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(parts)))
    #expect(Rational.isLower(known.margins.margins[0], than: -Self.sum(parts)))
  }

  @Test("the sums of the rows that a norm is taken of", arguments: [Norm.l2, .l1])
  func leadingNorms(norm: Norm) throws {
    // The composed row is computed as 0.
    let parts = Self.losing(4095) + [-1]
    let chain = Self.chain(
      [
        [denseOperator(parts.map { _ in [1] }, parts.map { _ in 0 }), denseOperator([parts], [0])],
        [denseOperator([[1], [0]], [0, 0])],
      ], inputShape: [1])
    let workspace = BoundWorkspace(BoundProblem(chain, direction: .rows))
    let ball = Ball(center: [0], radius: [0], norm: norm, extent: 1)
    let known = workspace.bounds(over: ball, specificationClass: 1)
    let part = try #require(NormPart(ball))
    let layer = known.relaxation.layers[try #require(workspace.problem.firstReLU)]
    #expect(Rational(workspace.reach(of: part, layer, 0)) >= Self.sum(parts))
    let bounds = known.relaxation.preActivationBounds()[0]
    #expect(Rational.isLower(bounds.lower[0], than: -Self.sum(parts)))
    #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(parts)))
    #expect(Rational.isLower(known.margins.margins[0], than: -Self.sum(parts)))
  }

  @Test(
    "the sums of one step of a row in which the largest terms cancel",
    arguments: kernelsHere)
  func cancellingSteps(kernels: String) {
    // Nothing is left of the coefficient that comes out, so that nothing relative to it pays.
    let count = 8192
    let parts = Self.losing(count - 1) + [-1]
    let chain = Self.copied(parts)
    let workspace = BoundWorkspace(
      BoundProblem(chain, direction: .rows, computesEveryRow: true), kernels: present(kernels))
    let bounds = workspace.relaxation(over: Ball(center: [0], radius: [1]))
      .preActivationBounds()[0]
    #expect(Rational.isLower(bounds.lower[0], than: -Self.sum(parts)))
    #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(parts)))
    #expect(bounds.upper[0] < 0x1p-36, "the row is short")
  }

  @Test("the sums of a margin's row, with slopes of any kind", arguments: Slopes.allCases)
  func rowsOfMargins(slopes: Slopes) {
    let radii = Self.losing(4096)
    // The sum itself, and 3 more behind a ReLU that is active.
    let plain = Self.chain(
      [Self.tree(4096) + [denseOperator([[1], [0]], [0, 0])]], inputShape: [1, 1, 4096])
    let rectified = Self.chain(
      [Self.tree(4096, bias: 3), [denseOperator([[1], [0]], [0, 0])]], inputShape: [1, 1, 4096])
    for (chain, middle) in [(plain, Rational.zero), (rectified, Rational(3))] {
      let workspace = BoundWorkspace(BoundProblem(chain, direction: .rows))
      let bounds = workspace.margins(
        over: Ball(center: radii.map { _ in 0 }, radius: radii), specificationClass: 0,
        slopes: slopes, untilCertified: false)
      #expect(Rational.isLower(bounds.margins[1], than: middle - Self.sum(radii)))
      #expect(Rational.isLower(bounds.realMargins[1], than: middle - Self.sum(radii)))
    }
  }

  @Test("the sums of the forward pass", arguments: [5, 257, 4096])
  func forwardPass(count: Int) {
    let point = Self.losing(count)
    let row = point.map { _ in 1.0 }
    let dense = Self.chain([[denseOperator([row, row.map { -$0 }], [0, 0])]], inputShape: [count])
    let workspace = BoundWorkspace(BoundProblem(dense))
    for (label, sign) in [(0, Rational.one), (1, -Rational.one)] {
      let margins = workspace.margins(
        over: Ball(center: point, radius: point.map { _ in 0 }), specificationClass: label
      ).margins
      let twice = sign * (Self.sum(point) + Self.sum(point))
      #expect(Rational.isLower(margins[1 - label], than: twice))
    }
  }

  @Test("what columns owe is carried through an activation")
  func columnsBehindAnActivation() {
    let point = Self.losing(200)
    let chain = denseChain([
      ([point.map { _ in 1 }], [0]), ([[1]], [-1]), ([[1], [0]], [0, 0]),
    ])
    for direction in [BoundProblem.Direction.rows, .columns] {
      let workspace = BoundWorkspace(BoundProblem(chain, direction: direction))
      let ball = Ball(center: point, radius: point.map { _ in 0 })
      let bounds = workspace.relaxation(over: ball).preActivationBounds()[1]
      #expect(Rational.isUpper(bounds.upper[0], than: Self.sum(point) - .one), "\(direction)")
    }
  }

  @Test("the norms of rows", arguments: Norm.allCases)
  func norms(norm: Norm) {
    // The squares of the small ones are slivers, too.
    let count = 4096
    let entries = [1] + [Double](repeating: norm == .l2 ? 0x1.6p-27 : Self.sliver, count: count - 1)
    let padded = 4
    let block = Buffer<Double>(repeating: 0, count: count * padded)
    for (place, entry) in entries.enumerated() {
      for row in 0..<padded { block[place * padded + row] = row % 2 == 0 ? entry : -entry }
    }
    let norms = RowNorms()
    norms.measure(block.pointer, count: count, padded: padded)
    for row in 0..<padded {
      let found = Rational(norms.dual(of: norm, row: row))
      switch norm {
      case .linf: #expect(found >= Self.sum(entries))
      case .l1: #expect(found >= .one)
      case .l2: #expect(found * found >= Self.sum(entries.map { $0 * $0 }))
      }
    }
  }

  @Test("what the norm of a ball takes from a row", arguments: [Norm.l2, .l1], seeds(20))
  func priceOfNorms(norm: Norm, seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let entries = (0..<3).map { _ in Double.random(in: -1...1, using: &random) }
    let extent = Double.random(in: 0.5...2, using: &random)
    let chain = denseChain([([entries, [0, 0, 0]], [0, 0])])
    let input = InputView(
      chain, Ball(center: [0, 0, 0], radius: [0, 0, 0], norm: norm, extent: extent))
    let block = Buffer<Double>(repeating: 0, count: 12)
    let cost = Buffer<Double>(repeating: 0, count: 4)
    for (place, entry) in entries.enumerated() { block[4 * place] = entry }
    input.norms.pay(
      try #require(input.relaxation.normPart), block.pointer, over: input.view, padded: 4,
      cost: cost.pointer)
    let (paid, reach) = (Rational(cost[0]), Rational(extent))
    if norm == .l1 {
      #expect(paid >= reach * Rational(entries.map(\.magnitude).max() ?? 0))
    } else {
      let squares = entries.reduce(Rational.zero) { $0 + Rational($1) * Rational($1) }
      #expect(paid * paid >= reach * reach * squares)
    }
  }

  @Test("a norm of a row that is no number, or beyond every number, bounds nothing")
  func normsBeyondTheRange() throws {
    let workspace = BoundWorkspace(
      BoundProblem(denseChain([[1], [1]], [0, 0], [[1, 0], [0, 1]], [0, 0])))
    let ball = Ball(center: [0], radius: [0], norm: .l2, extent: 1)
    let layers = workspace.relaxation(over: ball).layers
    func widens() -> Bool {
      workspace.widenByNorm(layers[1], 1, on: [layers[0]], NormPart(ball))
    }
    #expect(widens())
    for norm in [Double.infinity, .nan, 0x1p300] {
      workspace.leadingNorms.values[1] = norm
      #expect(!widens(), "\(norm)")
    }
  }

  @Test("the norm of a row whose squares underflow or overflow", arguments: [-600, -540, 450, 520])
  func extremeSquares(exponent: Int) {
    let size = Double(sign: .plus, exponent: exponent, significand: 1.5)
    let block = Buffer<Double>(repeating: size, count: 3 * 4)
    let norms = RowNorms()
    norms.measure(block.pointer, count: 3, padded: 4)
    let found = Rational(norms.dual(of: .l2, row: 0))
    #expect(found * found >= Self.sum([1, 1, 1]) * Rational(size) * Rational(size))
  }

  @Test("the gap between an unstable unit's lines is not below what it is", arguments: seeds(20))
  func gaps(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .doubles)
    (chains.depths, chains.widthLimit) = (2...3, 16)
    let instance = BoundCase(&chains, .wide)
    let problem = BoundProblem(instance.chain)
    let relaxation = BoundWorkspace(problem).relaxation(over: instance.ball)
    for (layer, state) in zip(problem.layers, relaxation.layers) where layer.isReLU {
      let view = RowView(layer, ones: problem.ones)
      view.take(state, ownLines: true)
      cm_open_window(view.view, state.everything)
      let lines = view.lines
      lines.open(state, view.view.pointee, padded: 4, firstStep: 0.3)
      let live = state.live.pointee
      let unstable = (0..<Int(live.count)).filter { state.bounds.lower[Int(live.unit[$0])] < 0 }
      #expect(Int(lines.lines.count) == unstable.count)
      for (place, slot) in unstable.enumerated() {
        let lower = Rational(state.bounds.lower[Int(live.unit[slot])])
        let gap = Rational(-1, over: 2) * Rational(live.slope[slot]) * lower
        #expect(Rational(lines.lines.gap[place]) >= gap)
        #expect(lines.lines.slope[place] == live.slope[slot])
      }
    }
  }
}
