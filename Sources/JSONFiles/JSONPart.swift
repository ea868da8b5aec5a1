import FileAccess

/// A part of a JSON text that was found strict: cut further without a tree of the whole, so that a
/// document of many values costs little more than its bytes.
package struct JSONPart: Sendable {
  /// The place in the file.
  package let path: JSONPath
  /// The file as the user named it.
  package let file: String

  private let bytes: [UInt8]
  private let range: Range<Int>

  /// Scans a whole file.
  ///
  /// - Parameter keys: The most keys of one object.
  package init(_ bytes: [UInt8], file: String, keys: Int) throws(InputError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(InputError) in
      try JSONScan.check(
        UnsafeRawBufferPointer(buffer), file: file, limits: JSONLimits(treeBytes: .max, keys: keys))
    }
    let first = bytes.firstIndex { !JSONPart.isSpace($0) } ?? 0
    self.init(bytes, JSONPart.value(at: first, in: bytes), .root, file)
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>, _ path: JSONPath, _ file: String) {
    (self.bytes, self.range, self.path, self.file) = (bytes, range, path, file)
  }

  /// The members of an object, keys as they are spelt in the file.
  package func members() throws(InputError) -> [(key: String, value: JSONPart)] {
    try require("{", "an object")
    var members: [(key: String, value: JSONPart)] = []
    var at = next(range.lowerBound + 1)
    while bytes[at] == UInt8(ascii: "\"") {
      let key = JSONPart.value(at: at, in: bytes)
      let name = String(decoding: bytes[key].dropFirst().dropLast(), as: UTF8.self)
      let start = next(next(key.upperBound) + 1)
      let value = JSONPart.value(at: start, in: bytes)
      members.append((name, JSONPart(bytes, value, .key(path, name), file)))
      at = afterComma(value.upperBound)
    }
    return members
  }

  /// Hands out the elements of an array, one by one.
  package func forEachElement(
    _ body: (_ index: Int, JSONPart) throws(InputError) -> Void
  ) throws(InputError) {
    try require("[", "an array")
    var (at, index) = (next(range.lowerBound + 1), 0)
    while bytes[at] != UInt8(ascii: "]") {
      let value = JSONPart.value(at: at, in: bytes)
      try body(index, JSONPart(bytes, value, .index(path, index), file))
      at = afterComma(value.upperBound)
      index += 1
    }
  }

  /// Lends the tree of this part; no value of it may be kept.
  package func read<Result>(
    _ body: (JSONNode) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    let document = try JSONDocument(
      Array(bytes[range]), file: file, limits: JSONLimits(), path: path)
    return try document.read(body)
  }

  /// The text as it stands, but for white space between values.
  package var compactText: String {
    var (text, at) = ([UInt8](), range.lowerBound)
    text.reserveCapacity(range.count)
    while at < range.upperBound {
      if bytes[at] == UInt8(ascii: "\"") {
        let string = JSONPart.value(at: at, in: bytes)
        text += bytes[string]
        at = string.upperBound
      } else {
        if !JSONPart.isSpace(bytes[at]) { text.append(bytes[at]) }
        at += 1
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The refusal of what stands here.
  package func refusal(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: path.description, found: found, expected: expected)
  }
}

// The text is known to be strict JSON: every string and every bracket ends, and what ends neither
// is followed by a separator or by the end.
extension JSONPart {
  private func require(_ bracket: Unicode.Scalar, _ expected: String) throws(InputError) {
    guard bytes[range.lowerBound] == UInt8(ascii: bracket) else {
      throw refusal(try read { (node) throws(InputError) in node.words }, expected)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  /// The first place from here on that is no white space.
  private func next(_ start: Int) -> Int {
    var at = start
    while JSONPart.isSpace(bytes[at]) { at += 1 }
    return at
  }

  /// Where the next member or element starts, or the closing bracket stands.
  private func afterComma(_ end: Int) -> Int {
    let at = next(end)
    return bytes[at] == UInt8(ascii: ",") ? next(at + 1) : at
  }

  /// The range of the value that starts here.
  private static func value(at start: Int, in bytes: [UInt8]) -> Range<Int> {
    var (at, depth) = (start, 0)
    repeat {
      switch bytes[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        at += 1
      case UInt8(ascii: "\""): at = endOfString(at, in: bytes)
      case UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
      case let byte where isSpace(byte): at += 1
      default: at = endOfWord(at, in: bytes)
      }
    } while depth > 0
    return start..<at
  }

  private static func endOfString(_ start: Int, in bytes: [UInt8]) -> Int {
    var at = start + 1
    while bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
    return at + 1
  }

  /// A number or a literal: to the next separator, or to the end of the text.
  private static func endOfWord(_ start: Int, in bytes: [UInt8]) -> Int {
    let end = bytes[start...].firstIndex { byte in
      isSpace(byte) || ",}]".utf8.contains(byte)
    }
    return end ?? bytes.count
  }
}
