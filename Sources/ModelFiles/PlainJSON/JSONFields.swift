import FileAccess
import JSONFiles

/// The members of an object whose keys are known beforehand.
struct JSONFields {
  /// How keys may be spelt.
  enum Spelling {
    /// As they are.
    case exact
    /// In snake_case or camelCase, and `null` stands for an absent member: protobuf's JSON form.
    case protobuf
  }

  private var values: [String: JSONNode] = [:]

  /// Takes an object apart.
  ///
  /// - Parameters:
  ///   - read: The keys that the reader looks at.
  ///   - ignored: Keys that are known and do not matter here.
  ///   - spelling: How keys may be spelt in the file.
  ///   - ignoresOthers: Whether unknown keys pass; otherwise they are refused.
  init(
    _ object: JSONNode, read: [String], ignored: [String] = [], spelling: Spelling = .protobuf,
    ignoresOthers: Bool = false
  ) throws(InputError) {
    for (key, value) in try object.members() {
      let name = spelling == .exact ? key : Self.snakeCase(key)
      guard read.contains(name) else {
        if ignoresOthers || ignored.contains(name) { continue }
        throw value.refusal("an unknown key", "one of " + (read + ignored).joined(separator: ", "))
      }
      if value.isNull, spelling == .protobuf { continue }
      if values.updateValue(value, forKey: name) != nil {
        throw value.refusal("a second spelling of the key", "one spelling")
      }
    }
  }

  subscript(_ name: String) -> JSONNode? { values[name] }

  /// The elements of an array; none where the member is absent.
  func array(_ name: String) throws(InputError) -> [JSONNode] {
    try values[name]?.elements() ?? []
  }

  private static func snakeCase(_ key: String) -> String {
    guard key.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
      return key
    }
    return key.reduce(into: "") { text, character in
      text += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }
}

extension JSONNode {
  /// A finite binary32, written as a number or as a string.
  func floatOrText() throws(InputError) -> Float {
    guard isString else { return try float() }
    return try number(Float.init)
  }

  /// A finite binary64, written as a number or as a string.
  func doubleOrText() throws(InputError) -> Double {
    guard isString else { return try double() }
    return try number(Double.init)
  }

  /// Swift also reads "inf", "nan" and hexadecimal digits, which are refused here.
  private func number<Number: BinaryFloatingPoint>(
    _ parse: (String) -> Number?
  ) throws(InputError) -> Number {
    let text = try string()
    let isPlain = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    guard isPlain, let value = parse(text), value.isFinite else {
      throw refusal(named(text), "a finite number")
    }
    return value
  }

  /// A member of an enumeration, by its name or its number.
  ///
  /// - Parameter names: The names, in the order of their numbers from 0.
  func enumerator(_ names: [String]) throws(InputError) -> Int64 {
    guard isString else { return try integer() }
    let name = try string()
    if let number = names.firstIndex(of: name) { return Int64(number) }
    guard let number = Int64(name) else {
      throw refusal(named(name), "one of " + names.joined(separator: ", "))
    }
    return number
  }
}
