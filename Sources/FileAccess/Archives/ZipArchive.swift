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

  /// The content of a member, read where it lies, and unpacked as far as it is asked for.
  ///
  /// Its checksum is verified where all of it is read.
  public func pieces(of member: Member) throws(InputError) -> ContentPieces {
    let name = "\(file): \(quoted(member.name))"
    guard member.flags & 1 == 0 else {
      throw InputError(file: name, found: "an encrypted member", expected: "a plain one")
    }
    let packed = try packedRange(of: member, name: name)
    switch member.method {
    case 0:
      guard packed.count == member.size else {
        throw InputError(
          file: name, found: "\(packed.count) bytes of content",
          expected: "\(member.size), as the archive's directory says")
      }
      return ContentPieces(store, part: packed, checksum: member.checksum, name: name)
    case 8:
      // Deflate reaches 1032 : 1 at most: what claims more lies.
      guard member.size / 1032 <= packed.count else {
        throw InputError(
          file: name, found: "\(packed.count) bytes that claim to hold \(member.size)",
          expected: "a size that deflate can reach")
      }
      return ContentPieces(
        store, part: packed, deflated: member.size, checksum: member.checksum, name: name)
    default:
      throw InputError(
        file: name, found: "compression method \(member.method)",
        expected: "0 (stored) or 8 (deflated)")
    }
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
}
