extension Numeral {
  /// The longest text that is read.
  public static let longestText = 1000
  /// The greatest exponent. Both bound the work, not the range of the values.
  public static let greatestExponent = 10_000

  /// Why a text is not read as a number.
  public enum Problem: Error {
    case empty, tooLong, notANumber, zeroDenominator, exponentTooLarge
    /// The value lies beyond the finite binary64 numbers.
    case tooLarge
  }

  /// Reads `[+-] decimal [/ decimal]`, where a decimal is digits with at most one point among them, and
  /// an optional `e` with an exponent; spaces around it do not count.
  public init(_ text: String) throws(Problem) {
    let text = text.trimmingSpaces
    var rest = Array(text.utf8)[...]
    if rest.isEmpty { throw .empty }
    if rest.count > Numeral.longestText { throw .tooLong }
    let sign = rest.first.flatMap(Numeral.sign)
    if sign != nil { rest.removeFirst() }
    let parts = rest.split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    var (value, hint) = (try Numeral.decimal(parts[0]), Numeral.hint(parts[0]))
    if parts.count == 2 {
      let divisor = try Numeral.decimal(parts[1])
      if divisor.numerator.isZero { throw .zeroDenominator }
      value = value.divided(by: divisor)
      if let top = hint, let bottom = Numeral.hint(parts[1]) { hint = top / bottom }
    }
    guard let number = Numeral(text, isNegative: sign == -1, value, near: hint) else {
      throw .tooLarge
    }
    self = number
  }

  /// About a decimal: where the search for its neighbours starts.
  private static func hint(_ text: ArraySlice<UInt8>) -> Double? {
    Double(String(decoding: text, as: UTF8.self))
  }

  private static func decimal(_ text: ArraySlice<UInt8>) throws(Problem) -> PositiveRational {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E")
    }
    let mantissa = parts[0].split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let digits = digits(mantissa.joined()) else { throw .notANumber }
    var whole = BigNatural(0)
    for digit in digits.utf8 { whole.multiply(by: 10, adding: UInt64(digit - 0x30)) }
    let exponent = parts.count == 2 ? try exponent(parts[1]) : 0
    return PositiveRational(
      whole, timesTenTo: exponent - (mantissa.count == 2 ? mantissa[1].count : 0))
  }

  private static func exponent(_ text: ArraySlice<UInt8>) throws(Problem) -> Int {
    let sign = text.first.flatMap(sign)
    guard let digits = digits(sign == nil ? text : text.dropFirst()) else { throw .notANumber }
    guard let value = Int(digits), value <= greatestExponent else { throw .exponentTooLarge }
    return (sign ?? 1) * value
  }

  private static func sign(_ byte: UInt8) -> Int? {
    byte == UInt8(ascii: "-") ? -1 : byte == UInt8(ascii: "+") ? 1 : nil
  }

  /// A text of ASCII digits, at least one; nil for any other.
  private static func digits(_ bytes: some Sequence<UInt8>) -> String? {
    let bytes = Array(bytes)
    guard !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// The text without spaces and tabs at its ends.
  package var trimmingSpaces: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
