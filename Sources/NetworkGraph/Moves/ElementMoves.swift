/// What an operator does that moves single elements, each to a place of its own: the axes do not tell it apart.
public struct ElementMoves: Sendable, Equatable {
  /// The input element (row-major) of every output element; -1 for 0.
  public var sources: [Int]
  /// The shape of the result.
  public var shape: [Int]
}

extension OperatorCall {
  /// The elements that Trilu or GatherElements makes of its first input; nil for any other operator.
  ///
  /// - Parameter budget: Pays for the list.
  public func elementMoves(
    of shape: [Int], budget: ElementBudget
  ) throws(NodeRefusal) -> ElementMoves? {
    switch node.operatorType {
    case "Trilu": try triangle(of: shape, budget)
    case "GatherElements": try gatheredElements(of: shape, budget)
    default: nil
    }
  }

  /// Trilu: the upper or the lower part of each matrix, counted from a diagonal.
  private func triangle(
    of shape: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> ElementMoves {
    guard shape.count >= 2 else {
      throw NodeRefusal("of \(shapeText(shape)); expected matrices")
    }
    let isUpper = try flag("upper", default: true)
    var diagonal = 0
    if let constant = try optionalConstant(1, "diagonal") {
      guard let number = constant.integers?.first, constant.count == 1 else {
        throw NodeRefusal(
          "its diagonal '\(constant.name)' is \(constant.elementType.rawValue)"
            + " \(shapeText(constant.shape)); expected one integer")
      }
      diagonal = number
    }
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let count = try elementCount(of: shape)
    try budget.take(count)
    // Beyond its corners a matrix has no diagonals.
    diagonal = min(max(diagonal, -rows), columns)
    let sources = (0..<count).map { element in
      let (row, column) = (element / columns % rows, element % columns)
      let isKept = isUpper ? column >= row + diagonal : column <= row + diagonal
      return isKept ? element : -1
    }
    return ElementMoves(sources: sources, shape: shape)
  }

  /// GatherElements: along one axis each element from the place that a stored index says.
  private func gatheredElements(
    of shape: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> ElementMoves {
    let table = try constant(1, "index list")
    let axis = try normalizedAxis(try int("axis", default: 0), rank: shape.count)
    guard let indices = table.integers, table.shape.count == shape.count,
      shape.indices.allSatisfy({ $0 == axis || table.shape[$0] <= shape[$0] })
    else {
      throw NodeRefusal(
        "its indices '\(table.name)' are \(table.elementType.rawValue) \(shapeText(table.shape)); expected"
          + " integers that fit \(shapeText(shape))")
    }
    let size = shape[axis]
    if let index = indices.first(where: { $0 < -size || $0 >= size }) {
      throw NodeRefusal("index \(index) is outside an axis of \(size)")
    }
    try budget.take(indices.count)
    let strides = rowMajorStrides(of: shape)
    let own = rowMajorStrides(of: table.shape)
    let sources = indices.indices.map { element in
      let index = indices[element]
      return shape.indices.reduce(0) { sum, other in
        let place = element / own[other] % table.shape[other]
        return sum + strides[other] * (other == axis ? (index < 0 ? index + size : index) : place)
      }
    }
    return ElementMoves(sources: sources, shape: table.shape)
  }
}

extension OperatorCall {
  /// EyeLike: ones on a diagonal of a matrix like its input, 0 elsewhere.
  func identityMatrix(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "input")
    guard input.shape.count == 2 else {
      throw NodeRefusal("like \(shapeText(input.shape)); expected a matrix")
    }
    var type = input.elementType
    if node.attributes["dtype"] != nil {
      let code = try int("dtype", default: 0)
      guard let named = ElementType(onnxCode: code) else {
        throw NodeRefusal("makes type \(code); expected a type of numbers")
      }
      type = named
    }
    let columns = input.shape[1]
    let diagonal = min(max(try int("k", default: 0), -input.shape[0]), columns)
    try budget.take(input.count)
    let flags = (0..<input.count).map { $0 % columns == $0 / columns + diagonal }
    return Constant(
      name: outputName, shape: input.shape, elementType: type,
      elements: type.isFloatingPoint
        ? .double(flags.map { $0 ? 1 : 0 }) : .integer(flags.map { $0 ? 1 : 0 }))
  }
}
