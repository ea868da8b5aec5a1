import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What tighter slopes are for. That they are sound is for the tests of soundness to say, which draw
/// them beside the parallel ones.
@Suite struct TightSlopeTests {
  /// `z_0 - z_1 = relu(x) - weight x` over [-1, 3]: 0 at 0 for a weight from 0 to 1.
  private func hinge(_ weight: Double) -> BoundCase {
    let chain = denseChain([
      (rows: [[1], [1]], bias: [0, 10]), (rows: [[1, -weight], [0, 0]], bias: [10 * weight, 0]),
    ])
    return BoundCase(chain, center: [1], radius: [2])
  }

  @Test("a line of slope 3/4, of slope 1, and any: the bounds that eq. (8) and the best slope give")
  func hinge() {
    // relu(x) - x/2 >= a x - x/2, smallest at -1 for a = 3/4 and at -1 for a = 1; a = 1/2 gives 0.
    let instance = hinge(0.5)
    #expect(abs(instance.answer(slopes: .parallel).allMargins[1] - -0.25) < 1e-12)
    #expect(abs(instance.answer(slopes: .adaptive).allMargins[1] - -0.25) < 1e-12)
    let optimized = instance.answer(slopes: .optimized).allMargins[1]
    #expect(optimized <= 0 && optimized > -0.01)
    // relu(x) - x: slope 1 is exact.
    #expect(abs(hinge(1).answer(slopes: .adaptive).allMargins[1]) < 1e-12)
  }

  @Test("no tighter slopes make a margin or a bound worse", arguments: seeds(40))
  func neverWorse(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .singles)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (12, 16, 2...4)
    let instance = BoundCase(&chains, seed % 2 == 0 ? .middling : .small)
    for arithmetic in [Arithmetic.real, .float32] {
      let answers = Slopes.allCases.map { instance.answer(arithmetic, slopes: $0) }
      for (looser, tighter) in zip(answers, answers.dropFirst()) {
        #expect(zip(looser.allMargins, tighter.allMargins).allSatisfy { $0 <= $1 })
        #expect(zip(looser.allRealMargins, tighter.allRealMargins).allSatisfy { $0 <= $1 })
        #expect(zip(tighter.allMargins, tighter.allRealMargins).allSatisfy { $0 <= $1 })
        for (before, after) in zip(looser.layers, tighter.layers) {
          #expect(zip(before.lower, after.lower).allSatisfy { $0 <= $1 })
          #expect(zip(before.upper, after.upper).allSatisfy { $0 >= $1 })
        }
      }
    }
  }

  // The bound has kinks, where an ascent that moves every slope by the sign of its own derivative may
  // come to rest early: most of what there is to gain is gained, not all.
  @Test("where two units let all slopes be searched, ascent gains most of what there is to gain")
  func gridSearch() {
    var chains = RandomChains(seed: 5, style: .singles)
    var (left, missed) = (0.0, 0.0)
    for _ in 0..<100 {
      let numbers = (0..<6).map { _ in chains.number() }
      let chain = denseChain([
        (rows: [[1, numbers[0]], [numbers[1], 1]], bias: [numbers[2] / 4, numbers[3] / 4]),
        (rows: [[1, 1], [numbers[4], numbers[5]]], bias: [0, 0]),
      ])
      let instance = BoundCase(chain, center: [0, 0], radius: [1, 1])
      let found = Slopes.allCases.map { instance.answer(slopes: $0).margins[0].values[1] }
      let best = bestOfGrid(instance)
      left += max(0, best - found[1])
      missed += max(0, best - found[2])
    }
    #expect(left > 1, "no test without something to gain")
    #expect(missed < 0.2 * left, "\(missed) of \(left)")
  }

  /// The best of 101 x 101 choices of the two lower lines, in binary64.
  private func bestOfGrid(_ instance: BoundCase) -> Double {
    let layers = instance.chain.stages.map { stage in stage.operators[0] }
    guard case .dense(let first) = layers[0].kind, case .dense(let last) = layers[1].kind else {
      return .nan
    }
    let row = (0..<2).map { last.weights[$0] - last.weights[2 + $0] }
    var best = -Double.infinity
    for index in 0..<101 * 101 {
      let lines = [Double(index / 101) / 100, Double(index % 101) / 100]
      var (constant, lambda) = (0.0, [0.0, 0.0])
      for unit in 0..<2 {
        let weights = [first.weights[2 * unit], first.weights[2 * unit + 1]]
        let reach = weights.reduce(0) { $0 + abs($1) }
        let (low, high) = (first.bias[unit] - reach, first.bias[unit] + reach)
        var slope = high <= 0 ? 0.0 : 1
        if low < 0 && high > 0 {
          slope = row[unit] > 0 ? lines[unit] : high / (high - low)
          if row[unit] < 0 { constant += row[unit] * slope * -low }
        }
        constant += row[unit] * slope * first.bias[unit]
        for input in 0..<2 { lambda[input] += row[unit] * slope * weights[input] }
      }
      best = max(best, constant - abs(lambda[0]) - abs(lambda[1]))
    }
    return best
  }
}
