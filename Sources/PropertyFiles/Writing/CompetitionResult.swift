import Numbers

/// A result in the form of VNN-COMP: one word, and a counterexample behind `sat`.
public enum CompetitionResult: Sendable, Equatable {
  /// The property holds: no counterexample exists.
  case unsat
  /// It does not: numerals of every input and output.
  case sat(inputs: [String], outputs: [String])
  case unknown
  case timeout

  /// The word alone.
  public var word: String {
    switch self {
    case .unsat: "unsat"
    case .sat: "sat"
    case .unknown: "unknown"
    case .timeout: "timeout"
    }
  }

  /// The whole text, with a line end.
  public var text: String {
    guard case .sat(let inputs, let outputs) = self else { return word + "\n" }
    let entries =
      inputs.enumerated().map { "(X_\($0) \($1))" } + outputs.enumerated().map { "(Y_\($0) \($1))" }
    return "sat\n(" + entries.joined(separator: "\n") + ")\n"
  }
}

extension InputBox {
  /// A numeral of a number of one side, that lies in the box as well where the number does: the shortest
  /// that reads back as the number, else all of its digits.
  public func numeral(of value: Double, feature: Int) -> String {
    let short = plainNumeral(of: value)
    guard value >= lower[feature].upper, value <= upper[feature].lower,
      let read = try? Numeral(short)
    else { return short }
    let isInside = read.lower >= lower[feature].upper && read.upper <= upper[feature].lower
    return isInside ? short : exactNumeral(of: value)
  }
}

/// The shortest numeral that reads back as the number.
public func plainNumeral(of value: Double) -> String {
  // -0 reads as 0 everywhere.
  value == 0 ? "0.0" : "\(value)"
}

/// All decimal digits of a finite number.
func exactNumeral(of value: Double) -> String {
  guard value != 0, value.isFinite else { return plainNumeral(of: value) }
  let isNegative = value < 0
  // A whole number, and how often it was doubled.
  var (whole, halvings) = (value.magnitude, 0)
  while whole != whole.rounded() { (whole, halvings) = (whole * 2, halvings + 1) }
  var doublings = 0
  while whole >= 0x1p53 { (whole, doublings) = (whole / 2, doublings + 1) }
  // A half is five tenths.
  var digits = String(Int(whole)).utf8.reversed().map { Int($0) - 0x30 }
  for _ in 0..<halvings { multiply(&digits, by: 5) }
  for _ in 0..<doublings { multiply(&digits, by: 2) }
  while digits.count <= halvings { digits.append(0) }
  var text = String(decoding: digits.reversed().map { UInt8($0 + 0x30) }, as: UTF8.self)
  if halvings > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -halvings)) }
  return (isNegative ? "-" : "") + text
}

/// Decimal digits, the last first, times a small number.
private func multiply(_ digits: inout [Int], by factor: Int) {
  var carry = 0
  for place in digits.indices {
    let product = digits[place] * factor + carry
    (digits[place], carry) = (product % 10, product / 10)
  }
  if carry > 0 { digits.append(carry) }
}
