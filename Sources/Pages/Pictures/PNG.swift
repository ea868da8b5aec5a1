import CZlib

/// A raster of bytes as a file of the Portable Network Graphics (W3C recommendation, third edition).
package struct PNG {
  package let width, height: Int
  /// Whether a pixel has three bytes, red, green and blue, or one.
  package let isColoured: Bool
  /// Row by row from the top.
  package let pixels: [UInt8]

  /// - Precondition: There are as many bytes as the pixels need, and at least one.
  package init(width: Int, height: Int, isColoured: Bool, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height * (isColoured ? 3 : 1),
      "no raster")
    (self.width, self.height) = (width, height)
    (self.isColoured, self.pixels) = (isColoured, pixels)
  }

  /// The file.
  package var bytes: [UInt8] {
    let header =
      Self.bigEndian(width) + Self.bigEndian(height) + [8, isColoured ? 2 : 0, 0, 0, 0]
    let rowSize = width * (isColoured ? 3 : 1)
    var rows: [UInt8] = []
    rows.reserveCapacity(pixels.count + height)
    for row in 0..<height {
      // Filter 0: as they are.
      rows.append(0)
      rows += pixels[row * rowSize..<(row + 1) * rowSize]
    }
    return [0x89] + Array("PNG\r\n\u{1a}\n".utf8) + Self.chunk("IHDR", header)
      + Self.chunk("IDAT", Self.deflated(rows)) + Self.chunk("IEND", [])
  }

  /// The file in an address of its own.
  package var dataURI: String { "data:image/png;base64," + Base64.text(bytes) }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    let sum = body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
    return bigEndian(content.count) + body + bigEndian(Int(sum))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { Array($0) }
  }

  private static func deflated(_ content: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(content.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    let status = compress2(&packed, &size, content, UInt(content.count), 9)
    precondition(status == Z_OK, "zlib is out of memory")
    return Array(packed.prefix(Int(size)))
  }
}

/// Bytes in the alphabet of RFC 4648, section 4.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word =
        group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (16 - 8 * $1.offset) }
      for place in 0..<4 {
        let digit = alphabet[Int(word >> (18 - 6 * UInt32(place)) & 63)]
        text.append(place <= group.count ? digit : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
