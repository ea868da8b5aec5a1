import CZlib

/// A PNG file of 8 bits a channel, grey or coloured, read by the recommendation's words: every chunk's sum
/// is computed bit by bit, and the rows have no filter.
package struct PNGRaster: Equatable {
  package var width, height, channels: Int
  /// Row by row from the top.
  package var pixels: [UInt8]

  /// Reads a file; nil where it is none.
  package init?(_ file: [UInt8]) {
    guard file.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) else { return nil }
    var (at, header, packed, isEnded) = (8, [UInt8](), [UInt8](), false)
    while !isEnded {
      guard at + 12 <= file.count else { return nil }
      let length = Self.word(file[at..<at + 4])
      guard at + 12 + length <= file.count else { return nil }
      let body = file[at + 4..<at + 8 + length]
      let sum = Self.word(file[at + 8 + length..<at + 12 + length])
      guard Int(Self.checksum(body)) == sum else { return nil }
      let content = Array(body.dropFirst(4))
      switch String(decoding: body.prefix(4), as: UTF8.self) {
      case "IHDR": header = content
      case "IDAT": packed += content
      case "IEND": isEnded = true
      default: return nil
      }
      at += 12 + length
    }
    guard at == file.count, header.count == 13, header[8] == 8, header[10...] == [0, 0, 0],
      header[9] == 0 || header[9] == 2
    else { return nil }
    (width, height) = (Self.word(header[0..<4]), Self.word(header[4..<8]))
    channels = header[9] == 2 ? 3 : 1
    let row = width * channels + 1
    var unpacked = [UInt8](repeating: 0, count: row * height)
    var size = UInt(unpacked.count)
    guard uncompress(&unpacked, &size, packed, UInt(packed.count)) == Z_OK,
      Int(size) == unpacked.count
    else { return nil }
    guard (0..<height).allSatisfy({ unpacked[$0 * row] == 0 }) else { return nil }
    pixels = (0..<height).flatMap { unpacked[$0 * row + 1..<($0 + 1) * row] }
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = 0xffff_ffff
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
