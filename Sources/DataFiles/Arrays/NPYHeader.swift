import FileAccess

/// The header of an NPY file: a magic word, a version, and a Python dictionary with the element
/// type, the order and the shape.
struct NPYHeader {
  let type: SampleType
  let isBigEndian: Bool
  let isColumnMajor: Bool
  let shape: [Int]
  /// Where the elements begin.
  let dataOffset: Int
  /// The size of the whole file.
  let fileSize: Int

  /// The longest header that is read: NumPy's own limit is 10,000 characters.
  static let longest = 1 << 16

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let types: [String: SampleType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
    "i4": .int32, "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  init(_ bytes: [UInt8], file: String, limits: DataLimits) throws(InputError) {
    let dictionary = try Self.dictionaryRange(bytes, file: file)
    var parser = PythonDictionary(bytes[dictionary])
    guard let fields = parser.parse() else {
      if parser.isStructured {
        throw InputError(
          file: file, found: "a structured array, of records with named fields",
          expected: "an array of numbers",
          remedy: "save the fields as arrays of their own (numpy.savez, say)")
      }
      throw InputError(
        file: file, place: "byte \(parser.position)",
        found: quoted(String(decoding: bytes[dictionary].prefix(200), as: UTF8.self)),
        expected: "a dictionary with 'descr', 'fortran_order' and 'shape'")
    }
    guard let type = Self.types[String(fields.elementType.dropFirst())],
      let order = fields.elementType.first, "<>|=".contains(order),
      order != "|" || type.byteCount == 1
    else {
      throw Self.refusal(ofType: fields.elementType, file: file)
    }
    guard fields.shape.count >= 1, fields.shape.count <= limits.dimensions else {
      throw InputError(
        file: file, found: "an array of \(fields.shape.count) dimensions",
        expected: "1 to \(limits.dimensions), the first of which counts the items",
        remedy: fields.shape.isEmpty ? "one item is an array with a first dimension of 1" : "")
    }
    self.type = type
    isBigEndian = order == ">"
    isColumnMajor = fields.isColumnMajor
    shape = fields.shape
    dataOffset = dictionary.upperBound
    fileSize = dataOffset + (try arrayBytes(shape, type: type, file: file))
  }

  private static func refusal(ofType type: String, file: String) -> InputError {
    let name = type.first.map("<>|=".contains) ?? false ? String(type.dropFirst()) : type
    guard types[name] == nil else {
      return InputError(
        file: file,
        found: "element type \(quoted(type)), which does not say the order of its bytes",
        expected: types[name]?.byteCount == 1
          ? quoted("|\(name)") : "\(quoted("<\(name)")) or \(quoted(">\(name)"))",
        remedy: "save the array anew with numpy.save")
    }
    let kind =
      switch type.first(where: \.isLetter) {
      case "O": " (Python objects)"
      case "c": " (complex numbers)"
      case "U", "S", "a": " (text)"
      case "M", "m": " (times)"
      case "f" where Int(name.dropFirst()).map { $0 > 8 } ?? false: " (numbers wider than binary64)"
      case "V": " (raw bytes)"
      default: ""
      }
    return InputError(
      file: file, found: "element type \(quoted(type))\(kind)",
      expected: "bool, an integer type of up to 64 bits, float16, float32 or float64",
      remedy: "convert the array before saving it, for example with astype(\"float32\")")
  }

  private static func dictionaryRange(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> Range<Int> {
    guard bytes.starts(with: magic) else {
      throw InputError(
        file: file, place: "byte 0", found: hexadecimal(bytes.prefix(6)),
        expected: "93 4E 55 4D 50 59 (NPY)")
    }
    guard bytes.count >= 12, (1...3).contains(bytes[6]) else {
      throw InputError(
        file: file, place: "byte 6",
        found: bytes.count < 12 ? "the header ends early" : "version \(bytes[6])",
        expected: "version 1, 2 or 3")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let size = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size <= bytes.count - start else {
      throw InputError(
        file: file, place: "byte \(bytes.count)", found: "the header ends early",
        expected: "\(size) bytes of header")
    }
    return start..<(start + size)
  }
}

extension DataFile {
  /// Opens an NPY file.
  init(npy file: SourceFile, format: DataFormat, limits: DataLimits) throws(InputError) {
    try self.init(npy: file.content, of: file, format: format, limits: limits)
  }

  /// Opens an array that a file holds.
  init(
    npy content: ContentPieces, of file: SourceFile, format: DataFormat, limits: DataLimits
  ) throws(InputError) {
    let start = try content.prefix(NPYHeader.longest)
    let header = try NPYHeader(start, file: content.name, limits: limits)
    let items = StoredItems(
      content: content, shape: header.shape, type: header.type, isBigEndian: header.isBigEndian,
      isColumnMajor: header.isColumnMajor, offset: header.dataOffset)
    try self.init(file, format, items, limits)
  }
}
