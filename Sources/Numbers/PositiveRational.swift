/// An exact quotient `numerator / denominator >= 0`, with its place among the binary64 numbers.
///
/// Every comparison is made in integers, so nothing here depends on a rounding.
struct PositiveRational: Sendable {
  var numerator: BigNatural
  /// Not zero.
  var denominator: BigNatural

  private enum Order { case below, equal, above }

  /// The greatest binary64 number that is not above the value, the nearest, ties to even, and the least
  /// that is not below.
  ///
  /// - Parameter hint: Any number; near the value it saves work.
  /// - Returns: nil where the value lies above every finite binary64 number.
  func ends(near hint: Double?) -> (lower: Double, nearest: Double, upper: Double)? {
    guard isNotAbove(.greatestFiniteMagnitude) else { return nil }
    let lower = greatestNotAbove(near: hint)
    if isNotAbove(lower) { return (lower, lower, lower) }
    let upper = lower.nextUp
    let (significand, exponent) = Self.parts(of: lower)
    // Half way to the next number, also across a power of two: (2m + 1) * 2^(e-1).
    return switch order(against: significand * 2 + 1, timesTwoTo: exponent - 1) {
    case .below: (lower, lower, upper)
    case .above: (lower, upper, upper)
    case .equal: (lower, significand % 2 == 0 ? lower : upper, upper)
    }
  }

  /// A finite number's magnitude, exactly.
  init(_ number: Double) {
    self = PositiveRational(numerator: BigNatural(1), denominator: BigNatural(1)).times(number)
  }

  init(numerator: BigNatural, denominator: BigNatural) {
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  /// `whole * 10^exponent`.
  init(_ whole: BigNatural, timesTenTo exponent: Int) {
    (numerator, denominator) = (whole, BigNatural(1))
    numerator.multiply(byPowerOfTen: exponent)
    denominator.multiply(byPowerOfTen: -exponent)
  }

  /// - Precondition: `divisor` is not 0.
  func divided(by divisor: PositiveRational) -> PositiveRational {
    PositiveRational(
      numerator: numerator * divisor.denominator, denominator: denominator * divisor.numerator)
  }

  /// The product with the magnitude of a finite number.
  func times(_ factor: Double) -> PositiveRational {
    let (significand, exponent) = Self.parts(of: factor.magnitude)
    var product = self
    product.numerator.multiply(by: significand)
    product.numerator.shiftLeft(by: exponent)
    product.denominator.shiftLeft(by: -exponent)
    return product
  }

  static func < (left: PositiveRational, right: PositiveRational) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }

  /// `n` where the value is `1/n` and binary64 holds the whole number `n` exactly.
  var exactReciprocal: Double? {
    guard numerator == BigNatural(1), let word = denominator.asWord else { return nil }
    return Double(exactly: word)
  }

  private func greatestNotAbove(near hint: Double?) -> Double {
    if let hint, hint >= 0, hint < .greatestFiniteMagnitude {
      // A hint that a few roundings made is a few steps away; any other costs a bisection.
      var candidate = hint
      for _ in 0..<4 where !isNotBelow(candidate) { candidate = candidate.nextDown }
      for _ in 0..<4 where isNotBelow(candidate.nextUp) { candidate = candidate.nextUp }
      if isNotBelow(candidate), !isNotBelow(candidate.nextUp) { return candidate }
    }
    // The bit patterns of numbers >= 0 are ordered as the numbers are.
    var low: UInt64 = 0
    var high = Double.infinity.bitPattern
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isNotBelow(Double(bitPattern: middle)) { low = middle } else { high = middle }
    }
    return Double(bitPattern: low)
  }

  /// Whether the value is at least `number`, which is finite and >= 0, or infinite.
  private func isNotBelow(_ number: Double) -> Bool {
    number.isFinite && number >= 0 ? order(against: number) != .below : number < 0
  }

  /// Whether the value is at most `number`, which is finite and >= 0.
  private func isNotAbove(_ number: Double) -> Bool {
    order(against: number) != .above
  }

  private func order(against number: Double) -> Order {
    let (significand, exponent) = Self.parts(of: number)
    return order(against: significand, timesTwoTo: exponent)
  }

  private func order(against significand: UInt64, timesTwoTo exponent: Int) -> Order {
    var left = numerator
    left.shiftLeft(by: -exponent)
    var right = denominator
    right.multiply(by: significand)
    right.shiftLeft(by: exponent)
    return left < right ? .below : right < left ? .above : .equal
  }

  /// A finite number >= 0 as `significand * 2^exponent`, exactly; the significand is below 2^53.
  private static func parts(of number: Double) -> (significand: UInt64, exponent: Int) {
    let field = Int(number.exponentBitPattern)
    let implicitBit: UInt64 = field == 0 ? 0 : 1 << 52
    return (number.significandBitPattern | implicitBit, max(field, 1) - 1075)
  }
}
