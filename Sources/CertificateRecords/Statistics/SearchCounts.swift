/// What the complete searches of a run came to.
public struct SearchCounts: Sendable, Equatable {
  /// The examples that were searched.
  public var examples = 0
  /// The parts of balls that were bounded, all together.
  public var nodes = 0
  /// How many examples stay unknown, by the reason.
  public var open: [SearchRecord.Reason: Int] = [:]

  /// Counts nothing yet.
  public init() {}

  /// Those that were decided.
  public var decided: Int { examples - open.values.reduce(0, +) }

  mutating func count(_ search: PrintedSearch) {
    examples += 1
    nodes += search.nodes
    if let reason = search.reason { open[reason, default: 0] += 1 }
  }
}
