/// Base64 as protobuf's JSON form uses it: either alphabet of RFC 4648, padding optional.
enum Base64 {
  /// Decodes a text; a character of neither alphabet, or a length that no bytes have, is reported
  /// with its position.
  static func decode(_ text: String) -> Result<[UInt8], Flaw> {
    var digits = Array(text.utf8)[...]
    let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    if padding > 2 || padding > 0 && !digits.count.isMultiple(of: 4) {
      return .failure(Flaw(position: digits.count - padding, words: "padding that does not fit"))
    }
    digits.removeLast(padding)
    guard digits.count % 4 != 1 else {
      return .failure(Flaw(position: digits.count, words: "a lone last digit"))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    for (index, digit) in digits.enumerated() {
      guard let value = value(digit) else {
        return .failure(Flaw(position: index, words: character(digit)))
      }
      bits = bits << 6 | value
      switch index % 4 {
      case 1: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
      case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
      case 3: bytes.append(UInt8(truncatingIfNeeded: bits))
      default: break
      }
    }
    return .success(bytes)
  }

  private static func character(_ byte: UInt8) -> String {
    let isPrintable = (0x20..<0x7f).contains(byte)
    return isPrintable ? "'\(UnicodeScalar(byte))'" : "a character that is not ASCII"
  }

  /// Why a text is not base64.
  struct Flaw: Error {
    var position: Int
    var words: String
  }

  private static func value(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
