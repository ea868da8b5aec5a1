/// What is said of one operator of a chain, or of the ReLUs between two stages.
public struct LayerDescription: Sendable, Equatable {
  /// The kind of a layer of ReLUs.
  public static let reluKind = "relu"

  /// `dense`, `convolution`, `scaling`, `selection` or `relu`.
  public var kind: String
  /// The node in the file; empty where none is meant.
  public var name: String
  /// The operator's type in the file.
  public var operatorType: String
  /// The shape that goes in, without the batch dimension.
  public var inputShape: [Int]
  /// The shape that comes out.
  public var outputShape: [Int]
  /// The numbers of the file that the operator uses: weights, biases, statistics.
  public var parameterCount: Int

  /// Creates a description from its parts.
  public init(
    kind: String, name: String, operatorType: String, inputShape: [Int], outputShape: [Int],
    parameterCount: Int
  ) {
    (self.kind, self.name) = (kind, name)
    (self.operatorType, self.inputShape) = (operatorType, inputShape)
    (self.outputShape, self.parameterCount) = (outputShape, parameterCount)
  }

  /// The number of output units.
  public var outputCount: Int { outputShape.reduce(1, *) }

  /// The ReLUs behind it.
  fileprivate var relu: LayerDescription {
    LayerDescription(
      kind: Self.reluKind, name: "", operatorType: "Relu", inputShape: outputShape,
      outputShape: outputShape, parameterCount: 0)
  }
}

extension ReLUChain {
  /// The chain's operators and ReLUs, in order of evaluation.
  public var layers: [LayerDescription] {
    stages.enumerated().flatMap { index, stage in
      let operators = stage.operators.map { linear in
        LayerDescription(
          kind: linear.kind.name, name: linear.name, operatorType: linear.operatorType,
          inputShape: linear.inputShape, outputShape: linear.outputShape,
          parameterCount: linear.fileParameters ?? linear.kind.parameterCount)
      }
      return operators + (index + 1 < stages.count ? operators.suffix(1).map(\.relu) : [])
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
