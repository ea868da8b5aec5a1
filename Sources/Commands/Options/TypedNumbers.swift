import FileAccess
import Numbers

/// The numbers that an option takes.
package enum NumberDomain: Sendable {
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

  fileprivate func contains(_ number: Numeral) -> Bool {
    switch self {
    case .any: true
    case .nonNegative: number >= .zero
    case .positive: number > .zero
    }
  }
}

extension Numeral {
  /// Reads what was typed for `option`, whose name an error gives as its file.
  package init(
    _ text: String, option: String, domain: NumberDomain = .nonNegative
  ) throws(InputError) {
    func refusal(_ found: String) -> InputError {
      InputError(
        .usage, file: option, found: found, expected: domain.words, remedy: commaRemedy(text))
    }
    do throws(Problem) {
      self = try Numeral(text)
    } catch {
      throw refusal(error.words(for: text.trimmingSpaces))
    }
    guard domain.contains(self) else { throw refusal(quoted(self.text)) }
  }

  /// Reads a list separated by commas (`0.05,0.1`); it has at least one entry.
  ///
  /// What may as well be meant as numbers with decimal commas (`0,05`) is refused.
  package static func list(
    _ text: String, option: String, domain: NumberDomain = .nonNegative
  ) throws(InputError) -> [Numeral] {
    if let decimals = decimalCommas(in: text) {
      let entries = text.split(separator: ",").joined(separator: " and ")
      throw InputError(
        .usage, file: option, found: "\(quoted(text)), the list of \(entries) or \(decimals)",
        expected: "decimal points, which leave no doubt",
        remedy: "write \(option) \(decimals.replacing(" and ", with: ",")), or, for the list,"
          + " \(option) \(text.split(separator: ",").map { $0 + ".0" }.joined(separator: ","))")
    }
    var numbers: [Numeral] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      numbers.append(try Numeral(String(part), option: option, domain: domain))
    }
    return numbers
  }
}

extension Numeral.Problem {
  fileprivate func words(for text: String) -> String {
    switch self {
    case .empty: "an empty text"
    case .tooLong: "\(text.utf8.count) characters (at most \(Numeral.longestText) are read)"
    case .notANumber: "\(quoted(text)) is not a number"
    case .zeroDenominator: "\(quoted(text)) divides by zero"
    case .exponentTooLarge:
      "\(quoted(text)) has an exponent beyond \(Numeral.greatestExponent)"
    case .tooLarge: "\(quoted(text)) is above the largest binary64 number"
    }
  }
}

/// The numbers with decimal commas that a list may be meant as; nil for none.
///
/// Nobody writes a list of whole numbers with leading zeros (05), and hardly any whose every second
/// entry is 0.
private func decimalCommas(in text: String) -> String? {
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

/// What to write for a number with a decimal comma; empty for any other text.
private func commaRemedy(_ text: String) -> String {
  let parts = text.trimmingSpaces.split(separator: ",", omittingEmptySubsequences: false)
  let whole = parts[0].drop { "+-".contains($0) }
  guard parts.count == 2, isDigits(String(whole)), isDigits(String(parts[1])) else { return "" }
  return "with a decimal point: \(parts[0]).\(parts[1])"
}

private func isDigits(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
}
