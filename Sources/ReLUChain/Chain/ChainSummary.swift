/// What `inspect` says of one elementary operator of a chain.
public struct LayerSummary: Sendable, Equatable {
  /// The affine stage that it belongs to, from 0; a ReLU stands behind every stage but the last.
  public let stage: Int
  /// `dense`, `convolution`, `scaling` or `selection`.
  public let kind: String
  /// The node in the file.
  public let name: String
  /// The node's operator in the file.
  public let operatorType: String
  /// The shape of one example before it.
  public let inputShape: [Int]
  /// The shape of one example behind it.
  public let outputShape: [Int]
  /// The numbers of the file that the operator uses: weights, biases, statistics.
  public let parameters: Int
  /// Whether a ReLU follows directly.
  public let isFollowedByReLU: Bool

  /// The number of output units.
  public var units: Int { outputShape.reduce(1, *) }
}

extension ReLUChain {
  /// The chain's operators, in order of evaluation.
  public var layers: [LayerSummary] {
    stages.enumerated().flatMap { index, stage in
      stage.operators.enumerated().map { position, linear in
        LayerSummary(
          stage: index, kind: linear.kind.name, name: linear.name,
          operatorType: linear.operatorType, inputShape: linear.inputShape,
          outputShape: linear.outputShape,
          parameters: linear.fileParameters ?? linear.kind.parameterCount,
          isFollowedByReLU: index + 1 < stages.count && position + 1 == stage.operators.count)
      }
    }
  }
}

extension LinearOperator.Kind {
  /// The kind as reports name it.
  public var name: String {
    switch self {
    case .dense: "dense"
    case .convolution: "convolution"
    case .scaling: "scaling"
    case .selection: "selection"
    }
  }

  /// Whether the operator does more than repeat its inputs.
  package var computes: Bool {
    if case .selection = self { false } else { true }
  }

  /// The numbers that the operator holds; for a scaling those that are not a plain 1 or 0.
  var parameterCount: Int {
    switch self {
    case .dense(let dense): dense.weights.count + dense.bias.count
    case .convolution(let convolution): convolution.weights.count + convolution.bias.count
    case .scaling(let scaling):
      scaling.scale.count { $0 != 1 } + scaling.shift.count { $0 != 0 }
    case .selection: 0
    }
  }
}
