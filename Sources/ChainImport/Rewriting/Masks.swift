import NetworkGraph
import ReLUChain

// Where with a stored mask: which of two values each element is, is known before any data come.
extension ChainBuilder {
  /// Where between two values that are made of the data: functions of the same values unit by unit, or branches
  /// side by side; nil for any other node.
  mutating func chosenByMask(
    _ node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    guard node.operatorType == "Where", inputs.count == 3,
      case .constant(let mask) = inputs[0], let parts = alike(Array(inputs[1...]))
    else { return nil }
    if let bend = try self.bend(by: mask, of: parts) {
      var x = parts[0]
      (x.tail, x.isNonNegative) = (bend.base, isRelu(bend.base))
      let lowered = try lowering(call, x, 1).bent(bend.function)
      if let text = lowered.note { note(text) }
      return .data(append(lowered, to: x, by: node))
    }
    return joinsBranches ? try branched(node, call, inputs) : nil
  }

  /// Both values as one function of those that they are made of; nil where they are made otherwise.
  private func bend(
    by mask: Constant, of parts: [DataValue]
  ) throws(NodeRefusal) -> (function: Bend, base: Int)? {
    let shape = parts[0].shape
    guard parts[1].shape == shape, try broadcastShape(mask.shape, shape) == shape,
      let base = commonStep(of: parts.map(\.tail)),
      let one = bend(of: parts[0].tail, over: base), let two = bend(of: parts[1].tail, over: base)
    else { return nil }
    let takesFirst = try mask.mask(over: shape, budget: budget)
    return (one.chosen(over: two, where: takesFirst), base)
  }
}

extension Bend {
  /// This function where the mask says so, and another one elsewhere.
  fileprivate func chosen(over other: Bend, where mask: [Bool]) -> Bend {
    func pick(_ one: [Double], _ two: [Double]) -> [Double] {
      mask.indices.map { mask[$0] ? one[one.count == 1 ? 0 : $0] : two[two.count == 1 ? 0 : $0] }
    }
    return Bend(
      above: pick(above, other.above), below: pick(below, other.below),
      roundings: max(roundings, other.roundings), sources: sources + other.sources)
  }
}

extension Constant {
  /// A stored mask spread over a shape, `[count]`.
  func mask(over shape: [Int], budget: ElementBudget) throws(NodeRefusal) -> [Bool] {
    guard elementType == .bool, isExact, let values = integers else {
      throw NodeRefusal("its condition '\(name)' is \(elementType.rawValue); expected bool")
    }
    let map = try AxisMap.broadcasting(self.shape, with: shape)
    try budget.take(try elementCount(of: shape))
    return try map.sources().map { values[$0] != 0 }
  }
}

extension Lowering {
  /// Where with a stored mask between the data and a constant: both are moved, and nothing is computed.
  func selected() throws(NodeRefusal) -> Lowered {
    guard dataIndex > 0, node.inputs.count == 3 else {
      throw NodeRefusal(RefusedOperators.reasonOnData(for: node.operatorType))
    }
    let (mask, other) = (
      try call.constant(0, "condition"), try call.constant(3 - dataIndex, "operand")
    )
    try call.checkHeld(other, as: "operand")
    guard call.readsExactly(other) else {
      throw NodeRefusal("chooses between the data and computed constants; expected stored ones")
    }
    let shape = try broadcastShape(try broadcastShape(data.shape, mask.shape), other.shape)
    guard try elementCount(of: shape) <= limits.units else { throw NodeRefusal.tooManyUnits(shape) }
    let batchAxis = data.batchAxis.map { $0 + shape.count - data.shape.count }
    if let batchAxis, shape[batchAxis] != 1 { throw mixing("uses different constants") }
    let takesFirst = try mask.mask(over: shape, budget: budget)
    let values = try stored(other, as: "operand")
    try budget.take(2 * takesFirst.count)
    let own = try AxisMap.broadcasting(data.shape, with: shape).sources()
    let others = try AxisMap.broadcasting(other.shape, with: shape).sources()
    let isOwn = takesFirst.map { $0 == (dataIndex == 1) }
    let source = isOwn.indices.map { isOwn[$0] ? own[$0] : -1 }
    let constant = isOwn.indices.map { isOwn[$0] ? 0 : values[others[$0]] }
    var result = unchanged(steps: [
      try selection(
        source, constant: constant, from: data.unitShape,
        to: ReLUChain.withoutBatch(shape, batchAxis: batchAxis))
    ])
    (result.shape, result.batchAxis) = (shape, batchAxis)
    result.isNonNegative = data.isNonNegative && constant.allSatisfy { $0 >= 0 }
    return result
  }
}
