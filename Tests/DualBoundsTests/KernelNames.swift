import DualBounds

/// The names of the kernels that this processor has, for tests that run with each of them.
let kernelsHere = ["portable", "avx2", "avx512"].filter { Kernels(named: $0) != nil }

/// Kernels of `kernelsHere`.
func present(_ name: String) -> Kernels {
  guard let kernels = Kernels(named: name) else { preconditionFailure("no \(name) kernels here") }
  return kernels
}
