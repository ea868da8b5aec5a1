import CZlib

/// Compresses with zlib: `windowBits` 31 makes gzip, -15 bare deflate data.
func deflated(_ bytes: [UInt8], windowBits: Int32 = 31) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
  let capacity = output.count
  let written = input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(capacity)
      deflate(&stream, Z_FINISH)
      return capacity - Int(stream.avail_out)
    }
  }
  deflateEnd(&stream)
  return Array(output.prefix(written))
}

/// The CRC-32 of ZIP and gzip.
func checksum(_ bytes: [UInt8]) -> UInt32 {
  UInt32(crc32(0, bytes, UInt32(bytes.count)))
}
