/// A value of the file, as the node that writes it names it.
public struct NamedValue: Sendable, Equatable {
  /// The value's name in the file.
  public let name: String
  /// The node that writes it.
  public let node: String
  /// The node's operator.
  public let operatorType: String

  /// Creates a value from its parts.
  public init(name: String, node: String, operatorType: String) {
    (self.name, self.node, self.operatorType) = (name, node, operatorType)
  }
}

/// A value of the file that the chain computes, and where: what an exporter's own intermediate
/// values can be held against.
public struct ChainValue: Sendable, Equatable {
  /// What the file calls it.
  public let named: NamedValue
  /// The affine stage, from 0.
  public let stage: Int
  /// How many of the stage's operators have run.
  public let operatorCount: Int
  /// Whether the ReLU behind the stage has run, too.
  public let isRectified: Bool

  /// Creates a value from its parts.
  public init(_ named: NamedValue, stage: Int, operatorCount: Int, isRectified: Bool = false) {
    (self.named, self.stage) = (named, stage)
    (self.operatorCount, self.isRectified) = (operatorCount, isRectified)
  }

  /// The value's name in the file.
  public var name: String { named.name }
}

extension ReLUChain {
  /// The values of the file that the chain computes, in order of evaluation; those that a node only
  /// reshapes are listed like the ones that it computes.
  ///
  /// Operators and stages carry the names, so that what stands in front of an operator moves its values
  /// as well.
  public var values: [ChainValue] {
    stages.enumerated().flatMap { index, stage in
      let count = stage.operators.count
      return stage.operators.enumerated().flatMap { position, linear in
        linear.values.map { ChainValue($0, stage: index, operatorCount: position + 1) }
      }
        + stage.rectified.map {
          ChainValue($0, stage: index, operatorCount: count, isRectified: true)
        }
    }
  }
}
