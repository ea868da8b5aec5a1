/// By what a file is named in a report.
public struct FileDigest: Sendable, Equatable {
  /// The SHA-256 of its bytes; nil for a file too large to be read through.
  public let sha256: String?
  /// For such a file, the SHA-256 of its size and of parts of it.
  public let sampled: String?

  /// The largest file that is read through: 256 MiB.
  public static let largest = 1 << 28
  /// How many parts of a larger one are read, evenly spaced, the first and the last bytes among
  /// them, and how long each is.
  static let (sampleCount, sampleSize) = (64, 1 << 16)

  /// Takes a digest of all bytes.
  public init(sha256: String) {
    self.sha256 = sha256
    sampled = nil
  }

  /// Takes bytes at hand.
  public init(_ bytes: [UInt8]) {
    sha256 = sha256Hex(bytes)
    sampled = nil
  }

  /// Reads a file through, or, where it is larger than `largest`, its parts.
  ///
  /// What is read depends on the file alone: parts of a run agree with the whole.
  public init(_ file: OpenedFile) throws(InputError) {
    var digest = SHA256Digest()
    guard file.size > Self.largest else {
      for start in stride(from: 0, to: file.size, by: 1 << 20) {
        let piece = try file.bytes(start..<min(start + 1 << 20, file.size))
        piece.withUnsafeBytes { digest.update($0) }
      }
      sha256 = digest.finish()
      sampled = nil
      return
    }
    withUnsafeBytes(of: UInt64(file.size).littleEndian) { digest.update($0) }
    for sample in 0..<Self.sampleCount {
      let start = (file.size - Self.sampleSize) / (Self.sampleCount - 1) * sample
      let last = sample == Self.sampleCount - 1 ? file.size - Self.sampleSize : start
      let piece = try file.bytes(last..<last + Self.sampleSize)
      piece.withUnsafeBytes { digest.update($0) }
    }
    sha256 = nil
    sampled = digest.finish()
  }
}
