/// gzip (RFC 1952), recognised by content.
public enum Gzip {
  /// Whether the bytes begin as gzip does.
  public static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// Decompresses every member of a gzip file.
  ///
  /// - Parameter limit: The greatest number of bytes accepted; a file that holds more is refused
  ///   when the limit is passed, not later.
  public static func inflate(
    _ bytes: [UInt8], file: String, limit: Int
  ) throws(InputError) -> [UInt8] {
    let output = try inflate(bytes, file: file, atMost: limit == .max ? .max : limit + 1)
    guard output.count <= limit else {
      throw InputError(
        .limit, file: file, found: "more than \(limit) bytes after decompression",
        expected: "at most \(limit) bytes")
    }
    return output
  }

  /// Decompresses the first `count` bytes, or all where there are fewer.
  ///
  /// What lies behind them is not looked at. Where fewer come, the whole file was read and every
  /// checksum held.
  public static func inflate(
    _ bytes: [UInt8], file: String, atMost count: Int
  ) throws(InputError) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(min(count, expectedSize(bytes)))
    let result = bytes.withUnsafeBytes { inflate($0, file: file, atMost: count, into: &output) }
    if let error = result { throw error }
    return output
  }

  /// The size that the last member's trailer claims, within what deflate can reach (1032 : 1): a
  /// hint for one allocation, not trusted beyond that.
  private static func expectedSize(_ bytes: [UInt8]) -> Int {
    guard bytes.count >= 18 else { return 0 }
    let claimed = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return bytes.count < Int.max / 1032 ? min(claimed, bytes.count * 1032) : claimed
  }

  private static func inflate(
    _ input: UnsafeRawBufferPointer, file: String, atMost count: Int, into output: inout [UInt8]
  ) -> InputError? {
    let inflater = Inflater(.gzip)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    var position = 0
    while output.count < count {
      let room = UnsafeMutableRawBufferPointer(
        rebasing: chunk.prefix(min(chunk.count, count - output.count)))
      let step = inflater.run(UnsafeRawBufferPointer(rebasing: input[position...]), into: room)
      position += step.used
      output += room.prefix(step.written)
      switch step.outcome {
      case .corrupt(let words):
        return InputError(
          file: file, place: "byte \(position)", found: "corrupt gzip data (\(words))",
          expected: "gzip data whose checksum holds")
      case .end:
        if position == input.count { return nil }
        guard input.count - position >= 2, input[position] == 0x1f, input[position + 1] == 0x8b
        else { return trailing(input.count - position, at: position, file: file) }
        inflater.reset()
      case .more:
        if step.used == 0 && step.written == 0 {
          return InputError(
            file: file, place: "byte \(position)",
            found: "the gzip data end early, after \(output.count) bytes of content",
            expected: "a complete gzip file")
        }
      }
    }
    return nil
  }

  private static func trailing(_ count: Int, at position: Int, file: String) -> InputError {
    InputError(
      file: file, place: "byte \(position)",
      found: "\(count) bytes that are not gzip after the end of the gzip data",
      expected: "the end of the file, or another gzip member")
  }
}
