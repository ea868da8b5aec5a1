import Audit
import NumberSupport
import Testing

/// The steps over one rounding that every derived bound rests on, against exact arithmetic.
@Suite struct PrimitiveTests {
  /// Numbers of every size, and the edges of the format.
  private static func number(_ random: inout SeededGenerator) -> Double {
    let edges: [Double] = [
      0, 0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp-1022, 1, 0x1.fffffffffffffp0, 2, 0x1p199,
    ]
    if random.chance(0.2) { return random.pick(edges, or: 1) * (random.chance(0.5) ? 1 : -1) }
    let pattern = UInt64.random(in: 0...UInt64.max, using: &random)
    let value = Double(bitPattern: pattern)
    return value.isFinite && value.magnitude < 0x1p500 ? value : Double(pattern >> 11) * 0x1p-40
  }

  @Test(
    "a step down is the number before or further, a step up the number behind", arguments: 0..<20)
  func steps(seed: Int) {
    var random = SeededGenerator(state: UInt64(seed))
    for _ in 0..<5000 {
      let value = Self.number(&random)
      #expect(value.down <= value.nextDown && value.up >= value.nextUp, "\(value)")
    }
  }

  @Test("sums, products and quotients lie between their steps", arguments: 0..<10)
  func operations(seed: Int) {
    var random = SeededGenerator(state: UInt64(seed) + 1000)
    for _ in 0..<1000 {
      let (a, b) = (Self.number(&random), Self.number(&random))
      let (x, y) = (Rational(a), Rational(b))
      let results: [(Double, Rational)] = [(a + b, x + y), (a - b, x - y), (a * b, x * y)]
      for (computed, exact) in results where computed.isFinite {
        #expect(Rational(computed.down) <= exact && Rational(computed.up) >= exact, "\(a), \(b)")
      }
      #expect(Rational(a.magnitude.rootUp) * Rational(a.magnitude.rootUp) >= x.magnitude, "\(a)")
    }
  }

  @Test("an infinity or NaN is no bound")
  func nothing() {
    #expect(!(Double.infinity.down >= 0) && !((-Double.infinity).up <= 0))
    #expect(!Double.nan.isSafe && !Double.infinity.isSafe)
  }
}
