/// Reads the central directory of a ZIP archive; every access is checked against the file's size.
///
/// Only the directory is read, and where it is looked for: the end of the file.
struct ZipDirectory {
  let store: ByteStore
  let file: String
  /// A part of the file, and where it begins.
  private var window: (start: Int, bytes: [UInt8]) = (0, [])

  /// The size of the end record without its comment.
  private static let endSize = 22

  init(_ store: ByteStore, file: String) {
    (self.store, self.file) = (store, file)
  }

  /// Reads a part of the file, cut at its end.
  mutating func look(at start: Int, _ count: Int) throws(InputError) {
    let first = max(0, min(start, store.count))
    let end = count < store.count - first ? first + count : store.count
    window = (first, try store.bytes(first..<end))
  }

  mutating func members() throws(InputError) -> [ZipArchive.Member] {
    // The end record, the longest comment, and the 64-bit records in front.
    try look(at: store.count - Self.endSize - 65_535 - 1024, .max)
    let (count, start) = try place()
    try look(at: start, 1 << 26)
    var members: [ZipArchive.Member] = []
    var position = start
    for index in 0..<count {
      guard number(position, 4) == 0x0201_4b50, let nameSize = number(position + 28, 2),
        let extraSize = number(position + 30, 2), let commentSize = number(position + 32, 2),
        let member = member(position, nameSize: nameSize, extraSize: extraSize)
      else {
        throw InputError(
          file: file, place: "byte \(position)", found: "no complete directory entry",
          expected: "entry \(index) of \(count) of the archive's directory")
      }
      members.append(member)
      position += 46 + nameSize + extraSize + commentSize
    }
    return members
  }

  /// The number of entries and where the first begins.
  private func place() throws(InputError) -> (count: Int, start: Int) {
    var end = store.count - Self.endSize
    // A comment of at most 65535 bytes may follow the end record.
    while end >= max(0, store.count - Self.endSize - 65_535) {
      if number(end, 4) == 0x0605_4b50, let count = number(end + 10, 2),
        let start = number(end + 16, 4)
      {
        guard count == 0xffff || start == 0xffff_ffff else { return (count, start) }
        return wideplace(before: end) ?? (count, start)
      }
      end -= 1
    }
    throw InputError(
      file: file, place: "byte \(store.count)", found: "no end of a ZIP directory",
      expected: "a complete ZIP archive")
  }

  /// The same from the 64-bit end record, which a locator right before the end record points to.
  private func wideplace(before end: Int) -> (count: Int, start: Int)? {
    guard number(end - 20, 4) == 0x0706_4b50, let record = number(end - 12, 8),
      number(record, 4) == 0x0606_4b50, let count = number(record + 32, 8),
      let start = number(record + 48, 8)
    else { return nil }
    return (count, start)
  }

  private func member(_ entry: Int, nameSize: Int, extraSize: Int) -> ZipArchive.Member? {
    let nameStart = entry + 46
    guard let flags = number(entry + 8, 2), let method = number(entry + 10, 2),
      let checksum = number(entry + 16, 4), var packed = number(entry + 20, 4),
      var size = number(entry + 24, 4), var offset = number(entry + 42, 4),
      extraSize + nameSize <= window.start + window.bytes.count - nameStart
    else { return nil }
    let first = nameStart - window.start
    let name = String(decoding: window.bytes[first..<(first + nameSize)], as: UTF8.self)
    var extra = wideFields(nameStart + nameSize, size: extraSize)[...]
    // The 64-bit fields stand for those that are all ones, in this order.
    if size == 0xffff_ffff, let wide = extra.popFirst() { size = wide }
    if packed == 0xffff_ffff, let wide = extra.popFirst() { packed = wide }
    if offset == 0xffff_ffff, let wide = extra.popFirst() { offset = wide }
    return ZipArchive.Member(
      name: name, size: size, compressedSize: packed, method: method, flags: flags,
      checksum: UInt32(truncatingIfNeeded: checksum), headerOffset: offset)
  }

  /// The numbers of the 64-bit extension's extra field.
  private func wideFields(_ start: Int, size: Int) -> [Int] {
    var position = start
    while let identifier = number(position, 2), let length = number(position + 2, 2),
      position + 4 + length <= start + size
    {
      position += 4
      if identifier == 1 {
        return stride(from: position, to: position + length - 7, by: 8).compactMap { number($0, 8) }
      }
      position += length
    }
    return []
  }

  /// A little-endian number; nil outside of what was read, and where it exceeds `Int`.
  func number(_ position: Int, _ size: Int) -> Int? {
    let first = position.subtractingReportingOverflow(window.start)
    guard !first.overflow, first.partialValue >= 0, first.partialValue <= window.bytes.count - size
    else { return nil }
    let part = window.bytes[first.partialValue..<(first.partialValue + size)]
    let value = part.reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return Int(exactly: value)
  }
}
