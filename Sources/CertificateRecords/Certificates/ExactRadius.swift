/// How the two ends of an exact radius were reached, and what keeps them apart.
public struct ExactRadius: Sendable, Equatable {
  /// Why they are further apart than was asked for; nil where they are not.
  public var reason: SearchRecord.Reason?
  /// The class that wins at the counterexample of the upper end; nil where none was found.
  public var winner: Int?
  /// A lower bound, above 0, of how far it wins there; rounded down.
  public var winnerMargin: Double?
  /// The sizes of balls that were to be proved by bounds or a search.
  public var tried: Int
  /// The parts of balls that those searches bounded, all together.
  public var nodes: Int
  /// The gradients of the ascents towards the nearest counterexample.
  public var steps: Int

  /// Creates a record.
  public init(
    reason: SearchRecord.Reason? = nil, winner: Int? = nil, winnerMargin: Double? = nil,
    tried: Int = 0, nodes: Int = 0, steps: Int = 0
  ) {
    (self.reason, self.winner, self.winnerMargin) = (reason, winner, winnerMargin)
    (self.tried, self.nodes, self.steps) = (tried, nodes, steps)
  }
}
