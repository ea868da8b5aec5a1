import CKernels

/// The relaxation of a network over one ball, made by Algorithm 1: for every layer the bounds of its
/// pre-activations, the lines that stand for its activations, what rounding is charged, and the midpoint
/// network. A value: nothing of it changes once it is made, and any worker may read it.
public struct Relaxation: Sendable {
  package let problem: BoundProblem
  /// One for each of the problem's layers, the input first.
  package let layers: [LayerRelaxation]
  /// What the ball is beside a box; nil for a box.
  package let normPart: NormPart?
  /// False where a magnitude left the range in which rounding charges hold, or could overflow in the
  /// deployed network: nothing is known then from the layer on where it did.
  public let isKnown: Bool
  /// How its bounds came about, where the workspace keeps that; nil for Algorithm 1's.
  package var origin: RelaxationOrigin?

  /// The number of unstable units per ReLU layer; every unit of a layer of which nothing is known.
  public var unstable: [Int] {
    zip(problem.layers, layers).filter(\.0.isReLU).map(\.1.unstable)
  }

  /// The bounds of every ReLU layer, in the file's order of units.
  public func preActivationBounds() -> [PreActivationBounds] {
    zip(problem.layers, layers).filter(\.0.isReLU).map { layer, relaxed in
      let units = (0..<layer.layout.count).map(layer.layout.physical)
      return PreActivationBounds(
        lower: units.map { relaxed.bounds.lower[$0] },
        upper: units.map { relaxed.bounds.upper[$0] })
    }
  }
}

/// What is known of one ball and one class: the relaxation that the last margins rest on, and the best
/// margins so far.
public struct BallBounds: Sendable {
  /// The relaxation with the tightest bounds.
  public internal(set) var relaxation: Relaxation
  /// The best margins of all slopes so far.
  public internal(set) var margins: MarginBounds
  /// The slopes that were tried last.
  public internal(set) var reached = Slopes.parallel
  /// The rows that improved a margin after those with parallel slopes, where the workspace keeps that.
  package internal(set) var origins: [MarginOrigin] = []
}
