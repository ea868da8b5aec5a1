import CZlib

/// CRC-32 of bytes that come in pieces, as ZIP has it.
struct CRC32 {
  private(set) var value: UInt32 = 0

  /// Appends bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    value = UInt32(
      truncatingIfNeeded: crc32_z(
        UInt(value), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
