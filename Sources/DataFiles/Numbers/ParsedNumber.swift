import FileAccess

/// The grammar of a typed number: `[+-] decimal [/ decimal]`, where a decimal is digits with at most
/// one point among them, and an optional `e` with an exponent.
struct ParsedNumber {
  var isNegative: Bool
  var magnitude: PositiveRational
  /// About the value: where the search for its neighbours starts.
  var hint: Double?

  /// The longest text that is read, and the greatest exponent: they bound the work, not the range
  /// of the values.
  static let longestText = 1000
  static let greatestExponent = 10_000

  enum Problem: Error {
    case empty, tooLong, notANumber, zeroDenominator, exponentTooLarge

    func words(for text: String) -> String {
      switch self {
      case .empty: "an empty text"
      case .tooLong: "\(text.utf8.count) characters (at most \(ParsedNumber.longestText) are read)"
      case .notANumber: "\(quoted(text)) is not a number"
      case .zeroDenominator: "\(quoted(text)) divides by zero"
      case .exponentTooLarge:
        "\(quoted(text)) has an exponent beyond \(ParsedNumber.greatestExponent)"
      }
    }
  }

  static func parse(_ text: String) -> Result<ParsedNumber, Problem> {
    var rest = Array(text.utf8)[...]
    if rest.isEmpty { return .failure(.empty) }
    if rest.count > longestText { return .failure(.tooLong) }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    let parts = rest.split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    do throws(Problem) {
      var magnitude = try decimal(parts[0])
      var hint = Double(String(decoding: parts[0], as: UTF8.self))
      if parts.count == 2 {
        let divisor = try decimal(parts[1])
        if divisor.numerator.isZero { throw .zeroDenominator }
        magnitude.numerator = magnitude.numerator * divisor.denominator
        magnitude.denominator = magnitude.denominator * divisor.numerator
        if let top = hint, let bottom = Double(String(decoding: parts[1], as: UTF8.self)) {
          hint = top / bottom
        }
      }
      return .success(ParsedNumber(isNegative: isNegative, magnitude: magnitude, hint: hint))
    } catch {
      return .failure(error)
    }
  }

  private static func decimal(_ text: ArraySlice<UInt8>) throws(Problem) -> PositiveRational {
    let marks: [UInt8] = [UInt8(ascii: "e"), UInt8(ascii: "E")]
    let mantissaEnd = text.firstIndex(where: marks.contains) ?? text.endIndex
    var value = BigNatural(0)
    var digits = 0
    var decimals: Int?
    for byte in text[..<mantissaEnd] {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
      } else if let digit = digitValue(byte) {
        value.multiply(by: 10, adding: digit)
        digits += 1
        decimals = decimals.map { $0 + 1 }
      } else {
        throw .notANumber
      }
    }
    if digits == 0 { throw .notANumber }
    var exponent = -(decimals ?? 0)
    if mantissaEnd < text.endIndex { exponent += try self.exponent(text[(mantissaEnd + 1)...]) }
    var denominator = BigNatural(1)
    value.multiply(byPowerOfTen: exponent)
    denominator.multiply(byPowerOfTen: -exponent)
    return PositiveRational(numerator: value, denominator: denominator)
  }

  private static func exponent(_ text: ArraySlice<UInt8>) throws(Problem) -> Int {
    var digits = text
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    if digits.isEmpty { throw .notANumber }
    var value = 0
    for byte in digits {
      guard let digit = digitValue(byte) else { throw .notANumber }
      value = min(value * 10 + Int(digit), greatestExponent + 1)
    }
    if value > greatestExponent { throw .exponentTooLarge }
    return isNegative ? -value : value
  }

  private static func digitValue(_ byte: UInt8) -> UInt64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? UInt64(byte - UInt8(ascii: "0")) : nil
  }
}

extension String {
  /// The text without spaces and tabs at its ends.
  var trimmingSpaces: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
