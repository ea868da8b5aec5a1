import FileAccess

/// The bytes that an array of this shape takes, where every dimension is at least 1.
///
/// No limit is held against a header's claim: nothing is allocated for it, and a claim beyond what
/// the file holds is refused as such.
func arrayBytes(
  _ shape: [Int], type: SampleType, file: String
) throws(InputError) -> Int {
  var total = type.byteCount
  for (axis, size) in shape.enumerated() {
    guard size > 0 else {
      throw InputError(
        file: file, place: "dimension \(axis)", found: "\(size)", expected: "at least 1")
    }
    let (product, overflow) = total.multipliedReportingOverflow(by: size)
    guard !overflow, product < 1 << 62 else {
      throw InputError(
        file: file, found: "\(shape) elements of \(type)", expected: "less than 2^62 bytes")
    }
    total = product
  }
  return total
}

/// Bytes as two hexadecimal digits each, with spaces between.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }.joined(separator: " ")
}
