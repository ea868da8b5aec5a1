import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// Distances of counterexamples that no binary64 number is: never below what they are.
@Suite struct DistanceTests {
  private func distance(
    from center: [Double], to point: [Double], _ shape: BallShape, epsilon: Double = 2
  ) -> Double? {
    let example = ExampleBall(
      center: center, isExact: true, arithmetic: .real, domain: nil, shape: shape)
    return ExampleRegion(example: example, epsilon: epsilon).distance(to: point)
  }

  @Test("a difference between two numbers", arguments: Norm.allCases)
  func differences(norm: Norm) {
    // 1/2 + 2^-70 rounds to 1/2.
    for (center, value) in [(-0x1p-70, 0.5), (0x1p-70, -0.5)] {
      let found = distance(from: [center], to: [value], .norm(norm)) ?? 0
      #expect(Rational(found) >= (Rational(value) - Rational(center)).magnitude)
    }
  }

  @Test("a sum of one large and many small changes", arguments: [Norm.l1, .l2])
  func sums(norm: Norm) {
    let small = norm == .l1 ? 0x1p-56 : 0x1p-29
    let point = [0.5] + [Double](repeating: small, count: 1000)
    let found = Rational(distance(from: point.map { _ in 0 }, to: point, .norm(norm)) ?? 0)
    let sum = point.reduce(Rational.zero) { sum, x in
      sum + (norm == .l1 ? Rational(x) : Rational(x) * Rational(x))
    }
    #expect((norm == .l1 ? found : found * found) >= sum)
  }

  @Test("a change in units of the feature's own", arguments: seeds(200))
  func quotients(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let value = Double.random(in: 0.9..<1, using: &random)
    let unit = value * Double.random(in: 0.9..<1, using: &random)
    // Nearly half of the value's last place.
    let center = -0x1.f8p-55
    let found = distance(from: [center], to: [value], .weighted([unit])) ?? 0
    #expect(Rational(found) * Rational(unit) >= Rational(value) - Rational(center))
  }

  @Test("a point that moves a feature without room has none")
  func features() {
    let shape = BallShape.weighted([0, 1])
    #expect(distance(from: [0.5, 0.5], to: [0.5, 1], shape) != nil)
    #expect(distance(from: [0.5, 0.5], to: [(0.5).nextUp, 1], shape) == nil)
    #expect(distance(from: [0.5, 0.5], to: [.nan, 1], shape) == nil)
  }

  @Test("a loss below a radius that held does not end its bracket")
  func bracket() {
    var bracket = RadiusBracket(marginAtZero: 1, hint: 0.1)
    bracket.hold(0.5, 0.25)
    bracket.lose(0.25, -1)
    bracket.lose(0.5, -1)
    #expect(bracket.lost == nil && bracket.separates(0.6) && !bracket.separates(0.4))
    bracket.lose(0.75, -1)
    #expect(bracket.lost?.epsilon == 0.75 && !bracket.separates(0.8))
  }

  @Test("the decimal below a number is not above it, nor further than two of nine digits")
  func decimals() {
    var random = SeededGenerator(state: 7)
    for _ in 0..<2000 {
      let digits = Int.random(in: 100_000_000...999_999_999, using: &random)
      let exponent = Int.random(in: -20 ... -6, using: &random)
      guard let decimal = Double("\(digits)e\(exponent)") else { continue }
      for value in [decimal.nextDown, decimal, decimal.nextUp] {
        let below = Numeral.decimal(notAbove: value).nearest
        #expect(below <= value && below > value * (1 - 2.1e-8), "\(value)")
      }
    }
  }
}
