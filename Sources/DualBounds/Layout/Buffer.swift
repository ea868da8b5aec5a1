import ReLUChain

/// An owned array whose address never changes and is aligned to a cache line, for the kernels. One
/// worker's scratch.
package struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  package init(repeating value: Element, count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: Self.bytes(count), alignment: 64)
    pointer = raw.bindMemory(to: Element.self, capacity: max(1, count))
    pointer.initialize(repeating: value, count: count)
    self.count = count
    AllocationCount.current?.add(Self.bytes(count))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// What a buffer of so many elements takes.
  static func bytes(_ count: Int) -> Int { max(1, count) * MemoryLayout<Element>.stride }

  package subscript(index: Int) -> Element {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }
}

/// Numbers that are written while this is made and only read from then on, by any worker.
package final class FixedNumbers<Element: BitwiseCopyable>: @unchecked Sendable {
  private let buffer: Buffer<Element>

  /// - Parameter fill: writes what is not `value`.
  init(
    repeating value: Element, count: Int, fill: (UnsafeMutablePointer<Element>) -> Void = { _ in }
  ) {
    buffer = Buffer(repeating: value, count: count)
    fill(buffer.pointer)
  }

  convenience init(_ values: [Element], zero: Element) {
    self.init(repeating: zero, count: values.count) { pointer in
      for (index, value) in values.enumerated() { pointer[index] = value }
    }
  }

  var pointer: UnsafePointer<Element> { UnsafePointer(buffer.pointer) }
}
