/// A number with its text: a decimal (`0.1`, `1e-3`) or a quotient of two (`8/255`).
///
/// The value is the exact rational that the text denotes; `lower`, `nearest` and `upper` place it
/// among the binary64 numbers without any doubt, however long the text is. Whatever takes a number of
/// the user's, from the command line to the engine and into a report, takes one of these.
public struct Numeral: Sendable, Comparable {
  /// The text, without surrounding spaces.
  public let text: String
  /// The greatest binary64 number that is not above the value.
  public let lower: Double
  /// The binary64 number nearest to the value, ties to even.
  public let nearest: Double
  /// The least binary64 number that is not below the value.
  public let upper: Double

  private let isNegative: Bool
  private let magnitude: PositiveRational
  /// `n` where the value is `1/n` and binary64 holds `n` exactly: then `r / n` is one rounding.
  private let reciprocal: Double?

  /// - Parameter hint: About the magnitude.
  /// - Returns: nil for a value beyond the finite binary64 numbers.
  init?(_ text: String, isNegative: Bool, _ magnitude: PositiveRational, near hint: Double?) {
    guard let ends = magnitude.ends(near: hint) else { return nil }
    self.isNegative = isNegative && !magnitude.numerator.isZero
    (self.text, self.magnitude) = (text, magnitude)
    (lower, nearest, upper) = self.isNegative ? (-ends.upper, -ends.nearest, -ends.lower) : ends
    reciprocal = self.isNegative ? nil : magnitude.exactReciprocal
  }

  /// A binary64 number itself; its text is the shortest that is read back as it.
  ///
  /// - Precondition: `number` is finite.
  public init(exactly number: Double) {
    precondition(number.isFinite, "not a number")
    (text, magnitude) = (DirectedDecimal.nearest(number) ?? "", PositiveRational(number))
    isNegative = number < 0
    (lower, nearest, upper) = (number, number, number)
    reciprocal = nil
  }

  /// The number `1/divisor`, as if it had been typed.
  ///
  /// - Precondition: `divisor` is above 0.
  public init(reciprocalOf divisor: UInt32) {
    precondition(divisor > 0, "no number")
    let magnitude = PositiveRational(
      numerator: BigNatural(1), denominator: BigNatural(UInt64(divisor)))
    let text = divisor == 1 ? "1" : "1/\(divisor)"
    self = Numeral(text, isNegative: false, magnitude, near: 1 / Double(divisor)) ?? .zero
  }

  /// The magnitude as a quotient of natural numbers, each as its digits in base 2^64, least first.
  package var ratio: (numerator: [UInt64], denominator: [UInt64]) {
    (magnitude.numerator.words, magnitude.denominator.words)
  }

  /// Whether binary64 holds the value exactly.
  public var isExact: Bool { lower == upper }

  /// Whether the value is 1.
  public var isOne: Bool { isExact && nearest == 1 }

  /// Whether the value is a whole number.
  public var isWhole: Bool { isExact && nearest == nearest.rounded() }

  /// The binary64 number nearest to the quotient of two values >= 0; infinite beyond its range.
  ///
  /// - Precondition: `divisor` is above 0.
  public func quotient(by divisor: Numeral) -> Double {
    let quotient = magnitude.divided(by: divisor.magnitude)
    return quotient.ends(near: nearest / divisor.nearest)?.nearest ?? .infinity
  }

  /// The binary64 number nearest to `raw` times the value, ties to even: one rounding of the exact
  /// product. Infinite where that lies beyond the finite numbers.
  ///
  /// - Parameter raw: A finite number.
  public func times(_ raw: Double) -> Double {
    // A product of two binary64 numbers, and a quotient, are rounded once by the processor.
    if isExact { return raw * nearest }
    if let reciprocal { return raw / reciprocal }
    let hint = raw * nearest
    let product = magnitude.times(raw).ends(near: hint.magnitude)?.nearest ?? .infinity
    return hint.sign == .minus ? -product : product
  }

  /// Whether the value is below another's, decided exactly.
  public static func < (left: Numeral, right: Numeral) -> Bool {
    switch (left.isNegative, right.isNegative) {
    case (false, true): false
    case (true, false): true
    case (false, false): left.magnitude < right.magnitude
    case (true, true): right.magnitude < left.magnitude
    }
  }

  /// Whether the values are the same, whatever their texts.
  public static func == (left: Numeral, right: Numeral) -> Bool {
    left.nearest == right.nearest && !(left < right) && !(right < left)
  }
}
