import NetworkGraph

/// A validated ReLU feed-forward chain: the only network type that the mathematics accepts.
///
/// Wong & Kolter 2018, eq. (1): `zhat_{i+1} = W_i z_i + b_i`, `z_i = max(zhat_i, 0)`. Each stage is
/// one `W_i`, written as the operators of the file in order of evaluation; a ReLU stands between
/// consecutive stages, and none after the last.
public struct ReLUChain: Sendable {
  /// The shape of one example without the batch dimension.
  public let inputShape: [Int]
  /// The affine stages; never empty, and no stage is empty of operators.
  public let stages: [AffineStage]
  /// What was left out or added, in words for the report ("final Softmax 'prob' dropped: ...").
  public let notes: [String]
  /// The narrowest floating-point type of the data path, as the file declares it.
  public let elementType: ElementType
  /// Whether a Cast on the data path rounds to a narrower type.
  public let narrowsData: Bool
  /// The finest format in which a constant that the file computes was charged; nil where the file
  /// computes none.
  private let constantFormat: FloatFormat?
  /// Why the chain can be looked at, but not certified; nil for a classifier.
  public let refusal: ChainRefusal?
  /// The numbers that the input takes where its type is one of integers: no other is given to the network,
  /// so that no other is a counterexample; nil for any other type.
  public private(set) var wholeInputs: ClosedRange<Double>?
  /// What the file calls the features, where it has an input for each; nil for any other network.
  public private(set) var columns: InputColumns?
  /// Whether the network has one score, which is read as the logits 0 and that score.
  public private(set) var hasOneScore = false

  /// Creates a chain whose operators already fit together.
  public init(
    inputShape: [Int], stages: [AffineStage], notes: [String], elementType: ElementType = .float32,
    narrowsData: Bool = false, constantFormat: FloatFormat? = nil, refusal: ChainRefusal? = nil
  ) {
    precondition(!stages.isEmpty, "a chain computes something")
    (self.inputShape, self.stages, self.notes) = (inputShape, stages, notes)
    (self.elementType, self.narrowsData) = (elementType, narrowsData)
    (self.constantFormat, self.refusal) = (constantFormat, refusal)
    var count = inputShape.reduce(1, *)
    for stage in stages {
      for linear in stage.operators {
        precondition(linear.inputCount == count, "operator does not fit its input")
        count = linear.outputCount
      }
    }
  }

  /// The number of features of one example.
  public var inputCount: Int { inputShape.reduce(1, *) }
  /// Whether the errors of constants cover a network that is deployed in this format.
  public func isRead(for format: FloatFormat) -> Bool { constantFormat?.covers(format) ?? true }

  /// Every number of the file that a network deployed in this format cannot hold: nothing is known of
  /// such a network.
  public func obstacles(in format: FloatFormat) -> [ChainRefusal] {
    stages.flatMap(\.operators).flatMap { linear in
      linear.obstacles(in: format).map {
        ChainRefusal(.node(linear.name, operatorType: linear.operatorType), $0)
      }
    }
  }

  /// The number of logits.
  public var classCount: Int { stages.last?.outputCount ?? 0 }

  /// The chain with other operators, and with a note more.
  package func with(stages: [AffineStage], note: String? = nil) -> ReLUChain {
    ReLUChain(
      inputShape: inputShape, stages: stages, notes: notes + (note.map { [$0] } ?? []),
      elementType: elementType, narrowsData: narrowsData, constantFormat: constantFormat,
      refusal: refusal
    ).taking(wholeInputs).reading(columns).having(oneScore: hasOneScore)
  }

  /// The chain of a network that has one score, or more.
  package func having(oneScore: Bool) -> ReLUChain {
    var result = self
    result.hasOneScore = oneScore
    return result
  }

  /// The chain with an input of whole numbers.
  package func taking(_ wholeInputs: ClosedRange<Double>?) -> ReLUChain {
    var result = self
    result.wholeInputs = wholeInputs
    return result
  }

  /// The chain whose file calls the features by these names.
  package func reading(_ columns: InputColumns?) -> ReLUChain {
    var result = self
    result.columns = columns
    return result
  }

  /// The chain with a note more, where there is one.
  package func noting(_ note: String?) -> ReLUChain {
    note.map { with(stages: stages, note: $0) } ?? self
  }

  /// The chain with every operator changed.
  package func mapOperators(_ change: (LinearOperator) -> LinearOperator) -> ReLUChain {
    with(stages: stages.map { $0.with(operators: $0.operators.map(change)) })
  }
}

/// The affine map between two ReLUs: one or more linear operators in a row.
public struct AffineStage: Sendable {
  /// In order of evaluation; never empty.
  public let operators: [LinearOperator]
  /// The values of the file behind the ReLU that follows.
  package let rectified: [NamedValue]

  /// Creates a stage.
  public init(operators: [LinearOperator]) {
    self.init(operators: operators, rectified: [])
  }

  package init(operators: [LinearOperator], rectified: [NamedValue]) {
    precondition(!operators.isEmpty, "a stage computes something")
    (self.operators, self.rectified) = (operators, rectified)
  }

  /// The stage with other operators in front of the same ReLU.
  package func with(operators: [LinearOperator]) -> AffineStage {
    AffineStage(operators: operators, rectified: rectified)
  }

  /// The number of output units: the width of the layer of pre-activations.
  public var outputCount: Int { operators.last?.outputCount ?? 0 }
}
