import FileAccess

/// Reads the bytes of a part of a proof; whatever does not fit is refused with its place in the file.
struct ByteReader {
  private let bytes: ArraySlice<UInt8>
  private var next: Int
  private let file: String
  /// The place of the first byte in the file.
  private let origin: Int

  init(_ bytes: [UInt8], at origin: Int, of file: String) {
    (self.bytes, next, self.origin, self.file) = (bytes[...], 0, origin, file)
  }

  var isAtEnd: Bool { next == bytes.endIndex }
  var remaining: Int { bytes.endIndex - next }

  func refusal(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: "byte \(origin + next)", found: found, expected: expected)
  }

  mutating func byte(_ allowed: ClosedRange<UInt8> = 0...255) throws(InputError) -> UInt8 {
    guard !isAtEnd else { throw refusal("the end of a part", "more of it") }
    guard allowed.contains(bytes[next]) else {
      throw refusal("\(bytes[next])", "\(allowed.lowerBound) to \(allowed.upperBound)")
    }
    next += 1
    return bytes[next - 1]
  }

  mutating func count() throws(InputError) -> Int {
    var (value, shift) = (0, 0)
    while true {
      let byte = try byte()
      guard shift < 56 else { throw refusal("a number of more than 56 bits", "a smaller one") }
      value |= Int(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 { return value }
    }
  }

  /// The count of things that take so many bytes each at least: no more than the part has.
  mutating func count(of size: Int) throws(InputError) -> Int {
    let count = try count()
    guard count <= remaining / max(1, size) else {
      throw refusal(
        "\(count) entries", "at most \(remaining / max(1, size)), for which there is room")
    }
    return count
  }

  private mutating func fixed<Value: FixedWidthInteger>(_: Value.Type) throws(InputError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw refusal("the end of a part", "\(size) bytes") }
    defer { next += size }
    return bytes[next..<next + size].reversed().reduce(0) {
      $0 << 8 | Value(truncatingIfNeeded: $1)
    }
  }

  mutating func number() throws(InputError) -> Double {
    Double(bitPattern: try fixed(UInt64.self))
  }

  mutating func numbers() throws(InputError) -> [Double] {
    let count = try count(of: 4)
    let size = try byte(4...8)
    guard size == 4 || size == 8 else { throw refusal("numbers of \(size) bytes", "of 4 or 8") }
    guard size != 4 || remaining >= 4 * count, size == 4 || remaining >= 8 * count else {
      throw refusal("the end of a part", "\(count) numbers")
    }
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      values.append(
        size == 4 ? Double(Float(bitPattern: try fixed(UInt32.self))) : try number())
    }
    return values
  }

  mutating func increasing() throws(InputError) -> [Int] {
    var (values, last) = ([Int](), -1)
    for _ in 0..<(try count(of: 1)) {
      let distance = try count()
      guard last < 1 << 40, distance < 1 << 40 else {
        throw refusal("\(distance)", "a smaller one")
      }
      last += distance
      values.append(last)
    }
    return values
  }

  mutating func optional() throws(InputError) -> Int? {
    let value = try count()
    return value == 0 ? nil : value - 1
  }

  func checkEnd() throws(InputError) {
    guard isAtEnd else { throw refusal("\(remaining) bytes", "the end of a part") }
  }
}
