/// Why one node of a graph cannot be used, in words, without the node's own name.
public struct NodeRefusal: Error, Equatable, Sendable {
  /// What was found and, where it can be said, what was expected.
  public var reason: String
  /// Whether the node is refused only because it mixes what was taken for the examples of a batch.
  public var mixesBatch: Bool
  /// Whether the node is refused only because it asks for more elements than its file may.
  public var exceedsBudget: Bool

  /// Creates a refusal.
  public init(_ reason: String, mixesBatch: Bool = false, exceedsBudget: Bool = false) {
    (self.reason, self.mixesBatch) = (reason, mixesBatch)
    self.exceedsBudget = exceedsBudget
  }
}

/// The number of elements that may still be made from what a file holds.
///
/// A few bytes of a file can ask for arrays of any size (ConstantOfShape, Expand, a pad, a chain of
/// Concats): everything that is not stored in the file itself is paid for here before it is made.
public final class ElementBudget {
  /// The multiple of the file's own elements that may be made beside the allowance.
  public static let multiple = 8

  private var remaining: Int

  /// Creates the budget of a graph.
  ///
  /// - Parameter allowance: What a file may ask for beyond a multiple of its own size.
  public init(for graph: Graph, allowance: Int) {
    var stored = 0
    for tensor in graph.initializers.values {
      stored += tensor.count
    }
    for node in graph.nodes {
      for case .tensor(let tensor) in node.attributes.values {
        stored += tensor.count
      }
    }
    let (scaled, isHuge) = stored.multipliedReportingOverflow(by: Self.multiple)
    let (total, isTooLarge) = scaled.addingReportingOverflow(allowance)
    remaining = isHuge || isTooLarge ? Int.max : total
  }

  /// Pays for an array before it is made.
  public func take(_ count: Int) throws(NodeRefusal) {
    try require(count)
    remaining -= count
  }

  /// Refuses what could not be paid for, before the work of which it is the result.
  public func require(_ count: Int) throws(NodeRefusal) {
    guard count <= remaining else {
      throw NodeRefusal(
        "asks for \(count) more elements; expected at most \(remaining), a limit that follows from"
          + " the file's size", exceedsBudget: true)
    }
  }
}
