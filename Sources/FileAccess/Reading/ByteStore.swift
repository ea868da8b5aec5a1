/// Bytes in memory, or those of a file where it lies.
public enum ByteStore {
  case memory([UInt8])
  case file(OpenedFile)

  /// How many there are.
  public var count: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file(let file): file.size
    }
  }

  /// A part of them, which must be there.
  public func bytes(_ range: Range<Int>) throws(InputError) -> [UInt8] {
    switch self {
    case .memory(let bytes): Array(bytes[range])
    case .file(let file): try file.bytes(range)
    }
  }
}
