/// Every reason why a graph is not a ReLU chain; never empty.
public struct ChainRefusals: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reasons, in the order of evaluation.
  public let reasons: [ChainRefusal]

  /// Creates the refusal of a graph; there must be a reason.
  public init(reasons: [ChainRefusal]) {
    precondition(!reasons.isEmpty, "a refusal has a reason")
    self.reasons = reasons
  }

  /// One reason a line.
  public var description: String {
    reasons.map(\.description).joined(separator: "\n")
  }
}

/// One reason why a graph is not a ReLU chain.
public struct ChainRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// What part of a graph is meant.
  public enum Place: Equatable, Sendable {
    /// A node, by its name and operator.
    case node(String, operatorType: String)
    /// A declared input.
    case input(String)
    /// A declared output.
    case output(String)
    /// The graph as a whole.
    case graph
  }

  /// Where.
  public let place: Place
  /// What was found and, where it can be said, what was expected.
  public let reason: String

  /// Creates a refusal.
  public init(_ place: Place, _ reason: String) {
    (self.place, self.reason) = (place, reason)
  }

  /// The name of the node, input or output; empty for the graph as a whole.
  public var node: String {
    switch place {
    case .node(let name, _), .input(let name), .output(let name): name
    case .graph: ""
    }
  }

  /// The node's operator; empty where no node is meant.
  public var operatorType: String {
    if case .node(_, let operatorType) = place { operatorType } else { "" }
  }

  /// The message: `node 'pool1' (MaxPool): max pooling is neither linear nor a ReLU; ...`.
  public var description: String {
    let reason = reason.cut(to: 2000)
    return
      switch place
    {
    case .node(let name, let operatorType):
      "node '\(name.cut(to: 200))' (\(operatorType.cut(to: 200))): \(reason)"
    case .input(let name): "input '\(name.cut(to: 200))': \(reason)"
    case .output(let name): "output '\(name.cut(to: 200))': \(reason)"
    case .graph: "graph: \(reason)"
    }
  }
}

extension String {
  /// The text, or as much of its beginning as a person reads.
  func cut(to length: Int) -> String {
    guard
      let end = unicodeScalars.index(
        startIndex, offsetBy: length, limitedBy: endIndex), end < endIndex
    else { return self }
    return String(self[..<end]) + "..."
  }
}

/// A number as a person writes it: whole ones without a point.
package func plain(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? (value == .infinity ? "infinity" : "\(value)")
}
