import Synchronization

/// Adds up what is allocated for kernels while somebody wants to know.
package final class AllocationCount: Sendable {
  /// Who is told of buffers that are made now.
  @TaskLocal package static var current: AllocationCount?

  private let total = Atomic(0)

  package init() {}

  /// Bytes so far; what was given back is not taken off.
  package var bytes: Int { total.load(ordering: .relaxed) }

  /// Takes note of a buffer.
  package func add(_ bytes: Int) { total.add(bytes, ordering: .relaxed) }
}
