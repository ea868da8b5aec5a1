/// The members of a ZIP archive: stored or deflated, with the 64-bit extension, neither
/// encrypted nor split. NPZ needs no more, and a library for all of ZIP would bring compressors and
/// ciphers into every start of the program.
public struct ZipArchive {
  /// One member, as the central directory lists it.
  public struct Member: Sendable, Equatable {
    /// The name, as UTF-8.
    public let name: String
    /// The size of the content.
    public let size: Int

    let compressedSize: Int
    let method: Int
    let flags: Int
    let checksum: UInt32
    let headerOffset: Int
  }

  /// The members, in the directory's order.
  public let members: [Member]

  private let store: ByteStore
  private let file: String

  /// Whether the bytes begin as a ZIP archive does.
  public static func isZip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4b, 0x05, 0x06])
  }

  /// Reads the central directory.
  public init(_ store: ByteStore, file: String) throws(InputError) {
    (self.store, self.file) = (store, file)
    var reader = ZipDirectory(store, file: file)
    members = try reader.members()
  }

  /// Reads the central directory of an archive in memory.
  public init(_ bytes: [UInt8], file: String) throws(InputError) {
    try self.init(.memory(bytes), file: file)
  }

  /// The content of a member where it lies in the file; nil where it is packed.
  ///
  /// Its checksum is verified where all of it is read.
  public func pieces(of member: Member) throws(InputError) -> ContentPieces? {
    guard member.method == 0, member.flags & 1 == 0 else { return nil }
    let name = "\(file): \(quoted(member.name))"
    let packed = try packedRange(of: member, name: name)
    guard packed.count == member.size else {
      throw InputError(
        file: name, found: "\(packed.count) bytes of content",
        expected: "\(member.size), as the archive's directory says")
    }
    return ContentPieces(store, part: packed, checksum: member.checksum, name: name)
  }

  /// The content of a member, its checksum verified.
  ///
  /// - Parameter limit: The greatest size accepted.
  public func content(of member: Member, limit: Int) throws(InputError) -> [UInt8] {
    let name = "\(file): \(quoted(member.name))"
    guard member.flags & 1 == 0 else {
      throw InputError(file: name, found: "an encrypted member", expected: "a plain one")
    }
    let packed = try packedRange(of: member, name: name)
    // Deflate reaches 1032 : 1 at most: what claims more lies, whatever the limit.
    guard member.size / 1032 <= packed.count else {
      throw InputError(
        file: name, found: "\(packed.count) bytes that claim to hold \(member.size)",
        expected: "a size that deflate can reach")
    }
    guard member.size <= limit else {
      throw InputError(
        .limit, file: name, found: "\(member.size) bytes", expected: "at most \(limit) bytes")
    }
    let content: [UInt8]
    switch member.method {
    case 0: content = try store.bytes(packed)
    case 8: content = try inflated(packed, size: member.size, name: name)
    default:
      throw InputError(
        file: name, found: "compression method \(member.method)",
        expected: "0 (stored) or 8 (deflated)")
    }
    guard content.count == member.size else {
      throw InputError(
        file: name, found: "\(content.count) bytes of content",
        expected: "\(member.size), as the archive's directory says")
    }
    var crc = CRC32()
    content.withUnsafeBytes { crc.update($0) }
    guard crc.value == member.checksum else {
      throw InputError(
        file: name, found: "content whose checksum differs", expected: "the directory's checksum")
    }
    return content
  }

  private func packedRange(of member: Member, name: String) throws(InputError) -> Range<Int> {
    var reader = ZipDirectory(store, file: file)
    let start = member.headerOffset
    try reader.look(at: start, 30)
    if reader.number(start, 4) == 0x0403_4b50, let nameSize = reader.number(start + 26, 2),
      let extraSize = reader.number(start + 28, 2)
    {
      let data = start + 30 + nameSize + extraSize
      if data <= store.count, member.compressedSize <= store.count - data {
        return data..<(data + member.compressedSize)
      }
    }
    throw InputError(
      file: name, place: "byte \(start)", found: "no complete member",
      expected: "a local header and \(member.compressedSize) bytes")
  }

  private func inflated(
    _ packed: Range<Int>, size: Int, name: String
  ) throws(InputError) -> [UInt8] {
    let inflater = Inflater(.none)
    let source = try store.bytes(packed)
    // One byte more than announced is room to notice that there is more.
    let room = size + 1
    var outcome = Inflater.Outcome.more
    let content = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
      source.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(buffer)
        var position = 0
        while outcome == .more, filled < room {
          let input = UnsafeRawBufferPointer(rebasing: source[position...])
          let output = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
          let step = inflater.run(input, into: output)
          position += step.used
          filled += step.written
          outcome = step.outcome
          if step.used == 0 && step.written == 0 { break }
        }
      }
    }
    switch outcome {
    case .end: return content
    case .more where content.count > size: return content
    case .more:
      throw InputError(
        file: name, place: "byte \(packed.upperBound)", found: "the deflate data end early",
        expected: "\(size) bytes of content")
    case .corrupt(let words):
      throw InputError(
        file: name, found: "corrupt deflate data (\(words))", expected: "\(size) bytes of content")
    }
  }
}
