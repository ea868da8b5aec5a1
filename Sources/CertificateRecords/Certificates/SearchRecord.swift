/// What the complete search of one example came to.
public struct SearchRecord: Sendable, Equatable {
  /// Why an example stays unknown.
  public enum Reason: String, Sendable, CaseIterable {
    /// The search ended before the tree did.
    case budget
    /// Every split was made, and what is left is decided by rounding alone.
    case rounding
    /// The example itself has no winner that can be proved.
    case tie
  }

  /// The parts of the ball that were bounded, over all classes.
  public var nodes: Int
  /// The parts that were proved.
  public var leaves: Int
  /// The most splits on the way to one of them.
  public var depth: Int
  /// The share of the tree that is proved, of the class that it stopped at: 1 where nothing is open. A
  /// part behind n splits is 2^-n of it.
  public var share: Double
  /// A lower bound of the margin of that class, where the search ended before it was decided; rounded
  /// down.
  public var bound: Double?
  /// Whether every other class is proved to lose.
  public var isProved: Bool
  /// nil where the search decided the example.
  public var reason: Reason?

  /// Creates a record.
  public init(
    nodes: Int = 0, leaves: Int = 0, depth: Int = 0, share: Double = 0, bound: Double? = nil,
    isProved: Bool = false, reason: Reason? = nil
  ) {
    (self.nodes, self.leaves, self.depth) = (nodes, leaves, depth)
    (self.share, self.bound) = (share, bound)
    (self.isProved, self.reason) = (isProved, reason)
  }
}
