import ExactNumbers
import NumberSupport
import Numbers
import Testing

/// Rational numbers of the audit against those of the tests, which are another library's.
@Suite struct ExactTests {
  /// One value in both.
  private typealias Pair = (exact: Exact, rational: Rational)

  private static func number(_ random: inout SeededGenerator) -> Pair {
    let parts = [
      Double(Int.random(in: -1000...1000, using: &random)),
      Double.random(in: -2...2, using: &random),
      0, 1, 0x1p-1074, -0x1.fffffffffffffp900, 0x1p-64, 0x1p64,
    ]
    let value = random.pick(parts, or: 1)
    guard random.chance(0.3) else { return (Exact(value), Rational(value)) }
    let divisor = Int.random(in: 1...2550, using: &random)
    let quotient = Exact(numerator: [1], denominator: [UInt64(divisor)])
    return (Exact(value) * quotient, Rational(value) * Rational(1, over: divisor))
  }

  /// Whether two are the same: by comparisons alone, each on its own side.
  private static func isSame(_ pair: Pair, _ random: inout SeededGenerator) -> Bool {
    let other = number(&random)
    return pair.exact.sign == pair.rational.sign
      && (pair.exact < other.exact) == (pair.rational < other.rational)
      && (other.exact < pair.exact) == (other.rational < pair.rational)
      && (pair.exact == other.exact) == (pair.rational == other.rational)
  }

  @Test("any expression has the same sign and order in both", arguments: seeds(40))
  func expressions(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<50 {
      var value = Self.number(&random)
      for _ in 0..<8 {
        let other = Self.number(&random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: value = (value.exact + other.exact, value.rational + other.rational)
        case 1: value = (value.exact - other.exact, value.rational - other.rational)
        case 2: value = (value.exact * other.exact, value.rational * other.rational)
        case 3 where other.exact.sign != 0:
          value = (value.exact / other.exact, value.rational / other.rational)
        default:
          let third = Self.number(&random)
          let before = value.exact
          value.exact.addProduct(other.exact, third.exact)
          #expect(before + other.exact * third.exact == value.exact)
          value.rational = value.rational + other.rational * third.rational
        }
        #expect(Self.isSame(value, &random), "\(seed)")
        #expect((value.exact - value.exact).sign == 0 && value.exact == value.exact)
      }
    }
  }

  @Test("a sum in place changes no other value that shares its digits")
  func sharing() {
    var sum = Exact(3)
    let kept = sum
    sum.addProduct(Exact(2), Exact(5))
    #expect(kept == Exact(3) && sum == Exact(13))
    var zero = Exact.zero
    zero.addProduct(Exact(2), Exact(2))
    #expect(Exact.zero.sign == 0 && zero == Exact(4))
  }

  @Test("a root is not below the true one, near to it, and a square's own", arguments: seeds(20))
  func roots(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<100 {
      let value = Self.number(&random).exact.magnitude
      let root = value.rootUp
      #expect(root * root >= value && (value * value).rootUp >= value)
      let below = root - Exact(0x1p-255)
      #expect(below.sign < 0 || below * below < value || value.sign == 0)
    }
    #expect(Exact(2.25).rootUp == Exact(1.5) && Exact.zero.rootUp == Exact.zero)
  }

  @Test("typed numbers keep what binary64 does not hold", arguments: ["0.1", "8/255", "1e-3", "2"])
  func typed(text: String) throws {
    let numeral = try Numeral(text)
    let (top, bottom) = numeral.ratio
    let exact = Exact(numerator: top, denominator: bottom)
    #expect(exact >= Exact(numeral.lower) && exact <= Exact(numeral.upper))
    #expect(numeral.isExact == (exact == Exact(numeral.nearest)))
    #expect(abs(exact.approximation - numeral.nearest) <= numeral.nearest * 0x1p-51)
  }
}
