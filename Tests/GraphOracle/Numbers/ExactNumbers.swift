import NumberSupport

/// Exact rational numbers; nil is what is no number. An infinity, which a file may store and a Cast may
/// make, is a number larger than all others, plus or minus `infinite`.
///
/// Quotients, roots and elementary functions that are no binary fraction are cut off about 256 places
/// behind their leading digit, so that every number is one: no common divisors, and 200 places more
/// than any claim that they are held against. A Cast of constants rounds to its type, ties to even;
/// nothing else rounds.
public struct ExactNumbers: NumberSystem, Sendable {
  /// Makes no difference.
  public var isFolding = false

  /// Creates the system.
  public init() {}

  /// 2^64000.
  private static let infinite = (0..<64).reduce(Rational.one) { power, _ in
    power * Rational(0x1p1000)
  }

  private func isInfinite(_ value: Rational) -> Bool { value.magnitude == Self.infinite }

  /// The number, nil for an infinity.
  public func finite(_ value: Rational?) -> Rational? {
    value.flatMap { isInfinite($0) ? nil : $0 }
  }

  /// The exact value; nil where there is none.
  public func stored(_ value: Double) -> Rational? {
    guard !value.isInfinite else { return value < 0 ? -Self.infinite : Self.infinite }
    return value.isNaN ? nil : Rational(value)
  }

  /// The exact value.
  public func initial(_ value: Double, _ type: OracleType) -> Rational? { stored(value) }

  /// The negative.
  public func negative(_ value: Rational?) -> Rational? { value.map { -$0 } }

  /// The exact sum.
  public func sum(_ terms: [Term<Rational?>], _ role: Role) -> Rational? {
    var total = Rational.zero
    for term in terms {
      let next: Rational
      switch term {
      case .number(let value):
        guard let value else { return nil }
        next = value
      case .product(let left, let right):
        guard let left, let right, let value = product(left, right) else { return nil }
        next = value
      }
      switch (isInfinite(total), isInfinite(next)) {
      case (false, false): total += next
      case (false, true): total = next
      case (true, false): break
      case (true, true): if total != next { return nil }
      }
    }
    return total
  }

  private func product(_ left: Rational, _ right: Rational) -> Rational? {
    guard isInfinite(left) || isInfinite(right) else { return left * right }
    let sign = left.sign * right.sign
    return sign == 0 ? nil : sign < 0 ? -Self.infinite : Self.infinite
  }

  /// The exact quotient; nil for a division by 0.
  public func quotient(_ left: Rational?, _ right: Rational?, _ role: Role) -> Rational? {
    guard let left, let right, !right.isZero else { return nil }
    if isInfinite(left) { return isInfinite(right) ? nil : product(left, right) }
    return isInfinite(right) ? .zero : (left / right).cut
  }

  /// The root, exact where it is rational with few digits.
  public func root(_ value: Rational?, _ role: Role) -> Rational? {
    guard let value, value.sign >= 0 else { return nil }
    return isInfinite(value) ? value : value.preciseRoot
  }

  /// An elementary function.
  public func function(_ name: String, _ operands: [Rational?], _ role: Role) -> Rational? {
    guard let first = operands.first ?? nil, !operands.contains(where: { finite($0) == nil })
    else { return nil }
    switch name {
    case "Exp": return first.exponential
    case "Log": return first.logarithm
    default:
      guard operands.count > 1, let power = operands[1] else { return nil }
      return first.power(power)
    }
  }

  /// Data are what they are; a constant is rounded to the type.
  public func cast(_ value: Rational?, to role: Role) -> Rational? {
    guard let value else { return nil }
    guard let format = role.type.format else {
      // To an integer: towards zero.
      return whole(value, .towardZero)
    }
    return role.isData || isInfinite(value) ? value : stored(format.rounded(value))
  }

  /// The constant itself.
  public func loaded(_ value: Rational?) -> Rational? { value }

  /// Compares.
  public func isLess(_ left: Rational?, _ right: Rational?) -> Bool {
    guard let left, let right else { return false }
    return left < right
  }

  /// Whether it is none.
  public func isNaN(_ value: Rational?) -> Bool { value == nil }

  /// Rounds to an integer.
  public func whole(_ value: Rational?, _ rule: FloatingPointRoundingRule) -> Rational? {
    guard let value, !isInfinite(value) else { return value }
    let down = value.roundedDown(toFractionBits: 0)
    switch rule {
    case .down: return down
    case .up: return value.isWhole ? value : down + .one
    case .towardZero: return value.sign < 0 && !value.isWhole ? down + .one : down
    default: return value.roundedToEven
    }
  }

  /// The number as an integer.
  public func integer(_ value: Rational?) -> Int { Int(finite(value)?.approximation ?? 0) }

  /// The definition.
  public func way(of count: Int) -> Int { 0 }
}

extension Rational {
  /// Binary places behind the leading digit at which roots and functions are cut off.
  private static let places = 256

  /// About the exponent of the leading digit.
  private var scale: Int {
    guard !isZero else { return 0 }
    var (value, shift) = (magnitude, 0)
    let step = Rational(0x1p500)
    while value.approximation == 0 || value.approximation.isSubnormal {
      value = value * step
      shift -= 500
    }
    while value.approximation.isInfinite {
      value = value / step
      shift += 500
    }
    return Int(value.approximation.exponent) + shift
  }

  /// The square root of a number that is not negative.
  var preciseRoot: Rational {
    isZero ? .zero : squareRoot(toFractionBits: max(Rational.places - scale / 2, 16))
  }

  /// The number itself where it is a binary fraction, else what is left when it is cut off.
  var cut: Rational {
    isBinary ? self : roundedDown(toFractionBits: max(Rational.places - scale, 16))
  }

  /// `e` to the number, for numbers of magnitude below 1000; nil for larger ones.
  var exponential: Rational? {
    guard magnitude < Rational(1000) else { return nil }
    // exp(x) = exp(x / 2^12)^(2^12); the series of a small number converges quickly.
    let small = self / Rational(4096)
    var (term, sum, index) = (Rational.one, Rational.one, 1)
    while term.magnitude > Rational(0x1p-300) {
      term = (term * small / Rational(index)).roundedDown(toFractionBits: 350)
      sum += term
      index += 1
      if index > 400 { break }
    }
    for _ in 0..<12 { sum = (sum * sum).roundedDown(toFractionBits: 350) }
    return sum
  }

  /// The natural logarithm of a positive number of ordinary size.
  var logarithm: Rational? {
    guard sign > 0, magnitude < Rational(0x1p300), magnitude > Rational(0x1p-300) else {
      return nil
    }
    if self == .one { return .zero }
    var y = Rational(approximateLogarithm)
    for _ in 0..<3 {
      guard let e = y.exponential else { return nil }
      y = (y + Rational(2) * (self - e) / (self + e)).cut
    }
    return y
  }

  /// A number to a power that is a small integer, or half of one.
  func power(_ exponent: Rational) -> Rational? {
    let twice = exponent * Rational(2)
    guard twice.isWhole, twice.magnitude < Rational(20) else { return nil }
    var count = Int(twice.approximation)
    if count < 0 {
      guard !isZero, let inverse = (Rational.one / self).power(-exponent) else { return nil }
      return inverse
    }
    var result = Rational.one
    if count % 2 == 1 {
      guard sign >= 0 else { return nil }
      result = preciseRoot
      count -= 1
    }
    for _ in 0..<count / 2 { result = result * self }
    return result
  }
}
