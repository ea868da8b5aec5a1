import FileAccess

/// An array as the bytes of a file that `Dataset` and `Labels` read.
public enum ArrayFile: String, Sendable, CaseIterable {
  /// NumPy's form, little-endian.
  case npy
  /// IDX, big-endian.
  case idx

  /// The form that the ending of a name says.
  ///
  /// - Parameter option: where the name was given, for messages.
  public init(endingOf path: String, option: String) throws(InputError) {
    guard let dot = path.lastIndex(of: "."),
      let form = ArrayFile(rawValue: String(path[dot...].dropFirst()))
    else {
      throw InputError(
        .usage, file: option, found: quoted(path), expected: "a name that ends in .npy or .idx")
    }
    self = form
  }

  /// The bytes before the elements of an array.
  ///
  /// - Parameter shape: At most 255 dimensions, each at most 2^31 - 1 for IDX.
  public func header(_ element: Element, shape: [Int]) -> [UInt8] {
    switch self {
    case .npy: npyHeader(element, shape)
    case .idx:
      [0, 0, element.idxCode, UInt8(clamping: shape.count)]
        + shape.flatMap { bytes(UInt32(clamping: $0)) }
    }
  }

  /// The types of elements that are written.
  public enum Element: Sendable {
    case float32, float64
    /// 32 bits, with a sign.
    case integer

    fileprivate var idxCode: UInt8 {
      switch self {
      case .float32: 0x0d
      case .float64: 0x0e
      case .integer: 0x0c
      }
    }

    fileprivate var npyType: String {
      switch self {
      case .float32: "<f4"
      case .float64: "<f8"
      case .integer: "<i4"
      }
    }
  }

  /// The bytes of elements, in order.
  public func bytes(of elements: [Float]) -> [UInt8] { elements.flatMap { bytes($0.bitPattern) } }

  /// The bytes of elements, in order.
  public func bytes(of elements: [Double]) -> [UInt8] { elements.flatMap { bytes($0.bitPattern) } }

  /// The bytes of elements, in order; beyond 32 bits the nearest number.
  public func bytes(of elements: [Int]) -> [UInt8] {
    elements.flatMap { bytes(UInt32(bitPattern: Int32(clamping: $0))) }
  }

  private func bytes(_ word: some FixedWidthInteger) -> [UInt8] {
    let ordered = self == .npy ? word.littleEndian : word.bigEndian
    return withUnsafeBytes(of: ordered) { Array($0) }
  }

  private func npyHeader(_ element: Element, _ shape: [Int]) -> [UInt8] {
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(element.npyType)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    // The elements start at a multiple of 64; version 1.0 counts the text in two bytes.
    let spaces = 63 - (10 + text.utf8.count) % 64
    text += String(repeating: " ", count: spaces) + "\n"
    let count = UInt16(clamping: text.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xff), UInt8(count >> 8)]
      + Array(text.utf8)
  }
}
