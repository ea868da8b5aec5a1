/// What an attack on one example came to.
public struct AttackRecord: Sendable, Equatable {
  /// The gradients computed.
  public var steps: Int
  /// Whether the point of FGSM alone is a checked counterexample.
  public var fgsmSucceeds: Bool
  /// The counterexample; nil where none was found.
  public var counterexample: Counterexample?

  /// Creates a record.
  public init(steps: Int, fgsmSucceeds: Bool, counterexample: Counterexample?) {
    self.steps = steps
    self.fgsmSucceeds = fgsmSucceeds
    self.counterexample = counterexample
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
  /// `[features]`, in the network's order and the units of the scaled data; empty where points are
  /// not kept.
  public var point: [Float]

  /// Creates a record.
  public init(winner: Int, distance: Double, margin: Double, point: [Float]) {
    self.winner = winner
    self.distance = distance
    self.margin = margin
    self.point = point
  }
}
