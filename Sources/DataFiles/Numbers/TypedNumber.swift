import FileAccess

/// A number as a person typed it: a decimal (`0.1`, `1e-3`) or a quotient of two (`8/255`).
///
/// The value is the exact rational that the text denotes; `lower`, `nearest` and `upper` place it
/// among the binary64 numbers without any doubt, however long the text is.
public struct TypedNumber: Sendable, Equatable {
  /// The text as typed, without surrounding spaces.
  public let text: String
  /// The binary64 number nearest to the value, ties to even.
  public let nearest: Double
  /// The greatest binary64 number that is not above the value.
  public let lower: Double
  /// The least binary64 number that is not below the value.
  public let upper: Double

  private let isNegative: Bool
  private let magnitude: PositiveRational
  /// `n` where the value is `1/n` and binary64 holds `n` exactly: then `r / n` is one rounding.
  private let reciprocal: Double?

  /// The numbers that an option takes.
  public enum Domain: Sendable {
    case any
    case nonNegative
    case positive

    fileprivate var words: String {
      switch self {
      case .any: "a number such as 0.1, 1e-3 or 8/255"
      case .nonNegative: "a number >= 0 such as 0.1, 1e-3 or 8/255"
      case .positive: "a number > 0 such as 0.1, 1e-3 or 8/255"
      }
    }
  }

  /// Reads what was typed for `option`, whose name an error gives as its file.
  public init(
    _ text: String, option: String, domain: Domain = .nonNegative
  ) throws(InputError) {
    func refusal(_ found: String) -> InputError {
      InputError(
        .usage, file: option, found: found, expected: domain.words,
        remedy: TypedNumber.commaRemedy(text))
    }
    let trimmed = text.trimmingSpaces
    let parsed: ParsedNumber
    switch ParsedNumber.parse(trimmed) {
    case .success(let number): parsed = number
    case .failure(let problem): throw refusal(problem.words(for: trimmed))
    }
    let isZero = parsed.magnitude.numerator.isZero
    switch domain {
    case .any: break
    case .nonNegative where parsed.isNegative && !isZero,
      .positive where parsed.isNegative || isZero:
      throw refusal(quoted(trimmed))
    case .nonNegative, .positive: break
    }
    guard let bracket = parsed.magnitude.bracket(near: parsed.hint),
      let nearest = parsed.magnitude.nearest(near: bracket.lower)
    else { throw refusal("\(quoted(trimmed)) is above the largest binary64 number") }
    self.text = trimmed
    magnitude = parsed.magnitude
    isNegative = parsed.isNegative && !isZero
    self.nearest = isNegative ? -nearest : nearest
    lower = isNegative ? -bracket.upper : bracket.lower
    upper = isNegative ? -bracket.lower : bracket.upper
    reciprocal = isNegative ? nil : magnitude.exactReciprocal
  }

  /// The number `1/divisor`, as if it had been typed.
  ///
  /// - Parameter divisor: At least 1.
  init(reciprocalOf divisor: UInt32) {
    text = divisor == 1 ? "1" : "1/\(divisor)"
    magnitude = PositiveRational(
      numerator: BigNatural(1), denominator: BigNatural(UInt64(max(divisor, 1))))
    isNegative = false
    reciprocal = Double(max(divisor, 1))
    // One rounding of the exact quotient.
    nearest = 1 / Double(max(divisor, 1))
    // A bracket always exists: the value is at most 1.
    (lower, upper) = magnitude.bracket(near: nearest) ?? (0, 1)
  }

  /// Reads a list separated by commas (`0.05,0.1`); it has at least one entry.
  ///
  /// What may as well be meant as numbers with decimal commas (`0,05`) is refused.
  public static func list(
    _ text: String, option: String, domain: Domain = .nonNegative
  ) throws(InputError) -> [TypedNumber] {
    if let decimals = decimalCommas(in: text) {
      let entries = text.split(separator: ",").joined(separator: " and ")
      throw InputError(
        .usage, file: option, found: "\(quoted(text)), the list of \(entries) or \(decimals)",
        expected: "decimal points, which leave no doubt",
        remedy: "write \(option) \(decimals.replacing(" and ", with: ",")), or, for the list,"
          + " \(option) \(text.split(separator: ",").map { $0 + ".0" }.joined(separator: ","))")
    }
    var numbers: [TypedNumber] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      numbers.append(try TypedNumber(String(part), option: option, domain: domain))
    }
    return numbers
  }

  /// The numbers with decimal commas that a list may be meant as; nil for none.
  ///
  /// Nobody writes a list of whole numbers with leading zeros (05), and hardly any whose every second
  /// entry is 0.
  private static func decimalCommas(in text: String) -> String? {
    let entries = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0).trimmingSpaces
    }
    guard entries.count.isMultiple(of: 2), entries.allSatisfy(isDigits) else { return nil }
    let places = stride(from: 0, to: entries.count, by: 2)
    func isZero(_ entry: String) -> Bool { entry.allSatisfy { $0 == "0" } }
    let hasLeadingZero = places.contains {
      entries[$0 + 1].hasPrefix("0") && !isZero(entries[$0 + 1])
    }
    let startsWithZeros = places.allSatisfy { entries[$0] == "0" && !isZero(entries[$0 + 1]) }
    guard hasLeadingZero || startsWithZeros else { return nil }
    return places.map { "\(entries[$0]).\(entries[$0 + 1])" }.joined(separator: " and ")
  }

  private static func isDigits(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// What to write for a number with a decimal comma; empty for any other text.
  private static func commaRemedy(_ text: String) -> String {
    let parts = text.trimmingSpaces.split(separator: ",", omittingEmptySubsequences: false)
    let whole = parts[0].drop { "+-".contains($0) }
    guard parts.count == 2, isDigits(String(whole)), isDigits(String(parts[1])) else { return "" }
    return "with a decimal point: \(parts[0]).\(parts[1])"
  }

  /// Whether binary64 holds the value exactly.
  public var isExact: Bool { lower == upper }

  /// Whether the value is 1.
  var isOne: Bool { !isNegative && magnitude.isOne }

  /// The binary64 number nearest to the quotient of two values >= 0; infinite beyond its range.
  ///
  /// - Parameter divisor: Above 0.
  public func quotient(by divisor: TypedNumber) -> Double {
    let exact = PositiveRational(
      numerator: magnitude.numerator * divisor.magnitude.denominator,
      denominator: magnitude.denominator * divisor.magnitude.numerator)
    return exact.nearest(near: nearest / divisor.nearest) ?? .infinity
  }

  /// Whether the value is below another's, decided exactly.
  public func isLess(than other: TypedNumber) -> Bool {
    switch (isNegative, other.isNegative) {
    case (false, true): false
    case (true, false): true
    case (false, false): magnitude < other.magnitude
    case (true, true): other.magnitude < magnitude
    }
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
    let product = magnitude.times(raw).nearest(near: hint.magnitude) ?? .infinity
    return hint.sign == .minus ? -product : product
  }

  /// An upper bound of the distance between `times(raw)` and the exact product; 0 where they are
  /// known to be the same.
  ///
  /// - Parameter raw: A finite number whose product is finite.
  public func error(ofTimes raw: Double) -> Double {
    let product = times(raw)
    // Above 2^-900 a residual other than 0 cannot vanish by underflow.
    if raw == 0 || isOne { return 0 }
    if product.magnitude > 0x1p-900 {
      if isExact, (-product).addingProduct(raw, nearest) == 0 { return 0 }
      if let reciprocal, (-raw).addingProduct(product, reciprocal) == 0 { return 0 }
    }
    // A rounding to nearest moves by half an ulp at most; below the normal numbers half of the
    // least magnitude is not a number, and the least magnitude is taken.
    return max(product.ulp / 2, .leastNonzeroMagnitude)
  }

  /// Two numbers are equal where they were typed alike.
  public static func == (left: TypedNumber, right: TypedNumber) -> Bool {
    left.text == right.text
  }
}
