import NetworkGraph
import ReLUChain

/// What a network for two classes makes of its one score behind the Sigmoid.
enum BinaryEnd: Equatable, Sendable {
  /// `p`, the probability of class 1.
  case probability
  /// `1 - p`.
  case complement
  /// Both, `[1 - p, p]`, or the other way round.
  case pair(complementFirst: Bool)
}

extension Lowering {
  /// Sigmoid of one score, which keeps its sign: what stands in front of it is certified.
  func sigmoid() throws(NodeRefusal) -> Lowered {
    guard try elementCount(of: data.shape) == 1, data.softmax == nil else {
      throw NodeRefusal(
        "the sigmoid of \(shapeText(data.shape)) scores: labels that do not exclude each other, each a"
          + " question of its own; expected one score, or Softmax over classes")
    }
    var result = unchanged()
    result.softmax = node
    result.binaryEnd = .probability
    return result
  }

  /// `1 - p` behind a Sigmoid.
  func complement() throws(NodeRefusal) -> Lowered {
    let constant = try call.constant(0, "operand")
    guard constant.count == 1, call.readsExactly(constant), constant.doubles[0] == 1 else {
      throw NodeRefusal("'\(constant.name)' less a probability; expected 1, or scores alone")
    }
    var result = unchanged()
    result.binaryEnd = .complement
    return result
  }

  /// Log behind Softmax, which keeps the order of the classes.
  func logarithm() throws(NodeRefusal) -> Lowered {
    guard ["Softmax", "Exp"].contains(data.softmax?.operatorType) else {
      throw NodeRefusal("the logarithm is neither linear nor a ReLU; \(RefusedOperators.pattern)")
    }
    var result = unchanged()
    // Not twice: the logarithm of a probability is negative.
    result.softmax = node
    return result
  }

  /// Scaler of ai.onnx.ml: `(x - offset) scale`, one number or one a feature.
  func scaler() throws(NodeRefusal) -> Lowered {
    let features = data.shape.last ?? 1
    func numbers(_ name: String) throws(NodeRefusal) -> Constant {
      guard case .floats(let values) = node.attributes[name],
        values.count == 1 || values.count == features
      else {
        throw NodeRefusal("its \(name) is missing or fits neither 1 nor \(features) features")
      }
      return Constant(
        name: name, shape: [values.count], elementType: .float32, elements: .double(values))
    }
    var offset = try numbers("offset")
    let scale = try numbers("scale")
    offset.elements = .double(try offset.weights(as: "offset").map { -$0 })
    let count = try elementCount(of: data.shape)
    let shape = data.unitShape
    func spread(_ constant: Constant) throws(NodeRefusal) -> Constant {
      let map = try AxisMap.broadcasting(constant.shape, with: data.shape)
      return try constant.mapped(by: map, name: constant.name, budget: budget)
    }
    let factors = try spread(scale).weights(as: "scale")
    var result = unchanged(steps: [
      try shift(by: try spread(offset), shape: shape),
      try factor(factors, .none, deployed: 1, shape),
    ])
    guard count > 0 else { throw NodeRefusal("its data is empty") }
    if !result.elementType.isFloatingPoint { result.elementType = .float32 }
    return result
  }
}

extension ChainBuilder {
  /// `[-z, z]` of one score, either way round: two logits; nil for any other Concat.
  mutating func oppositePair(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard node.operatorType == "Concat", node.domain.isEmpty, inputs.count == 2,
      case .data(let first) = inputs[0], case .data(let second) = inputs[1],
      first.shape == second.shape, first.shape.allSatisfy({ $0 == 1 }), !first.shape.isEmpty,
      first.softmax == nil, second.softmax == nil, case .int(let axis) = node.attributes["axis"]
    else { return nil }
    let rank = first.shape.count
    let place = Int(axis) + (axis < 0 ? rank : 0)
    // Of two axes and more the first is the batch.
    guard (rank > 1 ? 1..<rank : 0..<1).contains(place), place != first.batchAxis else {
      return nil
    }
    let isFirstNegative = isNegative(first.tail, of: second.tail)
    guard isFirstNegative || isNegative(second.tail, of: first.tail) else { return nil }
    var data = isFirstNegative ? second : first
    let linear = LinearOperator(
      name: node.name, operatorType: node.operatorType,
      kind: .dense(Dense(weights: isFirstNegative ? [-1, 1] : [1, -1], bias: [0, 0])),
      inputShape: data.unitShape, outputShape: [2], isVirtual: true)
    data.tail = append(.linear(linear), after: data.tail)
    data.shape[place] = 2
    (data.isNonNegative, data.origin) = (false, "after '\(node.name)'")
    note("\(node.label) of a score and its negative written as two logits, exactly")
    return .data(data)
  }

  /// Whether one step is the negative of another, exactly.
  private func isNegative(_ tail: Int, of other: Int) -> Bool {
    guard tail >= 0, parents[tail] == other, case .linear(let linear) = steps[tail],
      case .scaling(let scaling) = linear.kind
    else { return false }
    return scaling.scale == [-1] && scaling.shift == [0] && scaling.uncertainty == .none
  }

  /// `[1 - p, p]` of the probability behind one Sigmoid; nil for any other Concat.
  func binaryPair(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard node.operatorType == "Concat", node.domain.isEmpty, inputs.count == 2,
      case .data(var first) = inputs[0], case .data(let second) = inputs[1],
      first.tail == second.tail, let end = first.binaryEnd, let other = second.binaryEnd,
      [end, other] == [.complement, .probability] || [end, other] == [.probability, .complement],
      first.shape == second.shape, case .int(let axis) = node.attributes["axis"],
      let place = try? normalizedAxis(Int(axis), rank: first.shape.count),
      place != first.batchAxis, place > 0 || first.shape.count == 1
    else { return nil }
    first.binaryEnd = .pair(complementFirst: end == .complement)
    first.shape[place] = 2
    first.origin = "after '\(node.name)'"
    return .data(first)
  }

  /// The probability of class 1 that a node cuts out of those of two classes: one score behind a Sigmoid,
  /// `z1 - z0`; nil for any other node.
  func probability(cutOutBy lowered: Lowered, of data: DataValue) -> Lowered? {
    guard let softmax = data.softmax, data.shape.reduce(1, *) == 2, lowered.steps.count == 1,
      case .linear(let linear) = lowered.steps[0], case .selection(let selection) = linear.kind,
      selection.source == [1]
    else { return nil }
    var result = lowered
    result.softmax = softmax
    result.isNonNegative = false
    if case .pair(let complementFirst) = data.binaryEnd {
      result.steps = []
      result.binaryEnd = complementFirst ? .probability : .complement
      return result
    }
    guard data.binaryEnd == nil, softmax.operatorType == "Softmax" else { return nil }
    let difference = LinearOperator(
      name: linear.name, operatorType: linear.operatorType,
      kind: .dense(Dense(weights: [-1, 1], bias: [0])), inputShape: data.unitShape,
      outputShape: [1], isVirtual: true)
    result.steps = [.linear(difference)]
    result.binaryEnd = .probability
    return result
  }

  /// Why the probability of class 0 alone is refused; nil where it is not that which a node cuts out.
  static func cutsOutFirst(_ lowered: Lowered, of data: DataValue, by node: Node) -> String? {
    guard data.shape.reduce(1, *) == 2, lowered.steps.count == 1,
      case .linear(let linear) = lowered.steps[0], case .selection(let selection) = linear.kind,
      selection.source == [0]
    else { return nil }
    return
      "\(node.label) cuts out the first of two probabilities: nothing says which class one probability is"
      + " then; expected that of class 1, or both"
  }

  /// Whether a value is one score that lies between 0 and 1 whatever the input is, as probabilities do, by all
  /// that can be seen of it. Its sign is no class.
  func isUnitInterval(_ data: DataValue) -> Bool {
    guard data.binaryEnd == nil, data.shape.allSatisfy({ $0 == 1 }) else { return false }
    var builder = self
    let stages = builder.assembled(path(to: data.tail))
    return !ReLUChain(inputShape: reading.unitShape, stages: stages, notes: []).leavesUnitInterval
  }

  static func refusal(ofProbability name: String, _ data: DataValue) -> ChainRefusal {
    ChainRefusal(
      .output(name),
      "one score that lies between 0 and 1 \(data.origin), like a probability, wherever it was evaluated, and"
        + " nothing says where class 1 begins; expected the score in front of it, whose class is its sign, or Sigmoid"
        + " behind that")
  }

  /// The step from one score `z` to the logits 0 and `z`, and what a person should know of it.
  static func twoLogits(of end: BinaryEnd?, name: String) -> (Step, note: String) {
    let isReversed = end == .complement || end == .pair(complementFirst: false)
    let linear = LinearOperator(
      name: name, operatorType: "Identity",
      kind: .dense(Dense(weights: isReversed ? [1, 0] : [0, 1], bias: [0, 0])),
      inputShape: [1], outputShape: [2], isVirtual: true)
    let (zero, score) = isReversed ? (1, 0) : (0, 1)
    return (
      .linear(linear),
      "one score z read as two classes, with the logits \(isReversed ? "z and 0" : "0 and z"): class"
        + " \(score) where z > 0" + (end == nil ? "" : ", a probability above 0.5")
        + ", else class \(zero)"
    )
  }
}
