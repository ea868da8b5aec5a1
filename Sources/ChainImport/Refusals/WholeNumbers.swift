import NetworkGraph

/// What a network may do with data of an integer type before it casts them: moves and choices, which are the same
/// for all numbers. Sums of integers wrap, and quotients lose their rest.
enum WholeNumbers {
  private static let choices: Set = [
    "ArgMax", "Cast", "GatherElements", "GatherND", "GlobalMaxPool", "Max", "MaxPool", "Min",
    "ReduceMax", "ReduceMin", "Relu", "Shape", "Size", "Trilu",
  ]

  /// - Parameter value: one that the node reads.
  static func check(_ node: Node, on value: ChainBuilder.Value?) throws(NodeRefusal) {
    guard case .data(let data) = value, !data.elementType.isFloatingPoint, node.domain.isEmpty
    else { return }
    let operation = node.operatorType
    var isExact = choices.contains(operation) || OperatorCall.moves.contains(operation)
    switch operation {
    // The least number of a type has no negative in it.
    case "Neg", "Abs": isExact = false
    case "Resize", "Upsample":
      if case .string(let mode)? = node.attributes["mode"] { isExact = mode == "nearest" }
    default: break
    }
    guard isExact else {
      throw NodeRefusal(
        "computes in \(data.elementType.rawValue), where sums wrap and quotients lose their rest;"
          + " expected a Cast to a floating-point type before it")
    }
  }
}
