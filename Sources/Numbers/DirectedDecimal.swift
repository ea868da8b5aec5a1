import CRounding

/// Decimal numerals on a stated side of a binary64, so that what a reader sees is still a bound.
public enum DirectedDecimal {
  /// The side of the value on which the numeral lies.
  public enum Rounding: Sendable {
    /// Not above the value: lower bounds, margins, radii.
    case down
    /// Not below the value: upper bounds, losses, error rates.
    case up
  }

  /// The number of significant digits of every printed bound.
  public static let digits = 9

  /// The nearest decimal on one side of `value`, in its shortest form.
  ///
  /// - Parameter digits: The number of significant digits, at most 40.
  /// - Returns: A JSON number (`0.1`, `-12`, `1.5e-7`); nil when `value` is not finite, or too
  ///   near to the largest binary64 for such a decimal to read back as a finite number.
  public static func text(
    _ value: Double, rounded rounding: Rounding, digits: Int = DirectedDecimal.digits
  ) -> String? {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = directed_decimal_write(
      value, Int32(clamping: digits), rounding.inC, &buffer, buffer.count)
    // Beyond the last nine-digit decimal that binary64 holds, a reader would overflow.
    guard length > 0, abs(value) <= 1.79769313e308 else { return nil }
    return plain(scientific: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) })
  }

  /// The numeral of a value that was read from such a numeral: that numeral again.
  ///
  /// The binary64 nearest to a decimal may lie on either side of it, so that rounding it once more
  /// would lose a unit of the last digit. Its neighbour on the far side lies beyond the decimal,
  /// and no other decimal of nine digits is between.
  ///
  /// - Parameters:
  ///   - value: The binary64 nearest to a decimal of at most nine digits that `text` printed,
  ///     rounded to the same side.
  ///   - digits: The number of significant digits, at most nine; fewer round the decimal.
  /// - Returns: As `text`. Below 1e-300, where binary64 has fewer than nine digits, possibly a
  ///   numeral further out.
  public static func text(
    printed value: Double, rounded rounding: Rounding, digits: Int = DirectedDecimal.digits
  ) -> String? {
    if value == 0 { return "0" }
    let isNearZero = abs(value) < 1e-300
    let next = (rounding == .down) != isNearZero ? value.nextUp : value.nextDown
    return text(next, rounded: rounding, digits: digits)
  }

  /// The binary64 that a reader of the printed bound gets; nil where none is printed.
  public static func asPrinted(_ value: Double, rounded rounding: Rounding) -> Double? {
    text(value, rounded: rounding).flatMap { Double($0) }
  }

  /// The fraction `numerator / denominator` rounded up to nine significant digits, exactly.
  ///
  /// - Precondition: `0 <= numerator <= denominator`, `0 < denominator < 2^59`.
  public static func fractionRoundedUp(_ numerator: Int, of denominator: Int) -> String {
    fraction(numerator, of: denominator, rounded: .up)
  }

  /// The fraction `numerator / denominator` on one side, in nine significant digits, exactly.
  ///
  /// Long division in integers: the quotient of two binary64 would already have been rounded.
  ///
  /// - Precondition: `0 <= numerator <= denominator`, `0 < denominator < 2^59`.
  public static func fraction(
    _ numerator: Int, of denominator: Int, rounded rounding: Rounding
  ) -> String {
    precondition(0 <= numerator && numerator <= denominator && denominator > 0, "not a fraction")
    guard numerator > 0 else { return "0" }
    guard numerator < denominator else { return "1" }
    var (digitsSoFar, remainder, exponent) = ([UInt8](), numerator, 0)
    while digitsSoFar.count < digits, remainder > 0 {
      remainder *= 10
      let digit = UInt8(remainder / denominator)
      remainder %= denominator
      if digitsSoFar.isEmpty {
        exponent -= 1
        guard digit > 0 else { continue }
      }
      digitsSoFar.append(digit)
    }
    if remainder > 0, rounding == .up { exponent += increment(&digitsSoFar) }
    return plain(digits: digitsSoFar.map { $0 + 48 }, exponent: exponent, isNegative: false)
  }

  /// The shortest numeral that reads back as `value`, without a needless `.0`.
  ///
  /// - Returns: A JSON number; nil when `value` is not finite.
  public static func nearest(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    if value == 0 { return "0" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension DirectedDecimal.Rounding {
  fileprivate var inC: directed_rounding { self == .up ? DIRECTED_UP : DIRECTED_DOWN }
}

extension DirectedDecimal {
  /// Adds one unit in the last place; returns 1 when the first digit carried over, else 0.
  private static func increment(_ digits: inout [UInt8]) -> Int {
    for position in digits.indices.reversed() {
      if digits[position] < 9 {
        digits[position] += 1
        return 0
      }
      digits[position] = 0
    }
    digits[0] = 1
    return 1
  }

  /// Rewrites `[-]d.ddde[+-]xx` in its shortest plain form.
  private static func plain(scientific text: [UInt8]) -> String? {
    let isNegative = text.first == UInt8(ascii: "-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: UInt8(ascii: "e"))
    guard parts.count == 2, let exponent = Int(String(decoding: parts[1], as: UTF8.self)) else {
      return nil
    }
    let digits = parts[0].filter { $0 != UInt8(ascii: ".") }
    return plain(digits: digits, exponent: exponent, isNegative: isNegative)
  }

  /// Writes `d.ddd * 10^exponent`: positional where that is short, scientific elsewhere.
  static func plain(digits: [UInt8], exponent: Int, isNegative: Bool) -> String {
    var digits = digits[...]
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    guard !digits.isEmpty else { return "0" }
    let text = String(decoding: digits, as: UTF8.self)
    let zeros = { (count: Int) in String(repeating: "0", count: count) }
    let magnitude: String
    switch exponent {
    case -6..<0:
      magnitude = "0." + zeros(-exponent - 1) + text
    case 0..<16 where digits.count <= exponent + 1:
      magnitude = text + zeros(exponent + 1 - digits.count)
    case 0..<16:
      magnitude = "\(text.prefix(exponent + 1)).\(text.dropFirst(exponent + 1))"
    default:
      magnitude = "\(text.prefix(1))\(digits.count > 1 ? "." : "")\(text.dropFirst())e\(exponent)"
    }
    return (isNegative ? "-" : "") + magnitude
  }
}
