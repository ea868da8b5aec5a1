import ReLUChain

/// An owned array of binary32 whose address never changes, aligned to a cache line.
final class FloatBuffer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Zeros. Immutable once it is shared.
  init(count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: Self.bytes(count), alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(1, count))
    pointer.initialize(repeating: 0, count: count)
    self.count = count
    AllocationCount.current?.add(Self.bytes(count))
  }

  /// What a buffer of so many numbers takes.
  static func bytes(_ count: Int) -> Int { max(1, count) * MemoryLayout<Float>.stride }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
