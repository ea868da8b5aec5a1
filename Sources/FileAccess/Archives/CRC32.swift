import CZlib

/// CRC-32 of bytes that come in pieces, as ZIP has it.
package struct CRC32 {
  package private(set) var value: UInt32 = 0

  package init() {}

  /// Appends bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    value = UInt32(
      truncatingIfNeeded: crc32_z(
        UInt(value), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
