import Glibc

// Radii are searched on decimals of at most nine significant digits, so that the text of a printed
// radius is the very value at which the certificate was computed.
extension Numeral {
  /// The number 0.
  public static let zero = Numeral(exactly: 0)

  /// The decimal of at most nine digits that is not above `value`, 0 below 1e-13: the largest one, or a
  /// neighbour of it.
  package static func decimal(notAbove value: Double) -> Numeral {
    guard value >= 1e-13 else { return .zero }
    let value = min(value, 999_999_999_000)
    func product(_ scale: Int) -> Double { value * pow(10, Double(scale)) }
    var scale = 8 - Int(floor(log10(value)))
    // log10 may land on the wrong side of a power of ten.
    if product(scale) >= 1e9 { scale -= 1 }
    if product(scale) < 1e8 { scale += 1 }
    var digits = UInt64(product(scale))
    var decimal = Numeral(digits: digits, scale: scale)
    while decimal.nearest > value {
      digits -= 1
      decimal = Numeral(digits: digits, scale: scale)
    }
    return decimal
  }

  /// The same whose upper neighbour is not below `value`.
  package static func decimal(notBelow value: Double) -> Numeral {
    let below = decimal(notAbove: value)
    return below.upper >= value ? below : decimal(notAbove: (value * (1 + 1.1e-8)).nextUp)
  }

  /// `digits * 10^-scale`.
  private init(digits: UInt64, scale: Int) {
    let numeral = Array("\(digits)".utf8)
    let text = DirectedDecimal.plain(
      digits: numeral, exponent: numeral.count - 1 - scale, isNegative: false)
    let value = PositiveRational(BigNatural(digits), timesTenTo: -scale)
    // Where 10^scale is a binary64 number, the quotient is the nearest at once.
    let hint =
      scale < 0 ? Double(digits) * pow(10, Double(-scale)) : Double(digits) / pow(10, Double(scale))
    self = Numeral(text, isNegative: false, value, near: hint) ?? .zero
  }
}
