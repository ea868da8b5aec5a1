import FileAccess
import Numbers

/// Numbers as the fields of one CSV file write them: with a decimal point, or, where commas do not
/// separate fields, with a decimal comma; never both in one file.
struct CSVNumbers {
  private let separator: CSVScanner.Separator
  private var mark: (byte: UInt8, line: Int)?

  init(_ separator: CSVScanner.Separator) { self.separator = separator }

  /// Whether a text is meant as a number, finite or not, or is empty.
  func isNumber(_ field: ArraySlice<UInt8>) -> Bool {
    plainNumber(pointed(field)) != nil || notFinite(field) != nil
  }

  /// The number that a text is; nil for all else. What it says of decimal commas is not noted.
  func value(_ field: ArraySlice<UInt8>) -> Double? { plainNumber(pointed(field)) }

  /// The number in a field.
  mutating func number(
    _ field: CSVScanner.Field, column: Int, file: String
  ) throws(InputError) -> Double {
    let text = pointed(field.text)
    // Said of what is refused alone: there may be millions.
    var place: String { "line \(field.line), column \(column)" }
    guard let number = plainNumber(text) else {
      let words = String(decoding: field.text, as: UTF8.self)
      let isDecimalComma = separator == .comma && words.contains(",")
      throw InputError(
        file: file, place: place, found: notFinite(text) ?? quoted(words),
        expected: "a finite number",
        remedy: isDecimalComma
          ? "decimal commas are read where semicolons or tabs separate the fields" : "")
    }
    if let byte = field.text.first(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }) {
      if let mark, mark.byte != byte {
        throw InputError(
          file: file, place: place,
          found: "\(quoted(String(decoding: field.text, as: UTF8.self))), where line \(mark.line)"
            + " has a decimal \(mark.byte == UInt8(ascii: ".") ? "point" : "comma")",
          expected: "decimal points or decimal commas, not both")
      }
      if mark == nil { mark = (byte, field.line) }
    }
    return number
  }

  /// The text with a decimal comma turned into a point.
  private func pointed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard separator != .comma, let comma = field.firstIndex(of: UInt8(ascii: ",")),
      !field.contains(UInt8(ascii: "."))
    else { return field }
    var field = field
    field[comma] = UInt8(ascii: ".")
    return field
  }

  /// The binary64 number nearest to a decimal; nil for all else (`nan`, `inf`, hexadecimals).
  private func plainNumber(_ field: ArraySlice<UInt8>) -> Double? {
    if let number = shortNumber(field) { return number }
    let isPlain = field.allSatisfy { byte in
      (byte >= 0x30 && byte <= 0x39) || "+-.eE".utf8.contains(byte)
    }
    guard isPlain, field.count <= Numeral.longestText,
      let number = Double(String(decoding: field, as: UTF8.self)), number.isFinite
    else { return nil }
    return number
  }

  /// The number of a short decimal without an exponent; nil for all else.
  ///
  /// A whole number below 2^53 and a power of ten up to 10^22 are numbers of binary64, so that their quotient
  /// is rounded once: to the nearest (Clinger 1990).
  private func shortNumber(_ field: ArraySlice<UInt8>) -> Double? {
    field.withUnsafeBufferPointer { bytes in
      let isSigned = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+")
      guard bytes.count <= 18 else { return nil }
      var (digits, places, whole, isBehindPoint) = (0, 0, 0, false)
      for byte in bytes[(isSigned ? 1 : 0)...] {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          whole = whole * 10 + Int(byte - UInt8(ascii: "0"))
          digits += 1
          places += isBehindPoint ? 1 : 0
        case UInt8(ascii: ".") where !isBehindPoint: isBehindPoint = true
        default: return nil
        }
      }
      // 15 digits are below 2^53; a point alone is none.
      guard (1...15).contains(digits) else { return nil }
      let number = Double(whole) / Self.powersOfTen[places]
      return bytes.first == UInt8(ascii: "-") ? -number : number
    }
  }

  /// 10^0 to 10^15, exactly.
  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// The words for a number that is none; nil for a text that is not meant as a number.
  private func notFinite(_ field: ArraySlice<UInt8>) -> String? {
    guard field.count <= Numeral.longestText,
      let number = Double(String(decoding: field, as: UTF8.self)), !number.isFinite
    else {
      return field.isEmpty ? "an empty field" : nil
    }
    return number.isNaN ? "NaN" : number < 0 ? "-infinity" : "infinity"
  }
}
