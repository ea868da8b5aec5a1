/// Writes an IDX file with the given element type code.
func idx(_ code: UInt8, _ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
  [0, 0, code, UInt8(shape.count)] + shape.flatMap { bigEndian(UInt32($0)) } + elements
}

/// The bytes of an integer, greatest first.
func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// The bytes of an integer, least first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  bigEndian(value).reversed()
}
