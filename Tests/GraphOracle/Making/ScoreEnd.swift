import NumberSupport

/// What stands behind a network's scores, and what it makes of them.
public enum ScoreEnd: String, Sendable, CaseIterable {
  case none, softmax, logSoftmax, logOfSoftmax, softmaxInPieces, logSoftmaxInPieces, argMax
  case oneScore, sigmoid, complement, probabilities, probabilitiesReversed
  case oppositePair, oppositePairReversed

  /// Whether the classes are two, by one score.
  public var isBinary: Bool {
    switch self {
    case .none, .softmax, .logSoftmax, .logOfSoftmax, .softmaxInPieces, .logSoftmaxInPieces,
      .argMax:
      false
    default: true
    }
  }

  /// The scores of the classes, by those that the graph computes: of one score z those are 0 and z, the
  /// class with z being that of the probability above 1/2.
  public func scores(_ values: [AffineForm]) -> [AffineForm] {
    let zero = AffineForm(offset: .zero)
    switch self {
    case .oneScore, .sigmoid, .probabilities: return [zero, values[0]]
    case .complement, .probabilitiesReversed: return [values[0], zero]
    default: return values
    }
  }
}

extension GraphMaker {
  /// Appends an end; gives the name of the scores in front of it.
  mutating func end(_ end: ScoreEnd) -> String {
    switch end {
    case .oppositePair, .oppositePairReversed:
      let negative = node("Neg", [data.name])
      let pair = end == .oppositePair ? [negative, data.name] : [data.name, negative]
      step("Concat", pair, ["axis": .int(1)], shape: [1, 2])
      return data.name
    default:
      let scores = data.name
      dress(end)
      return scores
    }
  }

  private mutating func dress(_ end: ScoreEnd) {
    switch end {
    case .softmax: step("Softmax", [data.name], ["axis": .int(1)])
    case .logSoftmax: step("LogSoftmax", [data.name], ["axis": .int(1)])
    case .logOfSoftmax:
      step("Softmax", [data.name], ["axis": .int(1)])
      step("Log", [data.name])
    case .softmaxInPieces, .logSoftmaxInPieces: inPieces(isLogarithm: end == .logSoftmaxInPieces)
    case .argMax: step("ArgMax", [data.name], ["axis": .int(1)])
    case .sigmoid: step("Sigmoid", [data.name])
    case .complement:
      step("Sigmoid", [data.name])
      step("Sub", [stored([], data.type, [1]), data.name])
    case .probabilities, .probabilitiesReversed:
      step("Sigmoid", [data.name])
      let complement = node("Sub", [stored([], data.type, [1]), data.name])
      let pair = end == .probabilities ? [complement, data.name] : [data.name, complement]
      step("Concat", pair, ["axis": .int(1)])
    default: break
    }
  }

  private mutating func inPieces(isLogarithm: Bool) {
    let most = reduction("ReduceMax", data.name, axes: [1], keeps: true)
    let shifted = node("Sub", [data.name, most])
    let powers = node("Exp", [shifted])
    let sum = reduction("ReduceSum", powers, axes: [1], keeps: true)
    guard isLogarithm else { return step("Div", [powers, sum]) }
    step("Sub", [shifted, node("Log", [sum])])
  }
}
