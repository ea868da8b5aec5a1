import FileAccess

/// The fields of a CSV text, one after the other (RFC 4180): a field in quotation marks may hold
/// separators, line ends and doubled marks. Rows end with LF, CRLF or CR.
struct CSVScanner {
  /// What stands between two fields.
  enum Separator {
    case comma, semicolon, tab
    /// One or more blanks, as `numpy.savetxt` writes by default.
    case blanks

    private var byte: UInt8? {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      case .blanks: nil
      }
    }

    /// Whether a byte ends a field.
    func separates(_ other: UInt8) -> Bool { byte.map { other == $0 } ?? isBlank(other) }

    /// Whether a byte around a field means nothing.
    func isBlank(_ other: UInt8) -> Bool {
      other == UInt8(ascii: " ") || (other == UInt8(ascii: "\t") && self != .tab)
    }
  }

  /// One field without the marks and blanks around it.
  struct Field {
    var text: ArraySlice<UInt8>
    /// Where it begins, from 1.
    var line: Int
    /// Whether the row ends behind it.
    var isLast: Bool
  }

  let separator: Separator
  private let file: String
  /// What is left of the block at hand, which ends with a row, and those behind it.
  private var rest: ArraySlice<UInt8>
  private var blocks: CSVBlocks
  private var line = 1

  /// Starts at a text's begin, behind a byte order mark.
  ///
  /// The first row decides the separator: a semicolon that stands in it, else a tab between two texts (commas are
  /// decimal ones then), a comma, any other tab, blanks.
  ///
  /// - Parameter content: Not packed.
  init(_ content: ContentPieces, file: String) throws(InputError) {
    self.file = file
    blocks = try CSVBlocks(content)
    rest = try blocks.next()?[...] ?? []
    separator = blocks.separator
  }

  /// The next field; nil where, in front of a row, nothing but blanks and line ends is left.
  mutating func next(isFirst: Bool) throws(InputError) -> Field? {
    while isFirst, rest.first.map({ isBlank($0) || $0.isLineEnd }) ?? true,
      rest.allSatisfy({ isBlank($0) || $0.isLineEnd })
    {
      guard let block = try blocks.next() else { return nil }
      rest = block[...]
    }
    let start = line
    skipBlanks()
    let text: ArraySlice<UInt8>
    if rest.first == UInt8(ascii: "\"") {
      text = try quotedText()
    } else {
      let end = rest.firstIndex { isSeparator($0) || $0.isLineEnd } ?? rest.endIndex
      text = trimmed(rest[..<end])
      rest = rest[end...]
    }
    return Field(text: text, line: start, isLast: !takeSeparator())
  }

  /// Takes what stands behind a field; whether that is a separator, and no end of a row.
  private mutating func takeSeparator() -> Bool {
    if separator == .blanks { skipBlanks() }
    guard let byte = rest.first else { return false }
    if !byte.isLineEnd {
      if separator != .blanks { rest = rest.dropFirst() }
      return true
    }
    rest = rest.dropFirst()
    if byte == UInt8(ascii: "\r"), rest.first == UInt8(ascii: "\n") { rest = rest.dropFirst() }
    line += 1
    return false
  }

  /// A field in quotation marks, up to what stands behind it.
  private mutating func quotedText() throws(InputError) -> ArraySlice<UInt8> {
    let mark = UInt8(ascii: "\"")
    let start = line
    var parts: [UInt8]?
    rest = rest.dropFirst()
    while let end = rest.firstIndex(of: mark) {
      let part = rest[..<end]
      line += part.count { $0 == UInt8(ascii: "\n") }
      rest = rest[(end + 1)...]
      if rest.first == mark {
        parts = (parts ?? []) + part + [mark]
        rest = rest.dropFirst()
        continue
      }
      skipBlanks()
      guard rest.first.map({ isSeparator($0) || $0.isLineEnd }) ?? true else {
        throw InputError(
          file: file, place: "line \(line)", found: "text behind a closing quotation mark",
          expected: "a separator or the end of the row")
      }
      return trimmed(parts.map { ($0 + part)[...] } ?? part)
    }
    throw InputError(
      file: file, place: "line \(start)", found: "a quotation mark that is not closed",
      expected: "another one at the end of the field")
  }

  private mutating func skipBlanks() { rest = rest.drop(while: isBlank) }

  private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let front = text.drop(while: isBlank)
    return front.lastIndex { !isBlank($0) }.map { front[...$0] } ?? []
  }

  private func isBlank(_ byte: UInt8) -> Bool { separator.isBlank(byte) }

  private func isSeparator(_ byte: UInt8) -> Bool { separator.separates(byte) }

  static func separator(of text: ArraySlice<UInt8>) -> Separator {
    var (isInside, hasField) = (false, false)
    var found: Set<UInt8> = []
    // The last byte that is no blank, and whether tabs stand behind it.
    var (previous, isBehindTab, tabSeparates) = (UInt8(ascii: ","), false, false)
    for byte in text {
      if !isInside, byte == UInt8(ascii: "\t") {
        isBehindTab = true
      } else if byte != UInt8(ascii: " "), !byte.isLineEnd {
        // Around a comma tabs are blanks.
        tabSeparates =
          tabSeparates || isBehindTab && previous != UInt8(ascii: ",") && byte != UInt8(ascii: ",")
        (previous, isBehindTab) = (byte, false)
      }
      if byte == UInt8(ascii: "\"") { isInside.toggle() }
      if isInside { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      if byte == UInt8(ascii: " "), hasField { found.insert(byte) }
      if ",;\t".utf8.contains(byte) { found.insert(byte) }
      hasField = hasField || byte != UInt8(ascii: " ")
    }
    if found.contains(UInt8(ascii: ";")) { return .semicolon }
    if tabSeparates { return .tab }
    if found.contains(UInt8(ascii: ",")) { return .comma }
    if found.contains(UInt8(ascii: "\t")) { return .tab }
    return found.isEmpty || isOneName(text) ? .comma : .blanks
  }

  /// Whether the first row is one name with blanks in it, for the one column of the row behind it.
  private static func isOneName(_ text: ArraySlice<UInt8>) -> Bool {
    let rows = text.split(maxSplits: 2, whereSeparator: \.isLineEnd).prefix(2).map {
      $0.split(separator: UInt8(ascii: " "))
    }
    guard rows.count == 2, rows[1].count == 1 else { return false }
    return rows[0].allSatisfy { word in
      word.first.map { Character(Unicode.Scalar($0)).isLetter } ?? false
    }
  }
}
