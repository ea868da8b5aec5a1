/// What a search for one margin came to.
public struct SplitOutcome: Sendable, Equatable {
  /// How a search ends.
  public enum End: Sendable, Equatable {
    /// The margin is proved to be above 0 on the whole ball.
    case proved
    /// A point was confirmed at which it is not.
    case falsified
    /// The search ended before the tree did.
    case budget
    /// What is left lies within what rounding costs.
    case rounding
  }

  /// How it ended.
  public var end = End.budget
  /// The parts of the ball that were bounded, the whole included.
  public var nodes = 0
  /// The parts that were proved.
  public var leaves = 0
  /// The most splits on the way to one of them.
  public var depth = 0
  /// The numbers of the folded network that were read, over all passes.
  public var work = 0
  /// The share of the tree that is proved: a part behind n splits is 2^-n of it.
  public var share = 0.0
  /// A lower bound of the margin over the whole ball where the search ended before it was decided;
  /// rounded down, -infinity where nothing is known.
  public var bound = -Double.infinity
}

/// Shows a point at which a search thinks little of the margin, in the file's order, as the way from the
/// ball's centre. Says whether a counterexample was found near it, and the smallest margin that was seen
/// there: that only tells a search what cannot be proved.
public typealias SplitProbe = (_ way: [Double]) -> (isCounterexample: Bool, margin: Double)
