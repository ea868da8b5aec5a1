import NetworkGraph

/// A value of the file that the chain computes, and where: what an exporter's own intermediate
/// values can be held against.
public struct ChainValue: Sendable, Equatable {
  /// The value's name in the file.
  public var name: String
  /// The node that writes it.
  public var node: String
  /// The node's operator.
  public var operatorType: String
  /// The affine stage, from 0.
  public var stage: Int
  /// How many of the stage's operators have run.
  public var operatorCount: Int
  /// Whether the ReLU behind the stage has run, too.
  public var isRectified: Bool

  /// Creates a value from its parts.
  public init(
    name: String, node: String, operatorType: String, stage: Int, operatorCount: Int,
    isRectified: Bool
  ) {
    (self.name, self.node, self.operatorType) = (name, node, operatorType)
    (self.stage, self.operatorCount, self.isRectified) = (stage, operatorCount, isRectified)
  }
}

/// A place between the operators of a chain.
struct ChainPlace {
  var stage = 0
  var operatorCount = 0
  var isRectified = false
}

/// A value on the data's path, and the last step before it.
struct NamedStep {
  var name: String
  var node: Node
  var tail: Int
}

extension ChainValue {
  init(_ step: NamedStep, at place: ChainPlace) {
    self.init(
      name: step.name, node: step.node.name, operatorType: step.node.operatorType,
      stage: place.stage, operatorCount: place.operatorCount, isRectified: place.isRectified)
  }
}
