/// Bytes of a proof, in the order of man/certify-proofs.5.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// A whole number of at least 0: seven bits a byte, the least first, the highest bit set where more follow.
  mutating func count(_ value: Int) {
    var rest = UInt(value)
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// binary64, bit for bit, little-endian.
  mutating func number(_ value: Double) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func fixed(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  /// Numbers with their count: as binary32 where that has every one of them.
  mutating func numbers(_ values: [Double]) {
    count(values.count)
    let isNarrow = values.allSatisfy { Double(Float($0)).bitPattern == $0.bitPattern }
    byte(isNarrow ? 4 : 8)
    for value in values {
      if isNarrow { fixed(Float(value).bitPattern) } else { number(value) }
    }
  }

  /// Numbers in increasing order, each by its distance from the one before, the first from -1.
  mutating func increasing(_ values: [Int]) {
    count(values.count)
    var last = -1
    for value in values {
      count(value - last)
      last = value
    }
  }

  mutating func optional(_ value: Int?) { count(value.map { $0 + 1 } ?? 0) }
}
