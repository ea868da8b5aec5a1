/// The content of a file, of a part of one, or of what gzip or deflate packed, read in pieces.
public struct ContentPieces {
  private let store: ByteStore
  private let range: Range<Int>
  private let packing: Packing
  /// What the content should be, as a CRC-32; checked where all of it is read.
  private let checksum: UInt32?
  /// The file's name in messages.
  public let name: String

  /// How the bytes hold the content.
  private enum Packing: Equatable {
    case plain, gzip
    /// A member of a ZIP archive, whose directory says how large its content is.
    case deflate(size: Int)
  }

  /// The size of one piece at most.
  private static let pieceSize = 1 << 20
  /// What is read at least: neighbours often follow.
  private static let leastRead = 1 << 12

  /// Takes the bytes of a store, or what they hold where they are gzip.
  public init(_ store: ByteStore, name: String) throws(InputError) {
    (self.store, self.name) = (store, name)
    range = 0..<store.count
    packing = Gzip.isGzip(try store.bytes(0..<min(2, store.count))) ? .gzip : .plain
    checksum = nil
  }

  /// Takes bytes that are the content, whatever they look like.
  public init(plain bytes: [UInt8], name: String) {
    store = .memory(bytes)
    self.name = name
    range = 0..<bytes.count
    packing = .plain
    checksum = nil
  }

  /// - Parameter size: Of the content, where the part is deflate data.
  init(
    _ store: ByteStore, part: Range<Int>, deflated size: Int? = nil, checksum: UInt32, name: String
  ) {
    (self.store, self.name, self.checksum) = (store, name, checksum)
    range = part
    packing = size.map { .deflate(size: $0) } ?? .plain
  }

  /// Whether the content has to be unpacked, from its start.
  public var isPacked: Bool { packing != .plain }

  /// The size of the content; nil where gzip hides it.
  public var size: Int? {
    switch packing {
    case .plain: range.count
    case .gzip: nil
    case .deflate(let size): size
    }
  }

  /// The bytes of the content, where memory holds them as they are.
  public var inMemory: [UInt8]? {
    guard case .memory(let bytes) = store, !isPacked, range.count == bytes.count else { return nil }
    return bytes
  }

  /// The most that the content can hold: deflate reaches 1032 : 1.
  public var greatestSize: Int {
    size ?? (range.count < Int.max / 2064 ? (range.count + 1) * 1032 : .max)
  }

  /// The first bytes, or all where there are fewer.
  public func prefix(_ count: Int) throws(InputError) -> [UInt8] {
    if !isPacked {
      return try store.bytes(range.lowerBound..<range.lowerBound + min(count, range.count))
    }
    var bytes: [UInt8] = []
    try inflate { (piece) throws(InputError) in
      bytes += piece.prefix(count - bytes.count)
      return bytes.count < count
    }
    return bytes
  }

  /// A part of a content that is not packed.
  public func bytes(_ part: Range<Int>) throws(InputError) -> [UInt8] {
    precondition(!isPacked && part.upperBound <= range.count, "a part of what lies there")
    return try store.bytes(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Refuses a file that was written to since it was opened.
  public func checkUnchanged() throws(InputError) {
    if case .file(let file) = store { try file.checkUnchanged() }
  }

  /// The whole content.
  ///
  /// - Parameter limit: The greatest size accepted.
  public func all(limit: Int) throws(InputError) -> [UInt8] {
    if let inMemory, inMemory.count <= limit { return inMemory }
    let bytes = try prefix(limit == .max ? limit : limit + 1)
    guard bytes.count <= limit else {
      let more = isPacked ? "more than \(limit) bytes after decompression" : "\(size ?? 0) bytes"
      throw InputError(.limit, file: name, found: more, expected: "at most \(limit) bytes")
    }
    return bytes
  }

  /// How a content ended that is shorter or longer than its header says.
  public enum Mismatch {
    case shorter(Int), longer
  }

  /// Visits parts of the content, piece by piece.
  ///
  /// - Parameters:
  ///   - parts: Ascending, none overlapping.
  ///   - total: The size that the content has to have; its end is looked at where the parts reach it.
  ///   - mismatch: The refusal of a content of another size.
  ///   - body: Takes the position of a piece in the content, and its bytes.
  public func visit(
    _ parts: some Sequence<Range<Int>>, total: Int, mismatch: (Mismatch) -> InputError,
    _ body: (Int, UnsafeRawBufferPointer) -> Void
  ) throws(InputError) {
    if isPacked {
      try visitPacked(parts, total: total, mismatch: mismatch, body)
    } else {
      try visitPlain(parts, total: total, body)
    }
    try checkUnchanged()
  }

  private func visitPlain(
    _ parts: some Sequence<Range<Int>>, total: Int,
    _ body: (Int, UnsafeRawBufferPointer) -> Void
  ) throws(InputError) {
    var (window, held) = ([UInt8](), 0..<0)
    var (crc, covered) = (CRC32(), 0)
    for part in parts {
      var at = part.lowerBound
      while at < part.upperBound {
        let end = min(part.upperBound, at + Self.pieceSize)
        if !(held.lowerBound <= at && end <= held.upperBound) {
          held = at..<min(max(end, at + Self.leastRead), range.count)
          window = try store.bytes(
            range.lowerBound + held.lowerBound..<range.lowerBound + held.upperBound)
        }
        window.withUnsafeBytes { bytes in
          let piece = UnsafeRawBufferPointer(
            rebasing: bytes[at - held.lowerBound..<end - held.lowerBound])
          if at == covered, checksum != nil {
            crc.update(piece)
            covered = end
          }
          body(at, piece)
        }
        at = end
      }
    }
    guard let checksum, covered == total, crc.value != checksum else { return }
    throw InputError(
      file: name, found: "content whose checksum differs", expected: "the directory's checksum")
  }

  private func visitPacked(
    _ parts: some Sequence<Range<Int>>, total: Int, mismatch: (Mismatch) -> InputError,
    _ body: (Int, UnsafeRawBufferPointer) -> Void
  ) throws(InputError) {
    var iterator = parts.makeIterator()
    var part = iterator.next()
    var (position, isLonger) = (0, false)
    try inflate { (piece) throws(InputError) in
      var rest = piece
      while let now = part, !rest.isEmpty {
        let skipped = min(max(0, now.lowerBound - position), rest.count)
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(skipped))
        position += skipped
        let taken = min(now.upperBound - position, rest.count)
        guard position >= now.lowerBound, taken > 0 else { break }
        body(position, UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
        position += taken
        if position == now.upperBound { part = iterator.next() }
      }
      if part == nil, position == total, !rest.isEmpty { isLonger = true }
      // Where the parts reach the end, its checksum is read, too.
      return !isLonger && (part != nil || position == total)
    }
    if isLonger { throw mismatch(.longer) }
    if part != nil { throw mismatch(.shorter(position)) }
  }

  /// Decompresses from the start, until a piece is answered by false.
  private func inflate(
    _ body: (UnsafeRawBufferPointer) throws(InputError) -> Bool
  ) throws(InputError) {
    if case .deflate(let size) = packing {
      var stream = DeflateStream(file: name, size: size, checksum: checksum ?? 0)
      try eachInput { (input, isLast) throws(InputError) in
        try stream.take(input, isLast: isLast, body)
      }
      return
    }
    var stream = GzipStream(file: name)
    try eachInput { (input, isLast) throws(InputError) in
      try stream.take(input, isLast: isLast, body)
    }
  }

  /// The packed bytes, piece by piece, until one is answered by false; an empty one where there are none.
  private func eachInput(
    _ body: ([UInt8], Bool) throws(InputError) -> Bool
  ) throws(InputError) {
    var at = range.lowerBound
    repeat {
      let end = min(at + 1 << 16, range.upperBound)
      guard try body(store.bytes(at..<end), end == range.upperBound) else { return }
      at = end
    } while at < range.upperBound
  }
}
