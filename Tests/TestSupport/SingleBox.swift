/// The binary32 points of a box.
public struct SingleBox: Sendable {
  /// `[inputCount]`: the smallest and greatest finite binary32 number of each side.
  public private(set) var lower, upper: [Float]

  /// Finds the ends exactly; nil where a side holds no finite binary32 number.
  public init?(_ box: ExactBox) {
    lower = box.lower.map(Self.roundedUp)
    upper = box.upper.map { -Self.roundedUp(-$0) }
    guard zip(lower, upper).allSatisfy({ $0.isFinite && $1.isFinite && $0 <= $1 }) else {
      return nil
    }
  }

  /// The least finite binary32 number that is not below `end`; infinity where there is none.
  private static func roundedUp(_ end: Rational) -> Float {
    let limit = Float.greatestFiniteMagnitude
    var value = max(-limit, min(limit, Float(end.approximation)))
    while value.isFinite && Rational(value) < end { value = value.nextUp }
    while value.nextDown.isFinite && Rational(value.nextDown) >= end { value = value.nextDown }
    return value
  }

  /// Draws a point: a corner, a point with some features at their ends, or any point.
  public func point(using random: inout SeededGenerator) -> [Float] {
    let ends = random.pick([0, 0.5, 1], or: 0)
    return zip(lower, upper).map { low, high in
      if random.chance(ends) { return random.chance(0.5) ? low : high }
      // In binary64, where the width of no binary32 range overflows.
      let inner = Float(Double.random(in: Double(low)...Double(high), using: &random))
      return min(high, max(low, inner))
    }
  }
}
