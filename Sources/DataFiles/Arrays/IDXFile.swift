import FileAccess

/// The header of an IDX file: two zero bytes, the element type, the number of dimensions, and each
/// dimension as a big-endian 32-bit number.
struct IDXHeader {
  let type: SampleType
  let shape: [Int]
  /// Where the elements begin.
  let dataOffset: Int
  /// The size of the whole file.
  let fileSize: Int

  /// The greatest size of a header: the number of dimensions is one byte.
  static let longest = 4 + 4 * 255

  private static let types: [UInt8: SampleType] = [
    0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
  ]

  /// Whether the bytes begin as IDX does; an element type that does not exist is left to the
  /// reader to refuse.
  static func isIDX(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] != 0 && bytes[2] < 0x20
  }

  /// Reads the header at the start of `bytes`.
  init(_ bytes: [UInt8], file: String, limits: DataLimits) throws(InputError) {
    guard Self.isIDX(bytes) else {
      throw InputError(
        file: file, place: "byte 0", found: hexadecimal(bytes.prefix(4)),
        expected: "00 00, an element type and a number of dimensions (IDX)")
    }
    guard let type = Self.types[bytes[2]] else {
      throw InputError(
        file: file, place: "byte 2", found: "element type \(hexadecimal(bytes[2...2]))",
        expected: "08 (u8), 09 (i8), 0B (i16), 0C (i32), 0D (f32) or 0E (f64)")
    }
    let rank = Int(bytes[3])
    guard rank >= 1, rank <= limits.dimensions else {
      throw InputError(
        file: file, place: "byte 3", found: "\(rank) dimensions",
        expected: "1 to \(limits.dimensions)")
    }
    dataOffset = 4 + 4 * rank
    guard bytes.count >= dataOffset else {
      throw InputError(
        file: file, place: "byte \(bytes.count)", found: "the header ends early",
        expected: "\(dataOffset) bytes for \(rank) dimensions")
    }
    self.type = type
    shape = (0..<rank).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
    let elementBytes = try arrayBytes(shape, type: type, file: file)
    fileSize = dataOffset + elementBytes
  }
}

extension DataFile {
  /// Opens an IDX file.
  init(idx file: SourceFile, limits: DataLimits) throws(InputError) {
    let start = try file.content.prefix(IDXHeader.longest)
    let header = try IDXHeader(start, file: file.name, limits: limits)
    let items = StoredItems(
      content: file.content, shape: header.shape, type: header.type, isBigEndian: true,
      offset: header.dataOffset)
    try self.init(file, .idx, items, limits)
  }
}
