import FileAccess

/// A CSV text in blocks of whole rows, so that memory holds one of them.
///
/// No block but the last ends in blank lines, which mean nothing at the end of a text, and are refused elsewhere.
struct CSVBlocks {
  private let content: ContentPieces
  private let size: Int
  /// Where the next bytes are read, and those that were read and belong to the next block.
  private var (at, carried) = (0, [UInt8]())
  /// What stands between two fields, once there was a block.
  private(set) var separator = CSVScanner.Separator.comma
  private var isFirst = true

  /// The size of a block that holds a row.
  private static let blockSize = 1 << 20

  /// - Parameter content: Not packed.
  init(_ content: ContentPieces) throws(InputError) {
    self.content = content
    size = content.size ?? 0
    let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    if try content.prefix(3) == byteOrderMark { at = 3 }
  }

  /// The next block; nil at the end.
  mutating func next() throws(InputError) -> [UInt8]? {
    var block = carried
    carried = []
    var step = Self.blockSize
    while at < size {
      let end = step < size - at ? at + step : size
      block += try content.bytes(at..<end)
      at = end
      // The first row decides, which may not be whole yet.
      if isFirst { separator = CSVScanner.separator(of: block[...]) }
      if at < size, let cut = rowsEnd(in: block) {
        carried = Array(block[cut...])
        block.removeSubrange(cut...)
        isFirst = false
        return block
      }
      // A row may be the whole file.
      step *= 2
    }
    if block.isEmpty {
      try content.checkUnchanged()
      return nil
    }
    isFirst = false
    return block
  }

  /// Where the last row ends that is known to be whole, blank lines left out; nil where there is none.
  private func rowsEnd(in block: [UInt8]) -> Int? {
    block.withUnsafeBufferPointer { bytes in
      let end =
        bytes.contains(UInt8(ascii: "\""))
        ? Self.lastEndWithMarks(bytes, separator) : Self.lastEnd(bytes)
      guard let end else { return nil }
      func isBlankOrEnd(_ byte: UInt8) -> Bool { separator.isBlank(byte) || byte.isLineEnd }
      guard let last = bytes[..<end].lastIndex(where: { !isBlankOrEnd($0) }),
        let lineEnd = bytes[(last + 1)..<end].firstIndex(where: \.isLineEnd)
      else { return nil }
      let isPair = bytes[lineEnd] == .carriageReturn && bytes[lineEnd + 1] == .lineFeed
      return lineEnd + (isPair ? 2 : 1)
    }
  }

  /// Behind the last line end; a carriage return may be half of one.
  private static func lastEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    bytes.dropLast(bytes.last == .carriageReturn ? 1 : 0).lastIndex(where: \.isLineEnd).map {
      $0 + 1
    }
  }

  /// The same where fields in quotation marks may hold line ends: a mark begins one where a field begins.
  private static func lastEndWithMarks(
    _ bytes: UnsafeBufferPointer<UInt8>, _ separator: CSVScanner.Separator
  ) -> Int? {
    enum State { case start, plain, quoted, closed }
    var (state, end) = (State.start, Int?.none)
    for (place, byte) in bytes.enumerated() {
      if state == .quoted {
        if byte == UInt8(ascii: "\"") { state = .closed }
        continue
      }
      if byte.isLineEnd {
        state = .start
        if byte == .lineFeed || place + 1 < bytes.count { end = place + 1 }
      } else if byte == UInt8(ascii: "\""), state != .plain {
        // Behind a closing mark it is a doubled one.
        state = .quoted
      } else if separator.separates(byte) {
        state = .start
      } else if !(separator.isBlank(byte) && state != .plain) {
        state = .plain
      }
    }
    return end
  }
}

extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// Whether a row may end with it.
  var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }
}
