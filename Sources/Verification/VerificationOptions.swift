import DualBounds

/// Everything that influences a verification, but for the network and the property.
public struct VerificationOptions: Sendable {
  /// Which network the answer speaks of.
  public var arithmetic: Arithmetic
  /// Whether a half-precision network accumulates its sums in binary32.
  public var wideSums: Bool
  /// The most boxes that are bounded, those of all cases together; and the most nodes of each conjunction
  /// that is searched by signs.
  public var splits: Int
  /// Gradients of one descent, and random starts of each conjunction.
  public var attackSteps: Int
  /// Random starts beside the centre and the rows' own points.
  public var restarts: Int
  /// Seeds the random starts.
  public var seed: UInt64
  /// The number of workers; the answer does not depend on it.
  public var threads: Int
  /// The rows of one block, see `MemoryNeed`; the answer does not depend on it.
  public var rowsPerBlock: Int
  /// What is tried on how many inputs that move.
  package var ways = SearchWays()

  /// Creates options.
  public init(
    arithmetic: Arithmetic = .float32, wideSums: Bool = true, splits: Int = 1_000_000,
    attackSteps: Int = 40, restarts: Int = 8, seed: UInt64 = 0, threads: Int = 1,
    rowsPerBlock: Int = MemoryNeed.blockRows.upperBound
  ) {
    (self.arithmetic, self.wideSums, self.splits) = (arithmetic, wideSums, splits)
    (self.attackSteps, self.restarts, self.seed) = (attackSteps, restarts, seed)
    (self.threads, self.rowsPerBlock) = (threads, rowsPerBlock)
  }
}

/// Which search a box gets, by how many of its inputs move.
package struct SearchWays: Sendable {
  /// Of so few the box is split, and nothing else tried before.
  package var fewInputs = 8
  /// Of so many it is split where nothing else decides; of more it is not.
  package var mostSplitInputs = 24
  /// What a search by signs may take, in nodes of a conjunction, where splitting inputs can follow.
  package var signNodesBeforeSplits = 4096

  package init() {}
}

/// What became of a property.
public enum Answer: Sendable, Equatable {
  /// It holds: proved.
  case holds
  /// It does not: a counterexample, proved to be one.
  case violated(Violation)
  /// Neither was found, and no larger budget would change that.
  case undecided(Obstacle)
  /// Neither was found within the budget.
  case outOfBudget(Budget)
}

/// Why a search ended without an answer.
public enum Obstacle: Sendable, Equatable {
  /// Boxes became too small to be split, or no sign is left to split: what decides is within rounding.
  case rounding
  /// A value may leave the range in which the deployed network is known.
  case range
  /// More units are open than a search of their signs takes, and too many inputs move to split their box.
  case size
}

/// What was used up.
public enum Budget: Sendable, Equatable {
  case splits
  case time
}

/// A counterexample.
public struct Violation: Sendable, Equatable {
  /// Which case of the property, and which conjunction of the case.
  public var caseIndex, conjunction: Int
  /// `[inputs]`: a point of the box, in numbers that the network takes.
  public var point: [Double]
  /// `[inputs]`: the same in numbers that lie in the box for certain, or are as near to it as binary64
  /// has them; each is rounded by the network to that of `point`.
  public var stated: [Double]
  /// `[outputs]`: what the network itself computes there.
  public var outputs: [Double]
}

/// What a verification came to, and what it took.
public struct VerificationResult: Sendable, Equatable {
  /// What became of the property.
  public var answer: Answer
  /// Boxes that were bounded.
  public var boxes = 0
  /// Cases of the property that are decided.
  public var decidedCases = 0
  /// How often the smallest box was split.
  public var depth = 0
}
