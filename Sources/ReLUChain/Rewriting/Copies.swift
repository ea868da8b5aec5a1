import NetworkGraph

// Nodes that seem to branch, and do not: every path but one is unused, or all of them are the same.
extension ChainBuilder {
  /// Split of the data, of which one part is used.
  mutating func part(_ call: OperatorCall, _ data: DataValue) throws(NodeRefusal) -> Value {
    let node = call.node
    let used = node.outputs.indices.filter { isRead(node.outputs[$0]) }
    guard let index = used.first, used.count == 1 else {
      throw NodeRefusal(
        "splits the data path into \(used.count) parts that are used; a chain does not branch")
    }
    let value = Value.data(append(try lowering(call, data, 0).part(index), to: data, by: node))
    if index == 0 { return value }
    set(value, named: node.outputs[index])
    return .unknown(dependsOnInput: true)
  }

  private func isRead(_ name: String) -> Bool {
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
