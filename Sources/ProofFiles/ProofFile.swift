import FileAccess
import ProofRecords

/// A file of proofs: what it speaks of, and where each example's stand. Every part's sum is checked when
/// the file is opened.
package final class ProofFile: Sendable {
  /// The file as the user named it.
  package let path: String
  package let header: ProofHeader
  package let chain: ChainStatement

  private let bytes: [UInt8]
  private let parts: [Key: [Range<Int>]]

  private struct Key: Hashable {
    var index: Int
    var place: Int
  }

  /// Opens a file; refused by name where it is none, damaged or cut short.
  package convenience init(_ path: String) throws(InputError) {
    try self.init(try readFile(path), path: path == "-" ? "standard input" : path)
  }

  package init(_ bytes: [UInt8], path: String) throws(InputError) {
    (self.bytes, self.path) = (bytes, path)
    let signature = ProofPart.signature
    guard bytes.starts(with: signature) else {
      throw InputError(
        file: path, place: "byte 0", found: "something else",
        expected: "proofs of certify, version 1")
    }
    var scan = PartScan(bytes: bytes, file: path, next: signature.count)
    let head = try scan.part(.head)
    header = try ProofHeader(String(decoding: bytes[head], as: UTF8.self), file: path)
    let chainRange = try scan.part(.chain)
    guard sha256Hex(Array(bytes[chainRange])) == header.chain else {
      throw InputError(
        file: path, place: "the head", found: "chain \(header.chain)",
        expected: "the digest of the chain in the file")
    }
    var reader = ByteReader(Array(bytes[chainRange]), at: chainRange.lowerBound, of: path)
    chain = try reader.chain()
    var (parts, count) = ([Key: [Range<Int>]](), 0)
    while let range = try scan.example() {
      var reader = ByteReader(Array(bytes[range].prefix(20)), at: range.lowerBound, of: path)
      let key = Key(index: try reader.count(), place: try reader.count())
      parts[key, default: []].append(range)
      count += 1
    }
    try scan.checkEnd(count)
    self.parts = parts
  }

  /// What the file says of an example at one epsilon; empty where it says nothing.
  package func proofs(_ index: Int, _ place: Int) throws(InputError) -> [ExampleProof] {
    var found: [ExampleProof] = []
    for range in parts[Key(index: index, place: place)] ?? [] {
      var reader = ByteReader(Array(bytes[range]), at: range.lowerBound, of: path)
      found.append(try reader.example())
    }
    return found
  }
}

/// Goes through the parts of a file.
private struct PartScan {
  let bytes: [UInt8]
  let file: String
  var next: Int
  private static let head = 12
  private static let tail = 4

  private func refusal(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: "byte \(next)", found: found, expected: expected)
  }

  mutating func part(_ wanted: ProofPart) throws(InputError) -> Range<Int> {
    let (name, range) = try any()
    guard name == wanted else { throw refusal("part \(name.rawValue)", wanted.rawValue) }
    return range
  }

  private var ended: (range: Range<Int>, found: Bool) = (0..<0, false)

  init(bytes: [UInt8], file: String, next: Int) {
    (self.bytes, self.file, self.next) = (bytes, file, next)
  }

  /// The next example's part; nil at the end.
  mutating func example() throws(InputError) -> Range<Int>? {
    let (name, range) = try any()
    switch name {
    case .example: return range
    case .end:
      ended = (range, true)
      return nil
    case .head, .chain: throw refusal("part \(name.rawValue) behind others", "an example")
    }
  }

  func checkEnd(_ count: Int) throws(InputError) {
    var reader = ByteReader(Array(bytes[ended.range]), at: ended.range.lowerBound, of: file)
    let stated = try reader.count()
    guard stated == count else { throw refusal("\(count) examples", "\(stated), as the end says") }
    guard next == bytes.count else {
      throw refusal("\(bytes.count - next) bytes behind the end", "none")
    }
  }

  private mutating func any() throws(InputError) -> (ProofPart, Range<Int>) {
    guard bytes.count - next >= Self.head + Self.tail else {
      throw refusal("the end of the file", "part \(ProofPart.end.rawValue): it was cut short")
    }
    let length = bytes[next + 4..<next + Self.head].reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    guard length <= UInt64(bytes.count - next - Self.head - Self.tail) else {
      throw refusal("a part of \(length) bytes", "fewer: the file was cut short, or is damaged")
    }
    let payload = next + Self.head..<next + Self.head + Int(length)
    var sum = CRC32()
    bytes.withUnsafeBytes {
      sum.update(UnsafeRawBufferPointer(rebasing: $0[next..<payload.upperBound]))
    }
    let stated = bytes[payload.upperBound..<payload.upperBound + Self.tail].reversed()
      .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard stated == sum.value,
      let name = ProofPart(rawValue: String(decoding: bytes[next..<next + 4], as: UTF8.self))
    else {
      throw refusal("a part whose sum is another one", "one as it was written: it is damaged")
    }
    next = payload.upperBound + Self.tail
    return (name, payload)
  }
}
