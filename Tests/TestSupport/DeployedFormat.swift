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

  /// The product, rounded once.
  func product(_ left: Double, _ right: Double) -> Double {
    // Exact in binary64 for every narrower format.
    rounded(left * right)
  }

  /// The sum, rounded once.
  func sum(_ left: Double, _ right: Double) -> Double {
    switch self {
    case .binary64: left + right
    case .binary32: Double(Float(left) + Float(right))
    case .binary16, .bfloat16: rounded(Self.oddSum(left, right))
    }
  }

  /// `sum + left * right`, rounded once.
  func fused(_ sum: Double, _ left: Double, _ right: Double) -> Double {
    switch self {
    case .binary64: sum.addingProduct(left, right)
    case .binary32: Double(Float(sum).addingProduct(Float(left), Float(right)))
    case .binary16, .bfloat16: rounded(Self.oddSum(sum, left * right))
    }
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
  func roundedUp(_ end: Rational) -> Double? {
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

  private func neighbour(of value: Double, up: Bool) -> Double {
    guard self != .binary64 else { return up ? value.nextUp : value.nextDown }
    let least = Double(sign: .plus, exponent: leastExponent - precision + 1, significand: 1)
    guard value != 0 else { return up ? least : -least }
    // Towards zero from a power of two the spacing is that of the numbers below it.
    let shrinks = up == (value < 0)
    let spacing = spacing(at: shrinks ? value * (1 - 0x1p-40) : value)
    return up ? value + spacing : value - spacing
  }
}

/// The points of a box that a format has.
public struct DeployedBox: Sendable {
  /// `[inputCount]`: the smallest and greatest finite number of each side.
  public private(set) var lower: [Double] = []
  /// As `lower`.
  public private(set) var upper: [Double] = []
  private let format: DeployedFormat

  /// Finds the ends exactly; nil where a side holds no finite number of the format.
  public init?(_ box: ExactBox, _ format: DeployedFormat) {
    self.format = format
    for (low, high) in zip(box.lower, box.upper) {
      guard let least = format.roundedUp(low), let most = format.roundedUp(-high), least <= -most
      else { return nil }
      lower.append(least)
      upper.append(-most)
    }
  }

  /// Draws a point: a corner, a point with some features at their ends, or any point.
  public func point(using random: inout SeededGenerator) -> [Double] {
    let ends = random.pick([0, 0.5, 1], or: 0)
    return zip(lower, upper).map { low, high in
      if random.chance(ends) { return random.chance(0.5) ? low : high }
      let share = Double.random(in: 0...1, using: &random)
      return min(high, max(low, format.rounded(low * (1 - share) + high * share)))
    }
  }
}
