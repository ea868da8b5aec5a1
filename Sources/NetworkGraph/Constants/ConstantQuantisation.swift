extension OperatorCall {
  /// DequantizeLinear of a constant: `(q - zero point) scale`, one scale in all or one for each index
  /// of an axis; the difference and the product are rounded to the scale's type.
  func dequantized(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let (input, scale) = (try constant(0, "input"), try constant(1, "scale"))
    guard let codes = input.integers, scale.elementType.isFloatingPoint else {
      throw NodeRefusal(
        "its input is \(input.elementType.rawValue), its scale \(scale.elementType.rawValue); expected"
          + " integers and a floating-point scale")
    }
    guard try int("block_size", default: 0) == 0 else {
      throw NodeRefusal("quantised in blocks; expected one scale, or one for each index of an axis")
    }
    try budget.take(2 * input.count)
    let points = try optionalConstant(2, "zero point")
    func spread(_ values: Constant) throws(NodeRefusal) -> Constant {
      guard values.count > 1 else {
        let map = try AxisMap.broadcasting([], with: input.shape)
        var single = values
        single.shape = []
        return try single.mapped(by: map, name: values.name, budget: budget)
      }
      let axis = try normalizedAxis(try int("axis", default: 1), rank: input.shape.count)
      var shape = [Int](repeating: 1, count: input.shape.count)
      shape[axis] = input.shape[axis]
      guard values.shape == [input.shape[axis]] else {
        throw NodeRefusal(
          "'\(values.name)' is \(shapeText(values.shape)); expected [\(input.shape[axis])]")
      }
      var along = values
      along.shape = shape
      let map = try AxisMap.broadcasting(shape, with: input.shape)
      return try along.mapped(by: map, name: values.name, budget: budget)
    }
    let zeros = try points.map { (points) throws(NodeRefusal) in try spread(points).integers ?? [] }
    guard zeros == nil || zeros?.count == codes.count else {
      throw NodeRefusal("its zero point is not of integers")
    }
    var steps = input
    steps.elementType = scale.elementType
    steps.elements = .double(
      codes.indices.map { Double(codes[$0]) - Double(zeros?[$0] ?? 0) })
    // A code of many digits is none of the type's numbers, a large one may be beyond them.
    let format = format(of: scale.elementType)
    steps.setErrors(steps.doubles.map(format.error(reading:)))
    return try product(steps, try spread(scale), budget)
  }
}
