import FileAccess

/// One expression of a file: a word, or a list in parentheses.
///
/// A string and a symbol between bars are words (SMT-LIB 2.6, section 3.1), whatever stands in them. They keep
/// their marks, but for a symbol that means the same without: `|X_0|` is `X_0`, and `|0.5|` is no number.
struct Expression {
  enum Kind {
    case word(String)
    case list([Expression])
  }

  let kind: Kind
  /// Where it begins, in bytes from the start of the text.
  let offset: Int

  /// The word; nil for a list.
  var word: String? { if case .word(let word) = kind { word } else { nil } }

  /// The list; nil for a word.
  var list: [Expression]? { if case .list(let list) = kind { list } else { nil } }

  /// The expression as a message quotes it.
  var summary: String {
    switch kind {
    case .word(let word): quoted(word)
    case .list(let list): list.first?.word.map { "a list (\($0) ...)".printable } ?? "a list"
    }
  }
}

extension String {
  fileprivate var printable: String { printed(String(unicodeScalars.prefix(60))) }
}

/// A text in parentheses, taken apart one top-level expression after the other.
struct ExpressionReader {
  private let bytes: [UInt8]
  private let file: String
  private let nesting: Int
  private var position = 0

  init(_ bytes: [UInt8], file: String, nesting: Int) {
    (self.bytes, self.file, self.nesting) = (bytes, file, nesting)
    // A mark of the byte order, as some editors write it.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// The next top-level expression; nil at the end.
  mutating func next() throws(InputError) -> Expression? {
    var open: [(offset: Int, items: [Expression])] = []
    while true {
      skipBlanks()
      guard position < bytes.count else {
        guard let last = open.last else { return nil }
        throw refusal(at: last.offset, found: "a parenthesis that nothing closes", expected: "')'")
      }
      let start = position
      var finished: Expression?
      switch bytes[position] {
      case UInt8(ascii: "("):
        position += 1
        open.append((start, []))
        guard open.count <= nesting else {
          throw InputError(
            .limit, file: file, place: place(of: start), found: "parentheses \(open.count) deep",
            expected: "at most \(nesting)")
        }
      case UInt8(ascii: ")"):
        position += 1
        guard let (offset, items) = open.popLast() else {
          throw refusal(
            at: start, found: "a parenthesis that nothing opens", expected: "'(' before it")
        }
        finished = Expression(kind: .list(items), offset: offset)
      case UInt8(ascii: "\""): finished = Expression(kind: .word(try string()), offset: start)
      case UInt8(ascii: "|"): finished = Expression(kind: .word(try symbol()), offset: start)
      default: finished = Expression(kind: .word(try word()), offset: start)
      }
      guard let finished else { continue }
      if open.isEmpty { return finished }
      open[open.count - 1].items.append(finished)
    }
  }

  /// Blanks, line ends, and comments from a semicolon to the end of the line.
  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09...0x0d: position += 1
      case UInt8(ascii: ";"):
        while position < bytes.count, bytes[position] != 0x0a, bytes[position] != 0x0d {
          position += 1
        }
      default: return
      }
    }
  }

  /// A string with its marks; a doubled mark inside is one of the text.
  private mutating func string() throws(InputError) -> String {
    let (start, mark) = (position, UInt8(ascii: "\""))
    while true {
      let end = try close(mark, from: start, "a quotation mark")
      // Older versions read what follows as a part of the text.
      guard bytes[end - 1] != UInt8(ascii: "\\") else {
        throw refusal(
          at: end - 1, found: "a backslash in front of a quotation mark",
          expected: "a doubled mark where one is meant, or a blank between both")
      }
      guard position < bytes.count, bytes[position] == mark else { break }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A symbol between bars.
  private mutating func symbol() throws(InputError) -> String {
    let start = position
    let end = try close(UInt8(ascii: "|"), from: start, "a bar")
    let name = bytes[start + 1..<end]
    if let backslash = name.firstIndex(of: UInt8(ascii: "\\")) {
      throw refusal(
        at: backslash, found: "a backslash in a symbol", expected: "none between two bars")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let isPlain = Variable(String(decoding: name, as: UTF8.self)) != nil
    return isPlain ? String(text.dropFirst().dropLast()) : text
  }

  /// Takes the mark at the position, and all to the next one; where that stands.
  private mutating func close(
    _ mark: UInt8, from start: Int, _ words: String
  ) throws(InputError) -> Int {
    guard let end = bytes[(position + 1)...].firstIndex(of: mark) else {
      throw refusal(at: start, found: "\(words) that nothing closes", expected: "another one")
    }
    position = end + 1
    return end
  }

  private mutating func word() throws(InputError) -> String {
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09...0x0d, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ";"),
        UInt8(ascii: "\""), UInt8(ascii: "|"):
        return String(decoding: bytes[start..<position], as: UTF8.self)
      case 0x21...0x7e: position += 1
      case let byte:
        throw refusal(
          at: position, found: "byte \(byte), which is no printable ASCII",
          expected: "the text of a VNN-LIB file")
      }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A refusal of what stands at a place.
  func refusal(
    at offset: Int, found: String, expected: String, remedy: String = ""
  ) -> InputError {
    InputError(
      file: file, place: place(of: offset), found: found, expected: expected, remedy: remedy)
  }

  /// A limit that was reached at a place.
  func limit(at offset: Int, found: String, expected: String) -> InputError {
    InputError(.limit, file: file, place: place(of: offset), found: found, expected: expected)
  }

  /// `line 3, column 14`, both from 1.
  private func place(of offset: Int) -> String {
    var (line, start) = (1, 0)
    for (index, byte) in bytes[..<offset].enumerated() where byte == 0x0a {
      (line, start) = (line + 1, index + 1)
    }
    return "line \(line), column \(offset - start + 1)"
  }
}
