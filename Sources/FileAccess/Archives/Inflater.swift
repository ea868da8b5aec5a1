import CZlib

/// The single owner of one zlib decompressor.
///
/// zlib's state points back to its `z_stream`, which therefore must not move: it lives on the heap.
struct Inflater: ~Copyable {
  /// What surrounds the deflate data.
  enum Wrapping: Int32 {
    /// Nothing: a ZIP member.
    case none = -15
    /// A gzip header and trailer, whose checksum zlib verifies.
    case gzip = 31
  }

  /// How one call of `run` ended.
  enum Outcome: Equatable {
    /// The output is full, or the input is used up: there is more to do.
    case more
    /// The end of the compressed stream.
    case end
    /// The data contradict the format; holds zlib's own words.
    case corrupt(String)
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool

  init(_ wrapping: Wrapping) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    isReady = inflateInit2_(stream, wrapping.rawValue, ZLIB_VERSION, size) == Z_OK
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Prepares for another stream of the same wrapping.
  func reset() {
    if isReady { inflateReset(stream) }
  }

  /// Decompresses as much as input and output allow.
  ///
  /// - Returns: the input bytes used, the output bytes written, and how it ended.
  func run(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> (used: Int, written: Int, outcome: Outcome) {
    guard isReady else { return (0, 0, .corrupt("no memory for a decompressor")) }
    // zlib counts in 32 bits; what does not fit waits for the next call.
    let available = UInt32(min(input.count, 1 << 30))
    let room = UInt32(min(output.count, 1 << 30))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = room
    let status = inflate(stream, Z_NO_FLUSH)
    let used = Int(available - stream.pointee.avail_in)
    let written = Int(room - stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: return (used, written, .more)
    case Z_STREAM_END: return (used, written, .end)
    default:
      let words = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
      return (used, written, .corrupt(words))
    }
  }
}
