import NetworkGraph

/// What a network may do with data of an integer type before it casts them: moves and choices, which are the same
/// for all numbers. Sums of integers wrap, and quotients lose their rest.
enum WholeNumbers {
  private static let choices: Set = [
    "ArgMax", "Cast", "Clip", "GatherND", "GlobalMaxPool", "Max", "MaxPool", "Min", "ReduceMax",
    "ReduceMin", "Relu", "Shape", "Size",
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

extension Lowering {
  /// The elements of a constant that stands beside the data where one of both is chosen, finite: whole numbers of
  /// the data's own type, or floating-point numbers.
  ///
  /// A Cast behind the choice rounds numbers in their order, so that it may as well stand in front, where ends
  /// that the network's format has stay what they are; the chain has it there, in the ball.
  func stored(_ constant: Constant, as role: String) throws(NodeRefusal) -> [Double] {
    guard !data.elementType.isFloatingPoint else { return try constant.weights(as: role) }
    guard constant.elementType == data.elementType, let values = constant.integers else {
      throw NodeRefusal(
        "\(role) '\(constant.name)' is \(constant.elementType.rawValue); expected"
          + " \(data.elementType.rawValue), as the data are")
    }
    let format = FloatFormat.binary32.coarser(call.deployed)
    // No input has more than 32 bits, so that binary64 has them all.
    if let wrong = values.first(where: { !format.represents(Double($0)) }) {
      throw NodeRefusal(
        "\(role) '\(constant.name)' has \(wrong), which a Cast behind it rounds; expected numbers of"
          + " the network's format")
    }
    return values.map { Double($0) }
  }

  /// One end of a Clip of whole numbers; nil where there is none, or no number of their type lies beyond.
  func wholeEnd(_ index: Int, _ role: String) throws(NodeRefusal) -> [Double]? {
    guard node.attributes[role] == nil else {
      throw NodeRefusal("its \(role) is an attribute; expected an input, of the data's own type")
    }
    guard let constant = try call.optionalConstant(index, role) else { return nil }
    guard constant.count == 1 else {
      throw NodeRefusal(
        "\(role) '\(constant.name)' is \(shapeText(constant.shape)); expected one number")
    }
    let range = data.elementType.wholeNumbers
    let isEnd = constant.doubles[0] == (role == "min" ? range?.lowerBound : range?.upperBound)
    if constant.elementType == data.elementType, isEnd { return nil }
    return try stored(constant, as: role)
  }
}
