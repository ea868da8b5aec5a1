import BigInt

/// An exact rational number, `numerator / denominator * 2^exponent`.
///
/// Powers of two are kept apart because almost every number of these tests is a binary fraction:
/// then the denominator is 1 and nothing needs a greatest common divisor.
///
/// Invariants: the denominator is odd, positive and coprime to the numerator; the numerator is odd,
/// or zero with denominator 1 and exponent 0. So equal values have equal parts.
public struct Rational: Hashable, Sendable {
  private var numerator: BigInt
  private var denominator: BigInt
  private var exponent: Int

  /// Zero.
  public static let zero = Rational(0)
  /// One.
  public static let one = Rational(1)

  /// The integer `value`.
  public init(_ value: Int) {
    self.init(reducing: BigInt(value), over: 1, exponent: 0)
  }

  /// The fraction `numerator / denominator`; `denominator` is not 0.
  public init(_ numerator: Int, over denominator: Int) {
    precondition(denominator != 0, "a denominator of 0")
    self = Rational(numerator) / Rational(denominator)
  }

  /// A fraction written `n` or `n/d`; nil where the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
      BigInt(String($0))
    }
    guard (1...2).contains(parts.count), let numerator = parts[0] else { return nil }
    guard parts.count == 2 else {
      self.init(reducing: numerator, over: 1, exponent: 0)
      return
    }
    guard let denominator = parts[1], !denominator.isZero else { return nil }
    self =
      Rational(reducing: numerator, over: 1, exponent: 0)
      / Rational(reducing: denominator, over: 1, exponent: 0)
  }

  /// The exact value of a decimal number such as `-1.25e-3`; nil where the text is none.
  public init?(decimal text: String) {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, digits.count <= 2, let shift = Int(parts.count > 1 ? parts[1] : "0"),
      let whole = BigInt(digits.joined())
    else { return nil }
    let power = shift - (digits.count > 1 ? digits[1].count : 0)
    let ten = Rational(reducing: BigInt(10).power(abs(power)), over: 1, exponent: 0)
    let value = Rational(reducing: whole, over: 1, exponent: 0)
    self = power < 0 ? value / ten : value * ten
  }

  /// The exact value of a finite binary64 number.
  public init(_ value: Double) {
    precondition(value.isFinite, "\(value) is not a rational number")
    guard value != 0 else {
      self.init(uncheckedNumerator: 0, denominator: 1, exponent: 0)
      return
    }
    // value = significand * 2^(scale - 52) with an integer of at most 53 bits.
    let isSubnormal = value.exponentBitPattern == 0
    let scale = isSubnormal ? -1022 : Int(value.exponentBitPattern) - 1023
    let bits = value.significandBitPattern | (isSubnormal ? 0 : 1 << 52)
    let shift = bits.trailingZeroBitCount
    let odd = BigInt(bits >> UInt64(shift))
    self.init(
      uncheckedNumerator: value < 0 ? -odd : odd, denominator: 1, exponent: scale - 52 + shift)
  }

  /// The exact value of a finite binary32 number.
  public init(_ value: Float) {
    self.init(Double(value))
  }

  private init(uncheckedNumerator: BigInt, denominator: BigInt, exponent: Int) {
    self.numerator = uncheckedNumerator
    self.denominator = denominator
    self.exponent = exponent
  }

  /// `numerator / denominator * 2^exponent` in lowest terms; the denominator is odd and positive.
  private init(reducing numerator: BigInt, over denominator: BigInt, exponent: Int) {
    guard numerator != 0 else {
      self.init(uncheckedNumerator: 0, denominator: 1, exponent: 0)
      return
    }
    var (top, bottom) = (numerator, denominator)
    let zeros = top.trailingZeroBitCount
    if zeros > 0 { top >>= zeros }
    if bottom != 1 {
      let common = top.greatestCommonDivisor(with: bottom)
      if common != 1 {
        top /= common
        bottom /= common
      }
    }
    self.init(uncheckedNumerator: top, denominator: bottom, exponent: exponent + zeros)
  }

  /// -1, 0 or 1.
  public var sign: Int { numerator.signum().isZero ? 0 : (numerator.sign == .minus ? -1 : 1) }
  /// The absolute value.
  public var magnitude: Rational { numerator.sign == .minus ? -self : self }
  /// `max(self, 0)`.
  public var positivePart: Rational { numerator.sign == .minus ? .zero : self }
  /// Whether the value is zero.
  public var isZero: Bool { numerator.isZero }

  /// The sum.
  public static func + (left: Rational, right: Rational) -> Rational {
    if left.isZero { return right }
    if right.isZero { return left }
    let exponent = min(left.exponent, right.exponent)
    let leftTop = left.numerator << (left.exponent - exponent)
    let rightTop = right.numerator << (right.exponent - exponent)
    if left.denominator == right.denominator {
      return Rational(
        reducing: leftTop + rightTop, over: left.denominator, exponent: exponent)
    }
    return Rational(
      reducing: leftTop * right.denominator + rightTop * left.denominator,
      over: left.denominator * right.denominator, exponent: exponent)
  }

  /// The negative.
  public static prefix func - (value: Rational) -> Rational {
    Rational(
      uncheckedNumerator: -value.numerator, denominator: value.denominator,
      exponent: value.exponent)
  }

  /// The difference.
  public static func - (left: Rational, right: Rational) -> Rational { left + -right }

  /// The product.
  public static func * (left: Rational, right: Rational) -> Rational {
    if left.isZero || right.isZero { return .zero }
    let top = left.numerator * right.numerator
    let exponent = left.exponent + right.exponent
    if left.denominator == 1 && right.denominator == 1 {
      // Odd times odd is odd: already in lowest terms.
      return Rational(uncheckedNumerator: top, denominator: 1, exponent: exponent)
    }
    return Rational(
      reducing: top, over: left.denominator * right.denominator, exponent: exponent)
  }

  /// The quotient; `right` is not 0.
  public static func / (left: Rational, right: Rational) -> Rational {
    precondition(!right.isZero, "division by 0")
    let inverse = Rational(
      uncheckedNumerator: right.numerator.sign == .minus ? -right.denominator : right.denominator,
      denominator: right.numerator.sign == .minus ? -right.numerator : right.numerator,
      exponent: -right.exponent)
    return left * inverse
  }

  /// Adds in place.
  public static func += (left: inout Rational, right: Rational) { left = left + right }
  /// Subtracts in place.
  public static func -= (left: inout Rational, right: Rational) { left = left - right }

  /// The greatest multiple of `2^-bits` that is not above the value.
  public func roundedDown(toFractionBits bits: Int) -> Rational {
    if denominator == 1 && exponent >= -bits { return self }
    let shift = exponent + bits
    let scaledTop = shift >= 0 ? numerator << shift : numerator
    let scaledBottom = shift >= 0 ? denominator : denominator << -shift
    var (quotient, remainder) = scaledTop.quotientAndRemainder(dividingBy: scaledBottom)
    if remainder.sign == .minus && !remainder.isZero { quotient -= 1 }
    return Rational(reducing: quotient, over: 1, exponent: -bits)
  }

  /// The nearest integer, the even one of two.
  public var roundedToEven: Rational {
    let below = roundedDown(toFractionBits: 0)
    let rest = self - below
    let half = Rational(1, over: 2)
    if rest < half { return below }
    if rest > half { return below + .one }
    return (below * half).isWhole ? below : below + .one
  }

  /// Whether the value is an integer over a power of two.
  public var isBinary: Bool { denominator == 1 }

  /// Whether the value is an integer.
  public var isWhole: Bool { isZero || denominator == 1 && exponent >= 0 }

  /// The value as binary64, to within a few units in the last place: for tolerances and messages.
  public var approximation: Double {
    if isZero { return 0 }
    // 64 significant bits of the quotient, then the power of two in two steps so that neither
    // step leaves the range before it must.
    let size = numerator.magnitude.bitWidth - denominator.magnitude.bitWidth
    let shift = 64 - size
    let top = shift >= 0 ? numerator.magnitude << shift : numerator.magnitude
    let bottom = shift >= 0 ? denominator.magnitude : denominator.magnitude << -shift
    let quotient = Double(top / bottom)
    let power = exponent - shift
    let clamped = max(-4000, min(4000, power))
    let half = clamped / 2
    let scaled = scale(scale(quotient, by: half), by: clamped - half)
    return numerator.sign == .minus ? -scaled : scaled
  }

  private func scale(_ value: Double, by power: Int) -> Double {
    Double(sign: .plus, exponent: power, significand: value)
  }
}

extension Rational {
  /// The greatest multiple of `2^-bits` that is not above the square root of a value >= 0.
  public func squareRoot(toFractionBits bits: Int) -> Rational {
    precondition(sign >= 0, "the square root of a negative number")
    let shift = exponent + 2 * bits
    let whole = (shift >= 0 ? numerator << shift : numerator >> -shift) / denominator
    return Rational(reducing: whole.squareRoot(), over: 1, exponent: -bits)
  }
}

extension Rational: Comparable {
  /// Whether `left` is the smaller number.
  public static func < (left: Rational, right: Rational) -> Bool {
    if left.sign != right.sign { return left.sign < right.sign }
    return (left - right).sign < 0
  }
}

extension Rational: CustomStringConvertible {
  /// The decimal approximation, for messages.
  public var description: String { "~\(approximation)" }
}

extension Rational {
  /// Whether `bound <= value`, exactly; false for NaN.
  public static func isLower(_ bound: Double, than value: Rational) -> Bool {
    guard bound.isFinite else { return bound == -.infinity }
    return Rational(bound) <= value
  }

  /// Whether `value <= bound`, exactly; false for NaN.
  public static func isUpper(_ bound: Double, than value: Rational) -> Bool {
    guard bound.isFinite else { return bound == .infinity }
    return value <= Rational(bound)
  }
}
