import NetworkGraph
import ReLUChain

// Functions of one variable that are sums of shifted ReLUs.
extension Lowering {
  /// Clip, with any ends: `clip(x, lo, hi) = hi - relu(hi - lo - relu(x - lo))`.
  ///
  /// The earliest operator sets write no limit as the largest binary32 number: such an end is left
  /// out, and the run has to prove that it does not bind.
  func clip() throws(NodeRefusal) -> Lowered {
    guard data.elementType.isFloatingPoint else {
      return try clipped(from: try wholeEnd(1, "min"), to: try wholeEnd(2, "max"))
    }
    let largest = Double(Float.greatestFiniteMagnitude)
    let low = try call.number(input: 1, attribute: "min") ?? -Double.infinity
    let high = try call.number(input: 2, attribute: "max") ?? Double.infinity
    guard !low.isNaN, !high.isNaN, low < .infinity, high > -.infinity else {
      throw NodeRefusal("clips to \(plain(low))...\(plain(high)); expected numbers")
    }
    let isOpenBelow = low <= -largest
    let isOpenAbove = high >= largest
    var limit = Double.infinity
    if isOpenBelow { limit = min(limit, -low) }
    if isOpenAbove { limit = min(limit, high) }
    var result = try clipped(
      from: isOpenBelow ? nil : [low], to: isOpenAbove ? nil : [high])
    if limit < .infinity {
      let open = (isOpenBelow ? low : -.infinity)...(isOpenAbove ? high : .infinity)
      result.steps.insert(.limit(limit, clip: open, name: node.name), at: 0)
    }
    return result
  }

  /// Max and Min of the data and constants.
  func extremum() throws(NodeRefusal) -> Lowered {
    var result = unchanged()
    result.isNonNegative = data.isNonNegative
    for index in node.inputs.indices where index != dataIndex {
      let constant = try call.constant(index, "operand")
      try checkBatch(of: constant)
      try call.checkHeld(constant, as: "operand")
      let shape = try broadcastShape(data.shape, constant.shape)
      guard shape == data.shape, call.readsExactly(constant) else {
        throw NodeRefusal(
          "'\(constant.name)' \(shapeText(constant.shape)) is computed or larger than the data;"
            + " expected a stored constant that broadcasts to \(shapeText(data.shape))")
      }
      let map = try AxisMap.broadcasting(constant.shape, with: shape)
      let values = try stored(
        try constant.mapped(by: map, name: constant.name, budget: budget), as: "operand")
      var current = self
      current.isNonNegativeSoFar(result)
      let next =
        node.operatorType == "Max"
        ? try current.clipped(from: values, to: nil) : try current.clipped(from: nil, to: values)
      result.steps += next.steps
      result.isNonNegative = next.isNonNegative
      if !next.steps.isEmpty { result.softmax = nil }
      result.note = next.note ?? result.note
    }
    return result
  }

  private mutating func isNonNegativeSoFar(_ result: Lowered) {
    self = Lowering(
      call: call, data: data.with(isNonNegative: result.isNonNegative), dataIndex: dataIndex,
      batchSize: batchSize, budget: budget, limits: limits)
  }

  /// The data between two ends, each one number, or one for each unit; nil where there is none.
  func clipped(from low: [Double]?, to high: [Double]?) throws(NodeRefusal) -> Lowered {
    let count = try elementCount(of: data.shape)
    func spread(_ ends: [Double]) -> [Double] {
      ends.count == 1 ? [Double](repeating: ends[0], count: count) : ends
    }
    if let low, low.allSatisfy({ $0 == 0 }), high == nil { return rectified() }
    if low == nil, high == nil { return unchanged() }
    var steps: [Step] = []
    let relu = Step.relu(name: node.name)
    let (lower, upper) = (low.map(spread), high.map(spread))
    let shape = data.unitShape
    if let lower {
      if lower.contains(where: { $0 != 0 }) {
        steps.append(
          try virtualScaling(1, shift: lower.map { -$0 }, sources: [lower], shape: shape))
      }
      if !data.isNonNegative || lower.contains(where: { $0 != 0 }) { steps.append(relu) }
    }
    guard let upper else {
      steps.append(
        try virtualScaling(1, shift: lower ?? [], sources: [lower ?? []], shape: shape))
      return rewritten(steps, isNonNegative: lower?.allSatisfy { $0 >= 0 } ?? false)
    }
    let base = lower ?? [Double](repeating: 0, count: count)
    let room = zip(upper, base).map { $0 - $1 }
    // One rounding of binary64, where the difference of the ends is none of its numbers.
    let error = zip(room, zip(upper, base)).contains { $0 + $1.1 != $1.0 || $1.0 - $0 != $1.1 }
    steps += [
      try virtualScaling(
        -1, shift: room, sources: [upper, base],
        magnitude: zip(upper, base).map { $0.magnitude + $1.magnitude },
        uncertainty: Uncertainty(roundings: error ? 1 : 0), shape: shape),
      relu,
      try virtualScaling(-1, shift: upper, sources: [upper], shape: shape),
    ]
    let isAbove = lower != nil && zip(base, upper).allSatisfy { $0 >= 0 && $1 >= 0 }
    return rewritten(steps, isNonNegative: isAbove)
  }

  func rewritten(_ steps: [Step], isNonNegative: Bool) -> Lowered {
    var result = unchanged(steps: steps)
    result.isNonNegative = isNonNegative
    result.note = "'\(node.name)' (\(node.operatorType)) written as ReLUs, exactly"
    return result
  }

  /// LeakyRelu, PRelu, ThresholdedRelu at 0, Abs and HardSigmoid.
  func piecewiseLinear() throws(NodeRefusal) -> Lowered {
    switch node.operatorType {
    case "Abs": return try bent(slopes: [-1], rounds: false)
    case "LeakyRelu":
      return try bent(slopes: [try slope("alpha", default: Double(Float(0.01)))], rounds: true)
    case "PRelu":
      let constant = try call.constant(1, "slope")
      try checkBatch(of: constant)
      try call.checkHeld(constant, as: "slope")
      guard dataIndex == 0, try broadcastShape(data.shape, constant.shape) == data.shape,
        call.readsExactly(constant)
      else {
        throw NodeRefusal(
          "its slope \(shapeText(constant.shape)) is computed or does not broadcast to"
            + " \(shapeText(data.shape)) \(data.origin)")
      }
      let map = try AxisMap.broadcasting(constant.shape, with: data.shape)
      let slopes = try constant.mapped(by: map, name: constant.name, budget: budget)
      return try bent(slopes: try slopes.weights(as: "slope"), rounds: true)
    case "ThresholdedRelu":
      let threshold = try slope("alpha", default: 1)
      guard threshold == 0 else {
        throw NodeRefusal(
          "its threshold is \(plain(threshold)): it jumps there, which no sum of ReLUs does;"
            + " expected 0, which is Relu")
      }
      return rectified()
    default: return try hardSigmoid()
    }
  }

  private func slope(_ name: String, default standard: Double) throws(NodeRefusal) -> Double {
    let value = try call.float(name, default: standard)
    guard value.isFinite else {
      throw NodeRefusal("\(name) is \(value); expected a finite number")
    }
    return value
  }

  /// `x` where it is positive, `a x` where it is not.
  ///
  /// - Parameters:
  ///   - slopes: One, or one for each unit.
  ///   - rounds: Whether a deployed network rounds the product.
  func bent(slopes: [Double], rounds: Bool) throws(NodeRefusal) -> Lowered {
    try bent(Bend(below: slopes, roundings: rounds ? 1 : 0, sources: [slopes]))
  }

  /// `clip(alpha x + beta, 0, 1)`.
  private func hardSigmoid() throws(NodeRefusal) -> Lowered {
    let alpha = try slope("alpha", default: Double(Float(0.2)))
    let beta = try slope("beta", default: 0.5)
    let count = try elementCount(of: data.shape)
    try budget.take(3 * count)
    let scaling = Scaling(
      scale: [Double](repeating: alpha, count: count),
      shift: [Double](repeating: beta, count: count),
      shiftMagnitude: [Double](repeating: beta.magnitude, count: count), deployedRoundings: 2)
    var behind = data
    behind.isNonNegative = false
    var result = try Lowering(
      call: call, data: behind, dataIndex: dataIndex, batchSize: batchSize, budget: budget,
      limits: limits
    ).clipped(from: [0], to: [1])
    result.steps.insert(
      step(.scaling(scaling), from: data.unitShape, to: data.unitShape), at: 0)
    return result
  }
}

extension DataValue {
  fileprivate func with(isNonNegative: Bool) -> DataValue {
    var result = self
    result.isNonNegative = isNonNegative
    return result
  }
}
