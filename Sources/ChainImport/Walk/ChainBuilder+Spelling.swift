import NetworkGraph
import ReLUChain

// Operators that others spell out.
extension ChainBuilder {
  /// CastLike as Cast, where the type is known, and FeatureVectorizer of columns as Concat; any other node as it
  /// is.
  func spelledOut(_ node: Node) -> Node {
    if node.operatorType == "FeatureVectorizer", node.domain == "ai.onnx.ml", isJoin(node) {
      return Node(
        name: node.name, operatorType: "Concat", inputs: node.inputs, outputs: node.outputs,
        attributes: ["axis": .int(1)])
    }
    guard node.operatorType == "CastLike", node.domain.isEmpty, node.inputs.count == 2 else {
      return node
    }
    let type: ElementType
    switch value(node.inputs[1]) {
    case .constant(let constant): type = constant.elementType
    case .data(let data): type = data.elementType
    default: return node
    }
    var cast = node
    (cast.operatorType, cast.inputs) = ("Cast", [node.inputs[0]])
    cast.attributes["to"] = .int(Int64(type.onnxCode))
    return cast
  }

  /// Whether FeatureVectorizer joins what it reads as it is: rows of the widths that it names, in the type that it
  /// makes; what is not known is refused elsewhere.
  private func isJoin(_ node: Node) -> Bool {
    guard case .ints(let widths) = node.attributes["inputdimensions"],
      widths.count == node.inputs.count, node.attributes.count == 1
    else { return false }
    return zip(node.inputs, widths).allSatisfy { name, width in
      switch value(name) {
      case .constant(let constant):
        constant.elementType == .float32 && constant.shape == [1, Int(width)]
      case .data(let data):
        data.elementType == .float32 && data.shape == [1, Int(width)] && data.batchAxis ?? 0 == 0
      default: true
      }
    }
  }

  /// Mean: the sum, divided by the number of its terms.
  mutating func mean(
    _ node: Node, _ inputs: [Value?], _ reaching: [Int]
  ) throws(NodeRefusal) -> Value {
    var sum = node
    sum.operatorType = "Sum"
    let value = try result(of: sum, inputs, reaching: reaching, isKnown: true)
    guard case .data(let data) = value else { return value }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: inputs.map { _ in nil },
      deployed: deployed)
    let lowered = try lowering(call, data, 0).divided(by: inputs.count)
    return .data(append(lowered, to: data, by: node))
  }

  /// Whether attributes and constants decide if a node is part of a chain.
  func isDecidedByParameters(
    _ node: Node, _ inputs: [Value?], _ reaching: [Int]
  ) -> Bool {
    guard RefusedOperators.decidedByParameters.contains(node.operatorType), reaching == [0],
      case .data = inputs[0]
    else { return false }
    return node.domain.isEmpty
  }
}
