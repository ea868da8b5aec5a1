import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What columns that are carried forward hold, against exact sums: see `ColumnBlock` for the invariant.
@Suite struct ColumnTests {
  private static func workspace(
    _ chain: ReLUChain, over ball: Ball, arithmetic: Arithmetic = .real
  ) throws -> (BoundWorkspace, [LayerRelaxation], ColumnBlock) {
    let workspace = BoundWorkspace(
      BoundProblem(chain, arithmetic: arithmetic, direction: .columns))
    let relaxation = workspace.relaxation(over: ball)
    return (workspace, relaxation.layers, try #require(workspace.columns))
  }

  @Test("what columns reach is not below the sum of what each of them reaches")
  func reach() throws {
    // Each of four partial sums starts with 1 and loses what follows.
    let radii =
      [Double](repeating: 1, count: 4)
      + [Double](repeating: 0x1.ffp-54, count: ColumnBlock.most - 4)
    let chain = denseChain([([radii.map { _ in 1 }, radii.map { _ in -1 }], [0, 0])])
    let (_, _, columns) = try Self.workspace(
      chain, over: Ball(center: radii.map { _ in 0 }, radius: radii))
    let sum = radii.reduce(Rational.zero) { $0 + Rational($1) }
    for unit in 0..<2 { #expect(Rational(columns.reach[unit]) >= sum) }
  }

  @Test(
    "their error holds the layer's charges, and the rounding of the columns themselves",
    arguments: [Arithmetic.real, .float32], seeds(20))
  func error(arithmetic: Arithmetic, seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func numbers(_ range: ClosedRange<Double>) -> [Double] {
      (0..<9).map { _ in Double.random(in: range, using: &random) }
    }
    let rows = (0..<3).map { _ in numbers(-1...1) }
    let ball = Ball(center: numbers(-1...1), radius: numbers(0...1))
    let (_, layers, columns) = try Self.workspace(
      denseChain([(rows, [0, 0, 0])]), over: ball, arithmetic: arithmetic)
    // What pointers point to.
    defer { withExtendedLifetime(layers) {} }
    let bounds = layers[1].bounds
    for (unit, row) in rows.enumerated() {
      let reach = zip(row, ball.radius).reduce(Rational.zero) {
        $0 + Rational($1.0).magnitude * Rational($1.1)
      }
      // g(fanIn + 3) for the columns' own, charged on what they reach.
      let roundings = Rational(row.count + 3) * Rational(0x1p-53)
      let charges = Rational(bounds.own_charge[unit]) + Rational(bounds.deployed_charge[unit])
      let exact = charges + roundings / (.one - roundings) * reach
      #expect(Rational(columns.error[unit]) >= exact)
    }
  }

  @Test(
    "the weight of an unstable unit's column is not below half the gap between its lines",
    arguments: seeds(20))
  func weights(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func row() -> [Double] { (0..<4).map { _ in Double.random(in: -1...1, using: &random) } }
    let chain = denseChain([
      ((0..<12).map { _ in row() }, (0..<12).map { _ in 0 }),
      ([[Double](repeating: 1, count: 12), [Double](repeating: 0, count: 12)], [0, 0]),
    ])
    let (_, layers, columns) = try Self.workspace(
      chain, over: Ball(center: row(), radius: [1, 1, 1, 1]))
    defer { withExtendedLifetime(layers) {} }
    let (live, bounds) = (layers[1].live.pointee, layers[1].bounds)
    let unstable = (0..<Int(live.count)).filter { bounds.lower[Int(live.unit[$0])] < 0 }
    for (place, slot) in unstable.enumerated() {
      let lower = Rational(bounds.lower[Int(live.unit[slot])])
      let gap = Rational(-1, over: 2) * Rational(live.slope[slot]) * lower
      #expect(Rational(columns.weight[4 + place]) >= gap)
    }
  }

  @Test(
    "behind an activation, error and reach are not below what its slope makes of them",
    arguments: seeds(20))
  func activation(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func row() -> [Double] { (0..<4).map { _ in Double.random(in: -1...1, using: &random) } }
    let units = (0..<12).map { _ in row() }
    let ball = Ball(center: row(), radius: [1, 1, 1, 1])
    let (workspace, layers, columns) = try Self.workspace(
      denseChain([(units, units.map { _ in 0 }), ([units.map { _ in 1 }], [0])]), over: ball,
      arithmetic: .float32)
    defer { withExtendedLifetime(layers) {} }
    // Once more, step by step.
    columns.enter(ball, layers[0])
    let none = UnsafeBufferPointer<Int32>(start: nil, count: 0)
    let ascended = columns.ascend(
      from: layers[0], seen: workspace.rows.view(layers[0], 0), to: layers[1], 1,
      workspace.kernels, open: none)
    #expect(ascended)
    let before = units.indices.map { (Rational(columns.error[$0]), Rational(columns.reach[$0])) }
    columns.settle(layers[1])
    let (live, bounds) = (layers[1].live.pointee, layers[1].bounds)
    for slot in 0..<Int(live.count) {
      let (unit, slope) = (Int(live.unit[slot]), Rational(live.slope[slot]))
      let gap = slope * Rational(min(bounds.lower[unit], 0)) * Rational(-1, over: 2)
      #expect(Rational(columns.error[slot]) >= slope * before[unit].0)
      #expect(Rational(columns.reach[slot]) >= slope * before[unit].1 + gap)
    }
  }

  @Test("more features than columns take rows", arguments: [255, 256, 257, 600])
  func manyFeatures(count: Int) {
    let row = (0..<count).map { Double($0 % 7) - 3 }
    let chain = denseChain([
      ([row, row.map { -$0 }, row.map { $0 * $0 }], [1, 2, -3]),
      ([[1, -2, 0.5], [-1, 1, 1]], [0.5, 0]), ([[1, -1], [-1, 1]], [0, 0]),
    ])
    let instance = BoundCase(
      chain, center: row.map { $0 / 8 }, radius: row.map { _ in 0.0625 })
    let workspace = BoundWorkspace(BoundProblem(chain, direction: .columns))
    #expect((workspace.columns == nil) == (count > ColumnBlock.most))
    let (columns, rows) = (instance.answer(direction: .columns), instance.answer(direction: .rows))
    for (found, expected) in zip(columns.layers, rows.layers) {
      for (bound, other) in zip(found.lower + found.upper, expected.lower + expected.upper) {
        #expect(abs(bound - other) <= 1e-9 * abs(other))
      }
    }
  }
}
