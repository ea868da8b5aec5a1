/// What an attack on one example came to.
public struct AttackRecord: Sendable, Equatable {
  /// The gradients computed.
  public var steps: Int
  /// Whether the point of FGSM alone is a checked counterexample.
  public var fgsmSucceeds: Bool
  /// The counterexample; nil where none was found.
  public var counterexample: Counterexample?
  /// The features with a radius above 0 that the attack left where they are, for want of a number
  /// that it can take within it.
  public var frozen: Int

  /// Creates a record.
  public init(
    steps: Int, fgsmSucceeds: Bool, counterexample: Counterexample?, frozen: Int = 0
  ) {
    (self.steps, self.frozen) = (steps, frozen)
    (self.fgsmSucceeds, self.counterexample) = (fgsmSucceeds, counterexample)
  }
}

/// A point of the ball where another class wins strictly, both checked with directed rounding.
public struct Counterexample: Sendable, Equatable {
  /// A class that beats the specified one there.
  public var winner: Int
  /// An upper bound of the point's distance from the example, in the norm of the ball.
  public var distance: Double
  /// A lower bound, above 0, of `z_winner - z_y` at the point, for the run's arithmetic.
  public var margin: Double
  /// `[features]`, in the network's order and the units of the scaled data, the very numbers that were
  /// checked; a feature that does not move and that no binary64 has (p/255) is the nearest one. Empty
  /// where points are not kept.
  public var point: [Double]

  /// Creates a record.
  public init(winner: Int, distance: Double, margin: Double, point: [Double]) {
    (self.winner, self.distance, self.margin, self.point) = (winner, distance, margin, point)
  }
}
