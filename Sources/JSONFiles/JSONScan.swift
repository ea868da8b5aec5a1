import FileAccess

/// The first reading of a JSON file: strict RFC 8259, and its cost is bounded, before json-c sees
/// it.
///
/// Even in its strict mode json-c keeps the last of duplicate keys, takes NaN, and clamps integers
/// beyond 64 bits, all in silence; and it spends up to 900 bytes on the two of `{}`. This scan
/// refuses the former with their place, and bounds the latter by an estimate from above.
///
/// - Complexity: O(bytes); allocates for keys only.
struct JSONScan {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private let depthLimit: Int
  private let treeLimit: Int
  private let keyLimit: Int
  private var treeBytes = 0
  private var at = 0
  private var trail: [Step] = []

  private enum Step {
    case key(String)
    case index(Int)
  }

  /// Upper estimates of what json-c 0.16 holds in memory, in bytes, allocator overhead included.
  private enum Cost {
    static let number = 160
    static let string = 96
    static let array = 480
    static let slot = 24
    static let object = 1100
    static let key = 320
  }

  /// The longest number accepted, in characters; binary64 never needs more than 770.
  private static let longestNumber = 1024

  /// Checks a whole file.
  static func check(
    _ bytes: UnsafeRawBufferPointer, file: String, limits: JSONLimits
  ) throws(InputError) {
    var scan = JSONScan(
      bytes: bytes, file: file,
      depthLimit: min(limits.depth, JSONLimits.deepest), treeLimit: limits.treeBytes,
      keyLimit: limits.keys)
    try scan.value()
    scan.skipSpace()
    if scan.at < bytes.count {
      throw scan.refusal(scan.character(), "the end of the file")
    }
  }

  private init(
    bytes: UnsafeRawBufferPointer, file: String, depthLimit: Int, treeLimit: Int, keyLimit: Int
  ) {
    (self.bytes, self.file) = (bytes, file)
    (self.depthLimit, self.treeLimit, self.keyLimit) = (depthLimit, treeLimit, keyLimit)
  }

  private mutating func value() throws(InputError) {
    skipSpace()
    switch peek() ?? 0 {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""):
      let start = at
      try string()
      try charge(Cost.string + (at - start))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: try word()
    }
  }

  private mutating func object() throws(InputError) {
    try enter(cost: Cost.object)
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw refusal(character(), "a key in quotes") }
      let start = at
      try string()
      let key = try decodedKey(start..<at)
      trail.append(.key(key))
      if !keys.insert(key).inserted {
        throw refusal("a second value of the key", "each key once")
      }
      if keys.count > keyLimit {
        throw InputError(
          .limit, file: file, place: place, found: "more than \(keyLimit) keys in an object",
          expected: "at most that")
      }
      try charge(Cost.key + (at - start))
      skipSpace()
      guard take(":") else { throw refusal(character(), "':' after the key") }
      try value()
      trail.removeLast()
      skipSpace()
      if take("}") { return }
      guard take(",") else { throw refusal(character(), "',' or '}'") }
    }
  }

  private mutating func array() throws(InputError) {
    try enter(cost: Cost.array)
    skipSpace()
    if take("]") { return }
    var index = 0
    while true {
      trail.append(.index(index))
      try charge(Cost.slot)
      try value()
      trail.removeLast()
      index += 1
      skipSpace()
      if take("]") { return }
      guard take(",") else { throw refusal(character(), "',' or ']'") }
    }
  }

  /// Steps over an opening bracket.
  private mutating func enter(cost: Int) throws(InputError) {
    if trail.count >= depthLimit {
      throw InputError(
        .limit, file: file, place: place, found: "more than \(depthLimit) levels of nesting",
        expected: "at most \(depthLimit)",
        remedy: "nothing that this program reads is nested as deep")
    }
    try charge(cost)
    at += 1
  }

  private mutating func charge(_ cost: Int) throws(InputError) {
    treeBytes += cost
    if treeBytes > treeLimit {
      throw InputError(
        .limit, file: file, place: place,
        found: "a document that takes more than \(treeLimit) bytes in memory",
        expected: "at most that")
    }
  }

  /// Steps over a string: escapes, no control characters, UTF-8, and no NUL, which would cut the
  /// C strings of json-c.
  private mutating func string() throws(InputError) {
    let start = at
    at += 1
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw refusal("a control character in a string", "an escape such as \\n") }
      at += 1
      if byte == UInt8(ascii: "\\") { try escape() }
    }
    guard take("\"") else { throw refusal("the end of the file in a string", "'\"'") }
    let text = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
    if String(validating: text, as: UTF8.self) == nil {
      throw refusal("a string that is not UTF-8", "UTF-8")
    }
  }

  /// Steps over what follows a backslash.
  private mutating func escape() throws(InputError) {
    guard let byte = peek() else { return }
    at += 1
    if byte != UInt8(ascii: "u") {
      guard "\"\\/bfnrt".utf8.contains(byte) else {
        throw refusal("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
      }
      return
    }
    let unit = try hexadecimal()
    if unit == 0 { throw refusal("\\u0000", "a string without NUL") }
    if (0xd800..<0xdc00).contains(unit), take("\\"), take("u") {
      if (0xdc00..<0xe000).contains(try hexadecimal()) { return }
    }
    if (0xd800..<0xe000).contains(unit) {
      throw refusal("half of a surrogate pair", "both halves")
    }
  }

  private mutating func hexadecimal() throws(InputError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw refusal(character(), "four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }

  /// The key between quotes with its escapes resolved, so that two spellings are one key.
  private func decodedKey(_ range: Range<Int>) throws(InputError) -> String {
    let inner = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    var units: [UInt16] = []
    var rest = Substring(String(decoding: inner, as: UTF8.self))
    let plain: [Character: UInt16] = ["b": 8, "f": 12, "n": 10, "r": 13, "t": 9]
    while let first = rest.popFirst() {
      guard first == "\\", let kind = rest.popFirst() else {
        units += Array(String(first).utf16)
        continue
      }
      if kind == "u" {
        units.append(UInt16(rest.prefix(4), radix: 16) ?? 0)
        rest = rest.dropFirst(4)
      } else {
        units += plain[kind].map { [$0] } ?? Array(String(kind).utf16)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }

  private mutating func number() throws(InputError) {
    let start = at
    _ = take("-")
    let first = peek()
    let integerDigits = digits()
    if integerDigits > 1, first == UInt8(ascii: "0") {
      throw refusal("a number that starts with 0", "a number without leading zeros")
    }
    if integerDigits == 0 { return try word(from: start) }
    let isInteger = peek() != UInt8(ascii: ".") && peek().map { $0 | 0x20 } != UInt8(ascii: "e")
    if take("."), digits() == 0 { throw refusal(character(), "a digit after '.'") }
    if take("e") || take("E") {
      _ = take("-") || take("+")
      if digits() == 0 { throw refusal(character(), "a digit of the exponent") }
    }
    try charge(Cost.number + (at - start))
    if at - start > Self.longestNumber {
      throw refusal(
        "a number of \(at - start) characters", "at most \(Self.longestNumber) characters")
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isInteger, integerDigits > 18, Int64(text) == nil, UInt64(text) == nil {
      throw refusal(
        "the integer \(text.count > 40 ? text.prefix(40) + "..." : text)",
        "an integer of at most 64 bits, or a decimal point")
    }
  }

  private mutating func digits() -> Int {
    let start = at
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
    return at - start
  }

  /// Steps over `true`, `false` or `null`; what Python and JavaScript write for numbers that are
  /// none is refused by its name.
  private mutating func word(from start: Int? = nil) throws(InputError) {
    let start = start ?? at
    at = start + (start < bytes.count && bytes[start] == UInt8(ascii: "-") ? 1 : 0)
    while let byte = peek(), isWordByte(byte), at - start < 40 { at += 1 }
    let word = String(decoding: bytes[start..<at], as: UTF8.self)
    switch word {
    case "true", "false", "null":
      try charge(Cost.number)
    case "NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "-nan", "-NaN":
      throw InputError(
        file: file, place: trailText, found: word, expected: "a finite number")
    default:
      throw refusal(word.isEmpty ? character() : named(word), "a JSON value")
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      at += 1
    }
  }

  private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  /// The words for what stands here.
  private func character() -> String {
    guard let byte = peek() else { return "the end of the file" }
    return byte < 0x7f && byte > 0x20
      ? named(String(Unicode.Scalar(byte))) : "byte 0x\(String(byte, radix: 16))"
  }

  private var trailText: String {
    let shown = trail.prefix(16).reduce(into: "$") { text, step in
      switch step {
      case .key(let key): text += JSONPath.suffix(key)
      case .index(let index): text += "[\(index)]"
      }
    }
    return shown + (trail.count > 16 ? "..." : "")
  }

  private var place: String { "byte \(at) (\(trailText))" }

  private func refusal(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: place, found: found, expected: expected)
  }
}
