/// Deflate data that come in pieces, of a size and with a checksum that an archive's directory says: a member of a
/// ZIP archive.
struct DeflateStream: ~Copyable {
  private let inflater = Inflater(.none)
  private let file: String
  private let size: Int
  private let checksum: UInt32
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var (used, produced) = (0, 0)
  private var crc = CRC32()

  init(file: String, size: Int, checksum: UInt32) {
    (self.file, self.size, self.checksum) = (file, size, checksum)
  }

  deinit { room.deallocate() }

  /// Decompresses the next bytes; the checksum is verified where the data end.
  ///
  /// - Parameters:
  ///   - isLast: Whether the packed data end with them.
  ///   - body: Takes the content, piece by piece, until it answers false.
  /// - Returns: Whether more is wanted.
  mutating func take(
    _ bytes: [UInt8], isLast: Bool, _ body: (UnsafeRawBufferPointer) throws(InputError) -> Bool
  ) throws(InputError) -> Bool {
    var at = 0
    while true {
      let step = bytes.withUnsafeBytes {
        inflater.run(UnsafeRawBufferPointer(rebasing: $0[at...]), into: room)
      }
      at += step.used
      used += step.used
      produced += step.written
      guard produced <= size else {
        throw InputError(
          file: file, found: "more than \(size) bytes of content",
          expected: "\(size), as the archive's directory says")
      }
      if step.written > 0 {
        let piece = UnsafeRawBufferPointer(rebasing: room.prefix(step.written))
        crc.update(piece)
        guard try body(piece) else { return false }
      }
      switch step.outcome {
      case .corrupt(let words):
        throw InputError(
          file: file, found: "corrupt deflate data (\(words))",
          expected: "\(size) bytes of content")
      case .end:
        try checkEnd()
        return false
      case .more where step.used == 0 && step.written == 0:
        if !isLast { return true }
        throw InputError(
          file: file, place: "byte \(used) of the member", found: "the deflate data end early",
          expected: "\(size) bytes of content")
      case .more: break
      }
    }
  }

  private func checkEnd() throws(InputError) {
    guard produced == size else {
      throw InputError(
        file: file, found: "\(produced) bytes of content",
        expected: "\(size), as the archive's directory says")
    }
    guard crc.value == checksum else {
      throw InputError(
        file: file, found: "content whose checksum differs", expected: "the directory's checksum")
    }
  }
}
