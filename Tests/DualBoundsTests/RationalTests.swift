import TestSupport
import Testing

@Suite struct RationalTests {
  @Test("arithmetic of fractions agrees with cross-multiplied integers", arguments: seeds(100))
  func arithmeticAgreesWithIntegers(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    func draw() -> Int { Int.random(in: -60...60, using: &random) }
    let (a, c) = (draw(), draw())
    let (b, d) = (Int.random(in: 1...60, using: &random), Int.random(in: 1...60, using: &random))
    let (left, right) = (Rational(a, over: b), Rational(c, over: d))
    #expect(left + right == Rational(a * d + c * b, over: b * d))
    #expect(left - right == Rational(a * d - c * b, over: b * d))
    #expect(left * right == Rational(a * c, over: b * d))
    #expect((left < right) == (a * d < c * b))
    if c != 0 { #expect(left / right == Rational(a * d, over: b * c)) }
    #expect(left.magnitude == Rational(abs(a), over: b))
  }

  @Test("a binary64 number comes back from its exact value, subnormals and extremes included")
  func doublesComeBack() {
    var random = SeededGenerator(state: 7)
    let special: [Double] = [
      0, 1, -1, 0.1, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude,
      .leastNormalMagnitude.nextDown, 1 / 3,
    ]
    let drawn = (0..<200).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
    for value in special + drawn {
      #expect(Rational(value).approximation == value)
      #expect(Rational(value) - Rational(value) == .zero)
    }
    #expect(Rational(0.1) != Rational(1, over: 10))
    #expect(Rational(0.1) > Rational(1, over: 10))
    #expect(Rational(Double.leastNonzeroMagnitude) > .zero)
  }

  @Test("rounding down lands on the grid, at most one step below")
  func roundingDown() {
    for (numerator, denominator) in [(1, 3), (-1, 3), (7, 5), (-7, 5), (3, 4), (-3, 4), (0, 1)] {
      let value = Rational(numerator, over: denominator)
      let rounded = value.roundedDown(toFractionBits: 3)
      #expect(rounded <= value && value - rounded < Rational(1, over: 8))
      let steps = rounded * Rational(8)
      #expect(steps == steps.roundedDown(toFractionBits: 0))
    }
  }

  @Test("a bound that is NaN bounds nothing, and infinities bound everything")
  func boundsOfInfinity() {
    #expect(!Rational.isLower(.nan, than: .zero) && !Rational.isUpper(.nan, than: .zero))
    #expect(Rational.isLower(-.infinity, than: .zero) && Rational.isUpper(.infinity, than: .zero))
    #expect(!Rational.isLower(.infinity, than: .zero) && !Rational.isUpper(-.infinity, than: .zero))
    #expect(Rational.isLower(0, than: .zero) && Rational.isUpper(0, than: .zero))
  }
}
