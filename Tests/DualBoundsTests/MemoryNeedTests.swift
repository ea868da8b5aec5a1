import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What a run says that it will hold, against what is allocated.
@Suite struct MemoryNeedTests {
  @Test(
    "what is stated is what bounding allocates, a kernel's padding more at most",
    arguments: seeds(40))
  func parallel(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .dyadic)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (100, 160, 1...4)
    let chain = chains.chain()
    let drawn = chains.ball(inputCount: chain.inputCount, style: .small)
    let ball = Ball(center: drawn.center, radius: drawn.radius)
    for rows in [MemoryNeed.blockRows.lowerBound, 12, MemoryNeed.blockRows.upperBound] {
      let count = AllocationCount()
      AllocationCount.$current.withValue(count) {
        let workspace = BoundWorkspace(BoundProblem(chain), rowsPerBlock: rows)
        var kept: [BallBounds] = []
        for _ in 0..<3 { kept.append(workspace.bounds(over: ball, specificationClass: 0)) }
        // Nothing more for the next ball, where the one before is not kept.
        kept.removeLast()
        kept.append(workspace.bounds(over: ball, specificationClass: 0))
        #expect(kept.map(\.relaxation.isKnown) == [true, true, true])
      }
      let stated = MemoryNeed(chain, relaxations: 2).total(workers: 1, rows: rows)
      let own = chain.numberBytes
      #expect(stated - own >= count.bytes, "\(rows) rows")
      // Norms and what views hold besides are a few numbers a unit.
      #expect(Double(stated - own) <= 1.3 * Double(count.bytes) + 65536, "\(rows) rows")
    }
  }

  @Test("a worker allocates nothing in steady state", arguments: Slopes.allCases)
  func steadyState(slopes: Slopes) {
    var chains = RandomChains(seed: 3, style: .doubles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (30, 60, 3...3)
    let chain = chains.chain()
    let workspace = BoundWorkspace(BoundProblem(chain))
    let drawn = chains.ball(inputCount: chain.inputCount, style: .middling)
    let ball = Ball(center: drawn.center, radius: drawn.radius)
    func run() {
      _ = workspace.bounds(
        over: ball, specificationClass: 0, slopes: slopes, untilCertified: false,
        effort: AscentEffort(hiddenPasses: 2, marginPasses: 3))
    }
    run()
    let count = AllocationCount()
    AllocationCount.$current.withValue(count) { for _ in 0..<5 { run() } }
    #expect(count.bytes == 0)
  }
}
