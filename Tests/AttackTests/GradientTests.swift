import Attack
import ReLUChain
import TestSupport
import Testing

@Suite struct GradientTests {
  /// A random chain of small dyadic numbers, and a point where no unit stands at its kink; nil where
  /// a sum may not fit binary32.
  static func exactCase(_ seed: UInt64) -> (chain: ReLUChain, point: [Double])? {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .smallIntegers : .dyadic)
    chains.depths = 1...3
    let chain = chains.chain()
    for _ in 0..<20 {
      let point = (0..<chain.inputCount).map { _ in
        Double(Int.random(in: -9...9, using: &chains.random)) / 8
      }
      let units = chain.activations(of: point).joined()
      if units.allSatisfy({ $0 != 0 && $0.magnitude < 4096 }) { return (chain, point) }
    }
    return nil
  }

  @Test("logits in binary32 are those of the plain loops where every sum is exact")
  func logitsAreExact() throws {
    var count = 0
    for seed in seeds(400) {
      guard let (chain, point) = Self.exactCase(seed) else { continue }
      // Deep chains of dyadic numbers have more digits than binary32.
      let truth = chain.logits(of: point)
      guard chain.activations(of: point).joined().allSatisfy({ Double(Float($0)) == $0 }) else {
        continue
      }
      let logits = GradientWorkspace(GradientNetwork(chain)).logits(at: point.map { Float($0) })
      let error = zip(logits, truth).map { (Double($0) - $1).magnitude }.max() ?? 0
      #expect(error <= 1e-3, "seed \(seed)")
      count += 1
    }
    #expect(count > 100)
  }

  @Test(
    "logits and slopes are those of the plain loops where units are laid out anew between layers",
    arguments: seeds(30))
  func rearranged(seed: UInt64) throws {
    let chain = try rearrangedChain(seed: seed)
    var random = SeededGenerator(state: seed)
    // No unit is at its kink: weights are quarters, features odd multiples of 1/32.
    let point = (0..<chain.inputCount).map { _ in
      Double(2 * Int.random(in: -16...16, using: &random) + 1) / 32
    }
    let workspace = GradientWorkspace(GradientNetwork(chain))
    let logits = workspace.logits(at: point.map { Float($0) })
    for (found, exact) in zip(logits, chain.logits(of: point)) {
      #expect((Double(found) - exact).magnitude <= 1e-4 * max(1, exact.magnitude))
    }
    guard chain.activations(of: point).joined().allSatisfy({ $0.magnitude > 0x1p-20 }) else {
      return
    }
    let weights: [Float] = [1, -2, 1]
    var gradient = [Float](repeating: .nan, count: chain.inputCount)
    workspace.differentiate(weights, into: &gradient)
    func value(at point: [Double]) -> Double {
      zip(weights, chain.logits(of: point)).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    for feature in point.indices {
      var moved = point
      moved[feature] += 0x1p-30
      let slope = (value(at: moved) - value(at: point)) * 0x1p30
      #expect((Double(gradient[feature]) - slope).magnitude <= 1e-3 * max(1, slope.magnitude))
    }
  }

  @Test("the gradient is the slope of the plain loops along every feature")
  func gradientIsTheSlope() throws {
    var count = 0
    for seed in seeds(400) {
      guard let (chain, point) = Self.exactCase(seed) else { continue }
      let workspace = GradientWorkspace(GradientNetwork(chain))
      _ = workspace.logits(at: point.map { Float($0) })
      var random = SeededGenerator(state: seed)
      let weights = (0..<chain.classCount).map { _ in Float(Int.random(in: -2...2, using: &random))
      }
      var gradient = [Float](repeating: .nan, count: chain.inputCount)
      workspace.differentiate(weights, into: &gradient)
      func value(at point: [Double]) -> Double {
        zip(weights, chain.logits(of: point)).reduce(0) { $0 + Double($1.0) * $1.1 }
      }
      // So small a step crosses no kink: pre-activations are multiples of 2^-22 at the least.
      let step = 0x1p-30
      for feature in point.indices {
        var moved = point
        moved[feature] += step
        let slope = (value(at: moved) - value(at: point)) / step
        let scale = max(1, slope.magnitude)
        #expect((Double(gradient[feature]) - slope).magnitude <= 1e-3 * scale, "seed \(seed)")
      }
      count += 1
    }
    #expect(count > 100)
  }
}
