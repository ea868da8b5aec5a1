import Numbers

/// The text of the property that asks whether a class can be beaten in a box: VNN-LIB 1.0, in the form of
/// the competition's benchmarks.
public struct PropertyText: Sendable {
  /// Lines of comment.
  public var comments: [String]
  /// `[inputs]`: the box, each end rounded outward to a decimal of 17 digits.
  public var lower, upper: [Double]
  /// The number of outputs.
  public var outputCount: Int
  /// The output that is to win.
  public var winner: Int
  /// The outputs that may beat it, in order.
  public var rivals: [Int]
  /// Whether the smallest output wins.
  public var smallestWins: Bool

  /// Creates a property.
  public init(
    comments: [String], lower: [Double], upper: [Double], outputCount: Int, winner: Int,
    rivals: [Int], smallestWins: Bool = false
  ) {
    (self.comments, self.lower, self.upper) = (comments, lower, upper)
    (self.outputCount, self.winner, self.rivals) = (outputCount, winner, rivals)
    self.smallestWins = smallestWins
  }

  /// The text, piece by piece; nil where an end is no finite number.
  public func pieces() -> [String]? {
    var pieces = comments.map { "; \($0)\n" }
    pieces += lower.indices.map { "(declare-const X_\($0) Real)\n" }
    pieces += (0..<outputCount).map { "(declare-const Y_\($0) Real)\n" }
    for feature in lower.indices {
      guard let low = DirectedDecimal.text(lower[feature], rounded: .down, digits: 17),
        let high = DirectedDecimal.text(upper[feature], rounded: .up, digits: 17)
      else { return nil }
      pieces.append("(assert (>= X_\(feature) \(low)))\n(assert (<= X_\(feature) \(high)))\n")
    }
    let comparison = smallestWins ? "<=" : ">="
    let disjuncts = rivals.map { "  (and (\(comparison) Y_\($0) Y_\(winner)))\n" }
    return pieces + ["(assert (or\n"] + disjuncts + ["))\n"]
  }
}
