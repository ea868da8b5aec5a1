/// JSON as it stands in a text: members in order, numbers as written.
///
/// Strict: refuses duplicate keys, trailing text, and whatever else RFC 8259 does not allow. It
/// shares nothing with the code under test.
public indirect enum JSONText: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONText])
  case object([Member])

  /// One key and its value.
  public struct Member: Equatable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONText
  }

  /// A refusal, by byte offset.
  public struct Refusal: Error, CustomStringConvertible {
    /// Where and what.
    public var description: String
  }

  /// Parses one whole document.
  public init(parsing text: String) throws {
    var parser = JSONTextParser(bytes: Array(text.utf8))
    self = try parser.document()
  }

  /// The value of a key of an object; nil where there is none.
  public subscript(key: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The elements of an array; empty for anything else.
  public var elements: [JSONText] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The keys of an object, in order.
  public var keys: [String] {
    if case .object(let members) = self { members.map(\.key) } else { [] }
  }

  /// The number, where it is one.
  public var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }

  /// The whole number, where it is one.
  public var int: Int? {
    if case .number(let text) = self { Int(text) } else { nil }
  }

  /// The number as it is written.
  public var numeral: String? {
    if case .number(let text) = self { text } else { nil }
  }

  /// The text of a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}

/// A recursive-descent parser over the bytes.
private struct JSONTextParser {
  let bytes: [UInt8]
  var position = 0

  mutating func document() throws -> JSONText {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw refusal("the end") }
    return value
  }

  private func refusal(_ expected: String) -> JSONText.Refusal {
    JSONText.Refusal(description: "byte \(position): expected \(expected)")
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) throws {
    guard peek == UInt8(ascii: character) else { throw refusal("'\(character)'") }
    position += 1
  }

  private mutating func takeIf(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value() throws -> JSONText {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONText) throws -> JSONText {
    for scalar in word.unicodeScalars { try take(scalar) }
    return value
  }

  private mutating func object() throws -> JSONText {
    var members: [JSONText.Member] = []
    try take("{")
    skipSpace()
    if takeIf("}") { return .object([]) }
    repeat {
      skipSpace()
      let key = try string()
      guard !members.contains(where: { $0.key == key }) else { throw refusal("a new key: \(key)") }
      skipSpace()
      try take(":")
      members.append(JSONText.Member(key: key, value: try value()))
      skipSpace()
    } while takeIf(",")
    try take("}")
    return .object(members)
  }

  private mutating func array() throws -> JSONText {
    var elements: [JSONText] = []
    try take("[")
    skipSpace()
    if takeIf("]") { return .array([]) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while takeIf(",")
    try take("]")
    return .array(elements)
  }

  private mutating func string() throws -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      guard byte >= 32 else { throw refusal("no control character in a string") }
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      text += try escape()
    }
    try take("\"")
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws -> [UInt8] {
    guard let kind = peek else { throw refusal("an escape") }
    position += 1
    let simple: [Unicode.Scalar: UInt8] = [
      "\"": 34, "\\": 92, "/": 47, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]
    if let byte = simple[Unicode.Scalar(kind)] { return [byte] }
    guard kind == UInt8(ascii: "u"), position + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(code)
    else { throw refusal("an escape of the basic plane") }
    position += 4
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func number() throws -> JSONText {
    let start = position
    _ = takeIf("-")
    guard let first = peek, (48...57).contains(first) else { throw refusal("a value") }
    if !takeIf("0") { digits() }
    if takeIf(".") { try someDigits() }
    if takeIf("e") || takeIf("E") {
      if !takeIf("-") { _ = takeIf("+") }
      try someDigits()
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() {
    while let byte = peek, (48...57).contains(byte) { position += 1 }
  }

  private mutating func someDigits() throws {
    let start = position
    digits()
    guard position > start else { throw refusal("a digit") }
  }
}
