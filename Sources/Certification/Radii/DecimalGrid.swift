import Glibc

/// Radii are searched on decimals of at most nine significant digits, so that the text of a printed
/// radius is the very value at which the certificate was computed.
package enum DecimalGrid {
  /// A decimal `digits * 10^-scale` and the binary64 values around it.
  package struct Point: Equatable {
    /// The nearest binary64: its shortest text is the decimal.
    package var nearest: Double
    /// The smallest binary64 that is not below the decimal.
    package var upper: Double

    package static let zero = Point(nearest: 0, upper: 0)
  }

  /// The largest grid point that is not above `value`, 0 below 1e-13.
  package static func floor(_ value: Double) -> Point {
    guard value >= 1e-13, value < 1e12 else { return value < 1e12 ? .zero : floor(999_999_999_000) }
    var scale = 8 - Int(Glibc.floor(log10(value)))
    // log10 may land on the wrong side of a power of ten.
    if value * power(scale) >= 1e9 { scale -= 1 }
    if value * power(scale) < 1e8 { scale += 1 }
    var digits = (value * power(scale)).rounded(.down)
    var point = point(digits: digits, scale: scale)
    while point.nearest > value {
      digits -= 1
      point = Self.point(digits: digits, scale: scale)
    }
    return point
  }

  /// The smallest grid point whose upper neighbour is not below `value`.
  static func ceiling(_ value: Double) -> Point {
    let below = floor(value)
    if below.upper >= value { return below }
    return floor((value * (1 + 1.1e-8)).nextUp)
  }

  private static func power(_ scale: Int) -> Double { pow(10, Double(scale)) }

  /// `digits < 2^30` and `|scale| <= 22`: digits and the power of ten are exact, so one division or
  /// product rounds correctly and one fused operation tells its direction.
  private static func point(digits: Double, scale: Int) -> Point {
    if scale >= 0 {
      let nearest = digits / power(scale)
      let excess = (-digits).addingProduct(nearest, power(scale))
      return Point(nearest: nearest, upper: excess < 0 ? nearest.nextUp : nearest)
    }
    let nearest = digits * power(-scale)
    let missing = (-nearest).addingProduct(digits, power(-scale))
    return Point(nearest: nearest, upper: missing > 0 ? nearest.nextUp : nearest)
  }
}
