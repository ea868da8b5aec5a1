extension OperatorCall {
  /// Operators that only move constants, so that nothing is rounded.
  public static let moves: Set = [
    "Constant", "ConstantOfShape", "Concat", "Where", "Split", "Identity", "Dropout", "Reshape",
    "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather", "Expand", "Tile", "Pad",
    "DepthToSpace", "SpaceToDepth", "Resize", "Upsample", "Neg", "Abs", "Compress", "EyeLike",
    "GatherElements", "ReverseSequence", "ScatterElements", "ScatterND", "Trilu",
  ]

  /// The value of the node's first output, where all inputs are constants; nil for an operator that
  /// is not evaluated here.
  ///
  /// What is computed is held as its type has it: a prediction is the network's.
  ///
  /// - Parameter budget: Pays for every array that is made.
  public func folded(budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    try computed(budget)?.heldInItsType
  }

  private func computed(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    switch node.operatorType {
    case "Constant": try constantNode()
    case "ConstantOfShape": try constantOfShape(budget)
    case "Shape": try shape(of: try constant(0, "input").shape)
    case "Size": try size(of: try constant(0, "input").shape)
    case "Concat": try concatenation(budget)
    case "Cast": try cast(budget)
    case "Range": try range(budget)
    case "Equal": try equal(budget)
    case "Where": try selected(budget)
    case "ReduceProd", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin":
      try reduction(budget)
    case "Add", "Sub", "Mul", "Div": try arithmetic(budget)
    case "Neg", "Sqrt", "Reciprocal": try unaryArithmetic(budget)
    default: try moreFolded(budget)
    }
  }

  private func moreFolded(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    switch node.operatorType {
    case "Sum", "Mean": try total(budget)
    case "Max", "Min", "Relu": try extremum(budget)
    case "Clip": try clipped(budget)
    case "Abs", "Sign", "Floor", "Ceil", "Round", "Not": try exactFunction(budget)
    case "Exp", "Log", "Pow": try transcendental(budget)
    case "Mod": try remainder(budget)
    case "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor":
      try comparison(budget)
    case "MatMul": try matrixProduct(budget)
    case "Gemm": try generalProduct(budget)
    case "ReduceL1", "ReduceL2", "ReduceSumSquare": try normReduction(budget)
    case "Split": try parts(budget: budget).first
    case "DequantizeLinear": try dequantized(budget)
    case "EyeLike": try identityMatrix(budget)
    case "ScatterElements", "ScatterND": try scattered(budget)
    default: try rearranged(budget)
    }
  }

  /// The constant that Shape gives for a value of this shape.
  public func shape(of shape: [Int]) throws(NodeRefusal) -> Constant {
    func bounded(_ position: Int) -> Int {
      min(max(position < 0 ? position + shape.count : position, 0), shape.count)
    }
    let start = bounded(try int("start", default: 0))
    let end = bounded(try int("end", default: shape.count))
    return Constant(name: outputName, integers: Array(shape[start..<max(start, end)]))
  }

  /// The constant that Size gives for a value of this shape.
  public func size(of shape: [Int]) throws(NodeRefusal) -> Constant {
    var result = Constant(name: outputName, integers: [try elementCount(of: shape)])
    result.shape = []
    return result
  }

  private func constantNode() throws(NodeRefusal) -> Constant {
    if let tensor = try tensor("value") { return Constant(name: outputName, tensor: tensor) }
    func make(_ shape: [Int], _ type: ElementType, _ elements: Tensor.Elements) -> Constant {
      Constant(name: outputName, shape: shape, elementType: type, elements: elements)
    }
    if node.attributes["value_float"] != nil {
      return make([], .float32, .float([Float(try float("value_float", default: 0))]))
    }
    if node.attributes["value_int"] != nil {
      return make([], .int64, .integer([Int64(try int("value_int", default: 0))]))
    }
    if let values = try ints("value_ints") {
      return make([values.count], .int64, .integer(values.map(Int64.init)))
    }
    if case .floats(let values) = node.attributes["value_floats"] {
      return make([values.count], .float32, .float(values.map(Float.init)))
    }
    let kinds = node.attributes.keys.sorted().joined(separator: "', '")
    throw NodeRefusal("its attributes '\(kinds)' hold no tensor of numbers")
  }

  private func constantOfShape(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "shape")
    guard let shape = input.integers else {
      throw NodeRefusal(
        "the shape '\(input.name)' is \(input.elementType.rawValue); expected integers")
    }
    let value =
      try tensor("value") ?? Tensor(shape: [1], elementType: .float32, elements: .float([0]))
    guard value.count == 1 else {
      throw NodeRefusal("its value has \(value.count) elements; expected 1")
    }
    let single = Constant(
      name: outputName, shape: [], elementType: value.elementType, elements: value.elements)
    let map = try AxisMap.broadcasting([], with: shape)
    return try single.mapped(by: map, name: outputName, budget: budget)
  }

  private func rearranged(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    guard hasInput(0), var result = constants.first ?? nil else { return nil }
    if let moves = try elementMoves(of: result.shape, budget: budget) {
      return result.picked(moves.sources, name: outputName, shape: moves.shape)
    }
    guard let rearrangement = try rearrangement(of: result.shape) else { return nil }
    if let map = rearrangement.map {
      result = try result.mapped(
        by: map, filler: rearrangement.filler, name: outputName, budget: budget)
    } else {
      result.name = outputName
    }
    result.shape = rearrangement.shape
    return result
  }

  private func range(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let bounds = try (0..<3).map { (index) throws(NodeRefusal) in
      try constant(index, "bounds").integers ?? []
    }
    guard bounds.allSatisfy({ $0.count == 1 }), bounds[2][0] != 0 else {
      if let numbers = try exactRange(budget) { return numbers }
      throw NodeRefusal("start, limit and delta; expected three integers, the last not 0")
    }
    let (start, limit, delta) = (bounds[0][0], bounds[1][0], bounds[2][0])
    let (distance, overflow) = limit.subtractingReportingOverflow(start)
    guard !overflow, distance != Int.min, delta != Int.min else {
      throw NodeRefusal("the range from \(start) to \(limit) does not fit")
    }
    let count = max(0, distance / delta + (distance % delta == 0 ? 0 : 1))
    guard (distance < 0) == (delta < 0) || distance == 0 else {
      return Constant(name: outputName, integers: [])
    }
    try budget.take(count)
    return Constant(name: outputName, integers: (0..<count).map { start + $0 * delta })
  }
}

extension OperatorCall {
  /// A range of floating-point numbers each of which is exact; nil where one is not.
  private func exactRange(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    let bounds = try (0..<3).map { (index) throws(NodeRefusal) in try constant(index, "bounds") }
    guard bounds.allSatisfy({ $0.count == 1 && readsExactly($0) && $0.elementType.isFloatingPoint })
    else { return nil }
    let (start, limit, delta) = (bounds[0].doubles[0], bounds[1].doubles[0], bounds[2].doubles[0])
    func isShort(_ value: Double) -> Bool {
      abs(value) < 0x1p20 && (value * 0x1p3).rounded() == value * 0x1p3
    }
    let quotient = (limit - start) / delta
    // A limit with many digits is fine where it lies well between two steps.
    guard delta != 0, isShort(start), isShort(delta), quotient.magnitude < 0x1p20,
      isShort(limit) || abs(quotient - quotient.rounded()) > 0x1p-10
    else { return nil }
    let steps = quotient.rounded(.up)
    let count = max(0, Int(steps))
    try budget.take(count)
    let type = bounds[0].elementType
    let values = (0..<count).map { start + Double($0) * delta }
    // Products and sums of few digits: what a network adds up step by step is the same.
    let isExact = values.allSatisfy(isShort)
    guard isExact, values.allSatisfy(format(of: type).represents) else { return nil }
    return Constant(name: outputName, shape: [count], elementType: type, elements: .double(values))
  }

  private func concatenation(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let parts = try node.inputs.indices.map { (index) throws(NodeRefusal) in
      try constant(index, "input \(index)")
    }
    guard let first = parts.first else { throw NodeRefusal("nothing to join") }
    let axis = try normalizedAxis(
      try int("axis", default: opsetVersion < 4 ? 1 : 0), rank: first.shape.count)
    let joined = try joinedShape(parts.map(\.shape), along: axis)
    try budget.take(try elementCount(of: joined))
    guard parts.allSatisfy({ $0.elementType == first.elementType }) else {
      throw NodeRefusal("joins tensors of different element types")
    }
    var result = first
    result.name = outputName
    result.shape = joined
    if let integers = first.integers {
      let all = parts.map { ($0.shape, $0.integers ?? integers) }
      result.elements = .integer(interleaved(all, along: axis).map(Int64.init))
      return result
    }
    result.elements = .double(interleaved(parts.map { ($0.shape, $0.doubles) }, along: axis))
    if parts.contains(where: { !$0.isExact }) {
      result.setErrors(interleaved(parts.map { ($0.shape, $0.allErrors) }, along: axis))
    }
    return result
  }

  /// The shape of arrays joined along an axis.
  public func joinedShape(_ shapes: [[Int]], along axis: Int) throws(NodeRefusal) -> [Int] {
    var result = shapes.first ?? []
    // All of them before the first is looked into: the axis fits the rank of one only.
    if let other = shapes.first(where: { $0.count != result.count }) {
      throw NodeRefusal("joins \(shapeText(result)) and \(shapeText(other)); expected one rank")
    }
    for shape in shapes.dropFirst() {
      var other = shape
      let (sum, overflow) = result[axis].addingReportingOverflow(shape[axis])
      other[axis] = sum
      result[axis] = sum
      guard !overflow, other == result else {
        throw NodeRefusal(
          "\(shapeText(shape)) does not fit \(shapeText(result)) along axis \(axis)")
      }
    }
    return result
  }

  /// The elements of arrays joined along an axis, row-major.
  public func interleaved<Element>(
    _ parts: [(shape: [Int], elements: [Element])], along axis: Int
  ) -> [Element] {
    var result: [Element] = []
    let outer = parts.first.map { $0.shape[..<axis].reduce(1, *) } ?? 0
    for block in 0..<outer {
      for part in parts {
        let size = part.shape[axis...].reduce(1, *)
        result += part.elements[block * size..<(block + 1) * size]
      }
    }
    return result
  }
}
