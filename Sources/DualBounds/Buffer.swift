/// An owned array whose address never changes and is aligned to a cache line, for the kernels.
package struct Buffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Element>
  package let count: Int

  package init(repeating value: Element, count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Element.self, capacity: max(1, count))
    pointer.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  package subscript(index: Int) -> Element {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }

  package var values: UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
