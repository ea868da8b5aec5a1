import ReLUChain

/// A chain made ready for bounding, shared by every worker.
public final class BoundProblem: Sendable {
  /// Lays the chain out for the kernels.
  ///
  /// - Parameter computesEveryRow: Computes a row for every unit, also where intervals already
  ///   show it stable: Algorithm 1 to the letter, for tests.
  public init(_ chain: ReLUChain, arithmetic: Arithmetic = .real, computesEveryRow: Bool = false) {
  }
}

/// The margins of one ball, and what was learned on the way.
public struct MarginBounds: Sendable {
  /// Lower bounds of `z_y - z_j` over the ball, 0 at `specificationClass`; -infinity where nothing
  /// is known. Rounded down.
  public var margins: [Double]
  /// The class `y`.
  public var specificationClass: Int
  /// The number of unstable units per ReLU layer.
  public var unstable: [Int]
}

/// One worker's scratch memory.
public final class BoundWorkspace {
  /// Allocates scratch for one worker.
  public init(_ problem: BoundProblem) {}

  /// Computes Algorithm 1 and the dual pass for the rows `e_y - e_j`.
  public func margins(over ball: Ball, specificationClass: Int) -> MarginBounds {
    fatalError("not there yet")
  }

  /// The bounds of every ReLU layer that the last call of `margins` used.
  public func preActivationBounds() -> [PreActivationBounds] { [] }
}
