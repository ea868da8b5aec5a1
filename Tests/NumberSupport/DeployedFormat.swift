/// A floating-point format of deployed networks, its numbers held in binary64, its operations
/// rounded to nearest, ties to even.
public enum DeployedFormat: String, Sendable, CaseIterable {
  case binary64, binary32, binary16, bfloat16

  /// Bits of the significand, the leading one included.
  private var precision: Int {
    switch self {
    case .binary64: 53
    case .binary32: 24
    case .binary16: 11
    case .bfloat16: 8
    }
  }

  /// The smallest exponent of a normal number.
  private var leastExponent: Int {
    switch self {
    case .binary64: -1022
    case .binary32, .bfloat16: -126
    case .binary16: -14
    }
  }

  /// The largest finite number.
  public var greatest: Double {
    switch self {
    case .binary64: .greatestFiniteMagnitude
    case .binary32: Double(Float.greatestFiniteMagnitude)
    case .binary16: 65504
    case .bfloat16: 0x1.fep127
    }
  }

  /// The number of the format nearest to `value`.
  public func rounded(_ value: Double) -> Double {
    switch self {
    case .binary64: return value
    case .binary32: return Double(Float(value))
    case .binary16, .bfloat16:
      guard value.isFinite, value != 0 else { return value }
      let spacing = spacing(at: value)
      let result = (value / spacing).rounded(.toNearestOrEven) * spacing
      return result.magnitude > greatest ? (value < 0 ? -.infinity : .infinity) : result
    }
  }

  /// The distance of neighbouring numbers around a binary64 number that is not 0.
  private func spacing(at value: Double) -> Double {
    let exponent = max(Int(value.exponent), leastExponent)
    return Double(sign: .plus, exponent: exponent - precision + 1, significand: 1)
  }

  /// The smallest normal number.
  public var leastNormal: Double { Double(sign: .plus, exponent: leastExponent, significand: 1) }

  /// The smallest positive number.
  public var least: Double {
    Double(sign: .plus, exponent: leastExponent - precision + 1, significand: 1)
  }

  /// Whether every number of the other format is one of this.
  public func holds(_ other: DeployedFormat) -> Bool {
    precision >= other.precision && greatest >= other.greatest && least <= other.least
  }

  /// The product, rounded once.
  public func product(_ left: Double, _ right: Double) -> Double {
    // Exact in binary64 for every narrower format.
    rounded(left * right)
  }

  /// The sum, rounded once.
  public func sum(_ left: Double, _ right: Double) -> Double {
    switch self {
    case .binary64: left + right
    case .binary32: Double(Float(left) + Float(right))
    case .binary16, .bfloat16: rounded(Self.oddSum(left, right))
    }
  }

  /// `sum + left * right`, rounded once.
  public func fused(_ sum: Double, _ left: Double, _ right: Double) -> Double {
    switch self {
    case .binary64: sum.addingProduct(left, right)
    case .binary32: Double(Float(sum).addingProduct(Float(left), Float(right)))
    case .binary16, .bfloat16: rounded(Self.oddSum(sum, left * right))
    }
  }

  /// The quotient, rounded once: binary64 has more than twice the digits of every narrower format.
  public func quotient(_ left: Double, _ right: Double) -> Double {
    self == .binary32 ? Double(Float(left) / Float(right)) : rounded(left / right)
  }

  /// The square root, rounded once, as `quotient`.
  public func root(_ value: Double) -> Double { rounded(value.squareRoot()) }

  /// The number of the format nearest to an exact one, ties to even; infinite where that overflows.
  public func rounded(_ value: Rational) -> Double {
    let size = value.magnitude
    let half = Rational(least) * Rational(1, over: 2)
    if size <= half { return 0 }
    if size >= Rational(greatest) + Rational(spacing(at: greatest)) * Rational(1, over: 2) {
      return value.sign < 0 ? -.infinity : .infinity
    }
    // The spacing belongs to the power of two that is not above the number.
    var exponent = Int(min(max(size.approximation, least), .greatestFiniteMagnitude).exponent)
    func power(_ exponent: Int) -> Rational {
      Rational(Double(sign: .plus, exponent: exponent, significand: 1))
    }
    if power(exponent) > size, exponent > -1074 { exponent -= 1 }
    let unit = power(max(exponent, leastExponent) - precision + 1)
    let steps = (size / unit).roundedToEven
    let result = (steps * unit).approximation
    return value.sign < 0 ? -result : result
  }

  /// The sum in binary64 rounded to odd, so that rounding it once more to a narrower format gives
  /// what one rounding would have given.
  private static func oddSum(_ left: Double, _ right: Double) -> Double {
    let sum = left + right
    guard sum.isFinite else { return sum }
    let part = sum - left
    let error = (left - (sum - part)) + (right - part)
    guard error != 0, sum.significandBitPattern & 1 == 0 else { return sum }
    return error > 0 ? sum.nextUp : sum.nextDown
  }

  /// The least finite number of the format that is not below `end`; nil where there is none.
  public func roundedUp(_ end: Rational) -> Double? {
    guard end <= Rational(greatest) else { return nil }
    var value = rounded(max(-greatest, min(greatest, end.approximation)))
    value = max(-greatest, min(greatest, value))
    while Rational(value) < end { value = neighbour(of: value, up: true) }
    while value > -greatest {
      let below = neighbour(of: value, up: false)
      guard Rational(below) >= end else { break }
      value = below
    }
    return value
  }

  /// The next number of the format above or below one of its numbers.
  public func neighbour(of value: Double, up: Bool) -> Double {
    guard self != .binary64 else { return up ? value.nextUp : value.nextDown }
    guard value != 0 else { return up ? least : -least }
    // Towards zero from a power of two the spacing is that of the numbers below it.
    let shrinks = up == (value < 0)
    let spacing = spacing(at: shrinks ? value * (1 - 0x1p-40) : value)
    return up ? value + spacing : value - spacing
  }
}
