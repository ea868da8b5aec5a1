import CKernels

/// The kernels of one instruction set that this processor has.
public struct Kernels {
  let functions: cm_kernels

  /// The fastest ones.
  public static var best: Kernels { Kernels(functions: cm_best_kernels().pointee) }

  private init(functions: cm_kernels) { self.functions = functions }

  /// Those called "avx512", "avx2" or "portable"; nil where this processor cannot run them.
  public init?(named name: String) {
    guard let found = cm_named_kernels(name) else { return nil }
    functions = found.pointee
  }

  /// What they are called.
  public var name: String { String(cString: functions.name) }
}
