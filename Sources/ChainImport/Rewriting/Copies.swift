import NetworkGraph
import ReLUChain

// Nodes that seem to branch, and do not: every path but one is unused, or all of them are the same.
extension ChainBuilder {
  /// Split of the data, of which one part is used.
  mutating func part(_ call: OperatorCall, _ data: DataValue) throws(NodeRefusal) -> Value {
    let node = call.node
    let used = node.outputs.indices.filter { isRead(node.outputs[$0]) }
    if used.count > 1, joinsBranches { return try parts(call, data, used) }
    guard let index = used.first, used.count == 1 else {
      throw NodeRefusal(
        "splits the data path into \(used.count) parts that are used; a chain does not branch")
    }
    let value = Value.data(append(try lowering(call, data, 0).part(index), to: data, by: node))
    if index == 0 { return value }
    set(value, named: node.outputs[index])
    return .unknown(dependsOnInput: true)
  }

  /// Split of the data into branches.
  private mutating func parts(
    _ call: OperatorCall, _ data: DataValue, _ used: [Int]
  ) throws(NodeRefusal) -> Value {
    var first = Value.unknown(dependsOnInput: true)
    for index in used {
      let lowered = try lowering(call, data, 0).part(index)
      let value = Value.data(append(lowered, to: data, by: call.node))
      if index == 0 { first = value } else { set(value, named: call.node.outputs[index]) }
    }
    return first
  }

  /// Whether a node or an output of the graph reads a value.
  func isRead(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    return isOutput(name) || !readers(of: name).isEmpty
  }

  /// `x + x`: the data as often as the node reads them; nil for any other node.
  mutating func multiple(
    of node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    guard ["Add", "Sum"].contains(node.operatorType), let name = node.inputs.first,
      node.inputs.allSatisfy({ $0 == name }), case .data(let data) = inputs[0]
    else { return nil }
    let lowered = try lowering(call, data, 0).multiple(node.inputs.count)
    note("\(node.label) written as \(node.inputs.count) x, exactly")
    return .data(append(lowered, to: data, by: node))
  }
}

extension ChainBuilder {
  /// Concat of the same values moved about, or of their negatives; nil for any other node.
  mutating func joined(
    _ node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    guard node.operatorType == "Concat", let parts = alike(inputs),
      let base = commonStep(of: parts.map(\.tail)),
      let axis = try? normalizedAxis(
        try call.int("axis", default: call.opsetVersion < 4 ? 1 : 0), rank: parts[0].shape.count),
      axis != parts[0].batchAxis
    else { return nil }
    var (sources, signs): ([Int], [Double]) = ([], [])
    var pieces: [(shape: [Int], elements: [Int])] = []
    for part in parts {
      guard let moves = try self.moves(of: part, over: base) else { return nil }
      pieces.append((part.shape, Array(sources.count..<sources.count + moves.sources.count)))
      sources += moves.sources
      signs += moves.sources.map { _ in moves.sign }
    }
    var x = parts[0]
    x.tail = base
    let lowering = self.lowering(call, x, 0)
    let shape = try call.joinedShape(pieces.map(\.shape), along: axis)
    try budget.take(2 * sources.count)
    let order = call.interleaved(pieces, along: axis)
    let unitShape = ReLUChain.withoutBatch(shape, batchAxis: x.batchAxis)
    var lowered = lowering.unchanged(steps: [
      try lowering.selection(order.map { sources[$0] }, from: self.shape(at: base), to: unitShape)
    ])
    if signs.contains(-1) {
      lowered.steps.append(
        try lowering.factor(order.map { signs[$0] }, .none, deployed: 0, unitShape))
    }
    lowered.shape = shape
    lowered.isNonNegative = parts.allSatisfy(\.isNonNegative) && !signs.contains(-1)
    if !signs.contains(-1),
      order.map({ sources[$0] }) == Array(0..<self.shape(at: base).reduce(1, *))
    {
      // Taken apart and put together again.
      lowered.steps = []
      x.isNonNegative = lowered.isNonNegative
      return .data(append(lowered, to: x, by: node))
    }
    note("\(node.label) of the same values in another order written as one step, exactly")
    return .data(append(lowered, to: x, by: node))
  }

  /// Where the elements of a value come from at an earlier step, and with which sign; nil where they are
  /// made otherwise.
  private func moves(
    of data: DataValue, over base: Int
  ) throws(NodeRefusal) -> (sources: [Int], sign: Double)? {
    let count = try elementCount(of: data.shape)
    try budget.take(count)
    var (sources, sign) = (Array(0..<count), 1.0)
    var index = data.tail
    while index != base {
      guard index >= 0, case .linear(let linear) = steps[index] else { return nil }
      switch linear.kind {
      case .selection(let selection):
        sources = sources.map { selection.source[$0] }
        if sources.contains(where: { $0 < 0 }) { return nil }
      case .scaling(let scaling):
        guard scaling.uncertainty == .none, scaling.scale.allSatisfy({ $0 == -1 }),
          scaling.shift.allSatisfy({ $0 == 0 })
        else { return nil }
        sign = -sign
      default: return nil
      }
      index = parents[index]
    }
    return (sources, sign)
  }

  /// The shape of the values at a step.
  func shape(at step: Int) -> [Int] {
    var index = step
    while index >= 0 {
      if case .linear(let linear) = steps[index] { return linear.outputShape }
      index = parents[index]
    }
    return reading.unitShape
  }
}

extension Lowering {
  /// The data times a whole number, added up: every sum but the first, which doubles, rounds.
  func multiple(_ count: Int) throws(NodeRefusal) -> Lowered {
    let factors = [Double](repeating: Double(count), count: try elementCount(of: data.shape))
    let roundings = count == 2 ? 0 : count
    var result = unchanged(
      steps: [try factor(factors, .none, deployed: roundings, data.unitShape)])
    result.isNonNegative = data.isNonNegative
    return result
  }
}
