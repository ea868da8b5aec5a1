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

/// Writes an NPY file of version 1 with the given dictionary.
func npy(_ dictionary: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array(dictionary.utf8) + [0x0a]
  let size = version == 1 ? littleEndian(UInt16(text.count)) : littleEndian(UInt32(text.count))
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + text + elements
}

/// Writes an NPY file as NumPy would.
func npy(
  _ type: String, _ shape: [Int], _ elements: [UInt8], isColumnMajor: Bool = false
) -> [UInt8] {
  let sizes = shape.map { "\($0)," }.joined(separator: " ")
  let order = isColumnMajor ? "True" : "False"
  return npy(
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }  ", elements)
}

/// One member of a ZIP archive under construction.
struct ZipPart {
  var name: String
  var content: [UInt8]
  var isDeflated = false
  var isWide = false
  var claimedSize: Int?
}

/// Writes a ZIP archive.
func zip(_ parts: [ZipPart], comment: String = "") -> [UInt8] {
  var archive: [UInt8] = []
  var directory: [UInt8] = []
  for part in parts {
    let packed = part.isDeflated ? deflated(part.content, windowBits: -15) : part.content
    let size = part.claimedSize ?? part.content.count
    let method = littleEndian(UInt16(part.isDeflated ? 8 : 0))
    let sizes = littleEndian(UInt32(packed.count)) + littleEndian(UInt32(size))
    let crc = littleEndian(checksum(part.content))
    let name = Array(part.name.utf8)
    let nameSize = littleEndian(UInt16(name.count))
    let offset = littleEndian(UInt32(archive.count))
    let version: [UInt8] = [45, 0, 0, 0]
    archive += [0x50, 0x4b, 3, 4] + version + method + [0, 0, 0, 0] + crc + sizes + nameSize
    archive += [0, 0] + name + packed
    let allOnes = [UInt8](repeating: 0xff, count: 4)
    let wide: [UInt8] =
      part.isWide
      ? [0xfe, 0xca, 2, 0, 0, 0, 1, 0, 16, 0] + littleEndian(UInt64(size))
        + littleEndian(UInt64(packed.count)) : []
    directory += [0x50, 0x4b, 1, 2, 45, 0] + version + method + [0, 0, 0, 0] + crc
    directory += part.isWide ? allOnes + allOnes : sizes
    directory += nameSize + littleEndian(UInt16(wide.count)) + [0, 0]
    directory += [0, 0, 0, 0, 0, 0, 0, 0] + offset + name + wide
  }
  let count = littleEndian(UInt16(parts.count))
  let end: [UInt8] =
    [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + littleEndian(UInt32(directory.count))
    + littleEndian(UInt32(archive.count)) + littleEndian(UInt16(comment.utf8.count))
  return archive + directory + end + Array(comment.utf8)
}
