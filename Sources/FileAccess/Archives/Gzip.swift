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
    var stream = GzipStream(file: file)
    guard count > 0 else { return output }
    _ = try stream.take(bytes, isLast: true) { (piece) throws(InputError) in
      output += piece.prefix(count - output.count)
      return output.count < count
    }
    return output
  }

  /// The size that the last member's trailer claims, within what deflate can reach (1032 : 1): a
  /// hint for one allocation, not trusted beyond that.
  private static func expectedSize(_ bytes: [UInt8]) -> Int {
    guard bytes.count >= 18 else { return 0 }
    let claimed = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return bytes.count < Int.max / 1032 ? min(claimed, bytes.count * 1032) : claimed
  }
}
