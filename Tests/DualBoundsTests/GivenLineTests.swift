import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Rows that start from given lower lines, and the lines that they keep.
@Suite struct GivenLineTests {
  /// The rows of the first class against all others, bounded with lines of their own.
  private struct Rows {
    let workspace: BoundWorkspace
    let relaxation: Relaxation
    let start: RowPass.Start

    init(_ instance: BoundCase) {
      let problem = BoundProblem(instance.chain)
      workspace = BoundWorkspace(problem)
      relaxation = workspace.relaxation(over: instance.ball)
      let layout = problem.layers[problem.layers.count - 1].layout
      let others = (1..<instance.chain.classCount).prefix(32).map(layout.physical)
      start = .differences(own: layout.physical(0), others: others)
    }

    func bounds(_ lines: RowLines) -> [Double] {
      guard case .differences(let own, let others) = start else { return [] }
      for (row, other) in others.enumerated() {
        workspace.rows.rows[row] = workspace.difference(
          own, other, relaxation.layers[relaxation.layers.count - 1])
      }
      workspace.rows.bound(
        start, on: relaxation.layers, relaxation.normPart, lines: lines, budgeted: true)
      return others.indices.map { workspace.rows.rows[$0].deployed }
    }
  }

  /// Lines, and what is none.
  private static let slopes: [Double] = [
    0, 0x1p-1074, 0x1p-70, 0.25, 0.75, 1, 1 + 0x1p-52, -0.5, 2, .nan, .infinity, -.infinity,
  ]

  private static func drawn(_ seed: UInt64) -> (BoundCase, RandomChains) {
    var chains = RandomChains(seed: seed, style: .doubles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (8, 16, 2...4)
    return (BoundCase(&chains, .middling), chains)
  }

  @Test(
    "a row that starts from the lines it kept has the bound it had, in one pass",
    arguments: seeds(40))
  func keptLines(seed: UInt64) {
    let (instance, _) = Self.drawn(seed)
    let rows = Rows(instance)
    // Something else before, of which nothing may be left.
    _ = rows.bounds(.own(passes: 3, keeps: true))
    let climbed = rows.bounds(.own(passes: 12, keeps: true))
    let lines = rows.workspace.rows.keptLines(from: rows.start)
    #expect(rows.bounds(.own(passes: 1, from: lines)) == climbed)
    // Another worker finds and keeps the same.
    let other = Rows(instance)
    #expect(other.bounds(.own(passes: 12, keeps: true)) == climbed)
    #expect(other.workspace.rows.keptLines(from: other.start) == lines)
  }

  @Test("whatever stands for a line, the bound is one", arguments: seeds(40))
  func anyLines(seed: UInt64) {
    var (instance, chains) = Self.drawn(seed)
    let rows = Rows(instance)
    _ = rows.bounds(.own(passes: 1, keeps: true))
    var lines = rows.workspace.rows.keptLines(from: rows.start)
    for layer in lines.layers.indices {
      for place in lines.layers[layer].slopes.indices {
        lines.layers[layer].slopes[place] = chains.random.pick(Self.slopes, or: 0)
      }
    }
    let found = rows.bounds(.own(passes: 1, from: lines))
    for _ in 0..<20 {
      let logits = instance.exact.logits(at: instance.box.point(using: &chains.random))
      for (row, bound) in found.enumerated() {
        #expect(Rational.isLower(bound, than: logits[0] - logits[row + 1]), "row \(row)")
      }
    }
  }
}
