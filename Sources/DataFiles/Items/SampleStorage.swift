/// The elements of an array as the bytes of its file: nothing is widened before it is asked for, so
/// that ten thousand images of 28x28 bytes stay 8 MB.
struct SampleStorage: Sendable {
  let bytes: [UInt8]
  /// Where the first element begins.
  let offset: Int
  let type: SampleType
  let isBigEndian: Bool

  /// The elements `start + offsets[0], start + offsets[1], ...`, as binary64.
  func gather(
    from start: Int, offsets: [Int], into target: UnsafeMutableBufferPointer<Double>
  ) {
    bytes.withUnsafeBytes { source in
      elements(source).read(into: target) { start + offsets[$0] }
    }
  }

  /// The elements `start, start + 1, ...`, as binary64.
  func copy(from start: Int, into target: UnsafeMutableBufferPointer<Double>) {
    bytes.withUnsafeBytes { source in
      elements(source).read(into: target) { start + $0 }
    }
  }

  /// The first element, in the file's order, that is not finite or that binary64 cannot hold.
  func firstUnusable() -> (element: Int, words: String)? {
    bytes.withUnsafeBytes { elements($0).firstUnusable() }
  }

  private func elements(_ source: UnsafeRawBufferPointer) -> RawElements {
    RawElements(
      source: UnsafeRawBufferPointer(rebasing: source[offset...]), type: type,
      isBigEndian: isBigEndian)
  }
}
