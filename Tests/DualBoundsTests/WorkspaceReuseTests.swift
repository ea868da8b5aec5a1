import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Nothing of one ball is left in the answer for the next.
@Suite struct WorkspaceReuseTests {
  @Test(
    "balls of every norm and size by turns get the bits that a new workspace gives",
    arguments: [BoundProblem.Direction.automatic, .rows, .columns], seeds(12))
  func byTurns(direction: BoundProblem.Direction, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .doubles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (8, 16, 2...4)
    let chain = chains.chain()
    let arithmetic: Arithmetic = seed % 2 == 0 ? .real : .float32
    let problem = BoundProblem(
      chain, arithmetic: arithmetic, direction: direction, computesEveryRow: seed % 3 == 0)
    let used = BoundWorkspace(problem)
    for style in BallStyle.allCases + BallStyle.allCases.reversed() {
      for norm in Norm.allCases.shuffled(using: &chains.random) {
        let ball = ball(norm, style, chain.inputCount, &chains)
        let slopes = chains.random.pick(Slopes.allCases, or: .parallel)
        let label = Int.random(in: 0..<chain.classCount, using: &chains.random)
        func answer(_ workspace: BoundWorkspace) -> (MarginBounds, [PreActivationBounds]) {
          let known = workspace.bounds(
            over: ball, specificationClass: label, slopes: slopes, untilCertified: false,
            effort: AscentEffort(hiddenPasses: 2, marginPasses: 3))
          return (known.margins, known.relaxation.preActivationBounds())
        }
        let (found, expected) = (answer(used), answer(BoundWorkspace(problem)))
        #expect(found.0 == expected.0, "\(style), \(norm), \(slopes)")
        #expect(found.1 == expected.1, "\(style), \(norm), \(slopes)")
      }
    }
  }

  @Test("a ball without bounds leaves nothing behind either", arguments: Norm.allCases)
  func afterFailure(norm: Norm) {
    var chains = RandomChains(seed: 5, style: .doubles)
    chains.depths = 3...3
    let chain = chains.chain()
    for direction in [BoundProblem.Direction.rows, .columns] {
      let problem = BoundProblem(chain, direction: direction)
      let used = BoundWorkspace(problem)
      let drawn = chains.ball(inputCount: chain.inputCount, style: .middling)
      let huge = Ball(center: drawn.center, radius: drawn.center.map { _ in 0x1p199 })
      #expect(!used.margins(over: huge, specificationClass: 0).margins.contains { $0 > 0 })
      let ball = Ball(center: drawn.center, radius: drawn.radius, norm: norm, extent: 0.25)
      let expected = BoundWorkspace(problem).margins(over: ball, specificationClass: 0)
      #expect(used.margins(over: ball, specificationClass: 0) == expected)
    }
  }

  private func ball(
    _ norm: Norm, _ style: BallStyle, _ count: Int, _ chains: inout RandomChains
  ) -> Ball {
    let drawn = chains.ball(inputCount: count, style: style)
    guard norm != .linf else { return Ball(center: drawn.center, radius: drawn.radius) }
    return Ball(
      center: drawn.center, radius: drawn.radius.map { $0 * 0x1p-20 }, norm: norm,
      extent: drawn.radius.max() ?? 0)
  }
}
