/// gzip (RFC 1952) that comes in pieces: every member, one after the other.
struct GzipStream: ~Copyable {
  private let inflater = Inflater(.gzip)
  private let file: String
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// How much of the file was used, and how much content came of it.
  private var (position, produced) = (0, 0)
  /// Whether a member has ended, and nothing of the next was seen.
  private var isBetween = false

  init(file: String) { self.file = file }

  deinit { room.deallocate() }

  /// Decompresses the next bytes of the file.
  ///
  /// - Parameters:
  ///   - isLast: Whether the file ends with them.
  ///   - body: Takes the content, piece by piece, until it answers false.
  /// - Returns: Whether more is wanted.
  mutating func take(
    _ bytes: [UInt8], isLast: Bool, _ body: (UnsafeRawBufferPointer) throws(InputError) -> Bool
  ) throws(InputError) -> Bool {
    var (at, isMore) = (0, true)
    while isMore {
      if isBetween {
        guard at < bytes.count else { return true }
        try expectMember(bytes[at...], isLast: isLast)
        inflater.reset()
        isBetween = false
      }
      let step = bytes.withUnsafeBytes {
        inflater.run(UnsafeRawBufferPointer(rebasing: $0[at...]), into: room)
      }
      at += step.used
      position += step.used
      produced += step.written
      if step.written > 0 {
        isMore = try body(UnsafeRawBufferPointer(rebasing: room.prefix(step.written)))
      }
      guard isMore else { return false }
      switch step.outcome {
      case .corrupt(let words):
        throw InputError(
          file: file, place: "byte \(position)", found: "corrupt gzip data (\(words))",
          expected: "gzip data whose checksum holds")
      case .end:
        isBetween = true
      case .more where step.used == 0 && step.written == 0:
        if !isLast { return true }
        throw InputError(
          file: file, place: "byte \(position)",
          found: "the gzip data end early, after \(produced) bytes of content",
          expected: "a complete gzip file")
      case .more: break
      }
    }
    return false
  }

  /// Refuses what stands behind a member and is none.
  private func expectMember(_ rest: ArraySlice<UInt8>, isLast: Bool) throws(InputError) {
    let magic: [UInt8] = [0x1f, 0x8b]
    // The two bytes may come in two pieces; then the decompressor refuses the second.
    guard rest.first == magic[0], rest.count < 2 ? !isLast : rest.starts(with: magic) else {
      throw InputError(
        file: file, place: "byte \(position)",
        found:
          "\(rest.count)\(isLast ? "" : " or more") bytes that are not gzip after the end of the gzip data",
        expected: "the end of the file, or another gzip member")
    }
  }
}
