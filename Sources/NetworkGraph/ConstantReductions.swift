/// Sums, products and parts of constants.
extension OperatorCall {
  /// Sum of any number of constants, or their Mean.
  func total(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    func applied(_ type: String, _ a: Constant, _ b: Constant) throws(NodeRefusal) -> Constant {
      let names = ["a", "b"]
      let step = Node(
        name: node.name, operatorType: type, inputs: names, outputs: [outputName])
      return try OperatorCall(node: step, opsetVersion: opsetVersion, constants: [a, b])
        .arithmetic(budget)
    }
    var result = try constant(0, "first input")
    for index in node.inputs.indices.dropFirst() {
      result = try applied("Add", result, try constant(index, "input"))
    }
    result.name = outputName
    guard node.operatorType == "Mean" else { return result }
    let count = Constant(
      name: outputName, shape: [], elementType: result.elementType,
      elements: .double([Double(node.inputs.count)]))
    return try applied("Div", result, count)
  }

  /// ReduceSum, ReduceMean, ReduceProd, ReduceMax and ReduceMin.
  func reduction(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "input")
    let given = try integers(input: 1, attribute: "axes") ?? []
    let rank = input.shape.count
    if given.isEmpty, try flag("noop_with_empty_axes") {
      var result = input
      result.name = outputName
      return result
    }
    let axes = try normalizedAxes(given.isEmpty ? Array(0..<rank) : given, rank: rank)
    var map = AxisMap(identity: input.shape)
    let kept = input.shape.indices.filter { !axes.contains($0) }
    let identity = map.axes
    map.axes = (kept + axes.sorted()).map { identity[$0] }
    let rows = try elementCount(of: kept.map { input.shape[$0] })
    let width = try elementCount(of: axes.map { input.shape[$0] })
    guard width > 0 else { throw NodeRefusal("over \(shapeText(input.shape)), which is empty") }
    try budget.take(rows)
    var result = try reduced(
      try input.mapped(by: map, name: outputName, budget: budget), rows: rows, width: width)
    let keeps = try flag("keepdims", default: true)
    result.shape =
      keeps
      ? input.shape.indices.map { axes.contains($0) ? 1 : input.shape[$0] }
      : kept.map { input.shape[$0] }
    return result
  }

  /// ReduceL1, ReduceSumSquare and ReduceL2: sums of numbers that are not negative, so that nothing
  /// cancels and a rounding is relative to the sum itself.
  func normReduction(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "input")
    let axes = try integers(input: 1, attribute: "axes") ?? []
    guard input.elementType.isFloatingPoint else {
      throw NodeRefusal("of \(input.elementType.rawValue); expected floating-point numbers")
    }
    let isIdle = try flag("noop_with_empty_axes")
    guard !axes.isEmpty || !isIdle else {
      throw NodeRefusal("over no axes")
    }
    func call(_ type: String, _ operands: [Constant]) -> OperatorCall {
      var call = self
      call.node.operatorType = type
      call.node.inputs = operands.map(\.name) + node.inputs.dropFirst()
      call.constants = operands + constants.dropFirst()
      return call
    }
    var terms = input
    if node.operatorType == "ReduceL1" {
      terms.elements = .double(input.doubles.map(abs))
    } else {
      terms = try call("Mul", [input, input]).arithmetic(budget)
    }
    var sum = try call("ReduceSum", [terms]).reduction(budget)
    if terms.magnitudes == nil { sum.magnitudes = nil }
    return node.operatorType == "ReduceL2"
      ? try call("Sqrt", [sum]).unaryArithmetic(budget) : sum
  }

  /// Every row of `[rows, width]` to one number.
  private func reduced(
    _ input: Constant, rows: Int, width: Int
  ) throws(NodeRefusal) -> Constant {
    var result = input
    let kind = node.operatorType
    let ranges = (0..<rows).map { $0 * width..<($0 + 1) * width }
    if let values = input.integers {
      var results: [Int64] = []
      for range in ranges {
        results.append(try wholeNumber(of: values[range], input.elementType))
      }
      result.elements = .integer(results)
      return result
    }
    let values = input.doubles
    if kind == "ReduceMax" || kind == "ReduceMin" {
      guard input.isExact else { throw NodeRefusal("of rounded numbers") }
      result.elements = .double(
        ranges.map { range in
          values[range].contains(where: \.isNaN)
            ? .nan : (kind == "ReduceMax" ? values[range].max() : values[range].min()) ?? .nan
        })
      return result
    }
    if kind == "ReduceProd" {
      let products = ranges.map { values[$0].reduce(1, *) }
      // Whole numbers of this size are exact in every order.
      guard input.isExact, values.allSatisfy({ $0.rounded() == $0 }),
        products.allSatisfy({ abs($0) <= 0x1p11 })
      else { throw NodeRefusal("of numbers that have to be rounded") }
      result.elements = .double(products)
      return result
    }
    // In any order: width - 1 roundings, relative to the sum of the magnitudes; a mean divides, or
    // multiplies by a rounded reciprocal.
    let divides = kind == "ReduceMean"
    let divisor = divides ? Double(width) : 1
    let own = width - 1 + (divides ? 2 : 0)
    let sources = input.magnitudes ?? values.map(abs)
    result.elements = .double(ranges.map { values[$0].reduce(0, +) / divisor })
    result.roundings.stored += own
    result.roundings.deployed += own
    result.magnitudes = ranges.map { range in
      sources[range].reduce(0, +) / divisor * (1 + Double(width + 2) * 0x1p-52)
    }
    return try checked(result)
  }

  private func wholeNumber(
    of values: ArraySlice<Int>, _ type: ElementType
  ) throws(NodeRefusal) -> Int64 {
    var (result, overflow) = (values.first ?? 0, false)
    for value in values.dropFirst() {
      let step: (partialValue: Int, overflow: Bool) =
        switch node.operatorType {
        case "ReduceSum": result.addingReportingOverflow(value)
        case "ReduceProd": result.multipliedReportingOverflow(by: value)
        case "ReduceMax": (max(result, value), false)
        case "ReduceMin": (min(result, value), false)
        default: (0, true)
        }
      (result, overflow) = (step.partialValue, overflow || step.overflow)
    }
    guard !overflow, node.operatorType != "ReduceMean" || values.count == 1,
      type.integerRange?.contains(Int64(result)) ?? false
    else { throw NodeRefusal("of \(values.count) numbers has no result in \(type.rawValue)") }
    return Int64(result)
  }

  /// MatMul of matrices and vectors; nil for stacks of them.
  func matrixProduct(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    let (a, b) = (try constant(0, "first input"), try constant(1, "second input"))
    guard 1...2 ~= a.shape.count, 1...2 ~= b.shape.count, a.elementType.isFloatingPoint,
      a.elementType == b.elementType
    else { return nil }
    let inner = a.shape[a.shape.count - 1]
    let rows = a.shape.count == 2 ? a.shape[0] : 1
    let columns = b.shape.count == 2 ? b.shape[1] : 1
    guard b.shape[0] == inner, inner > 0 else {
      throw NodeRefusal("multiplies \(shapeText(a.shape)) and \(shapeText(b.shape))")
    }
    let shape = a.shape.dropLast() + b.shape.dropFirst()
    // What it costs in time is bounded like what it costs in memory.
    let (work, overflow) = (rows * inner).multipliedReportingOverflow(by: columns)
    guard !overflow else { throw NodeRefusal("a product that is too large") }
    try budget.take(work)
    func product(_ x: [Double], _ y: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for index in 0..<inner {
          for column in 0..<columns {
            result[row * columns + column] += x[row * inner + index] * y[index * columns + column]
          }
        }
      }
      return result
    }
    var result = Constant(
      name: outputName, shape: Array(shape), elementType: a.elementType,
      elements: .double(product(a.doubles, b.doubles)))
    // Products and sums in any order, fused or not: `inner` roundings a path; as many again for
    // products that underflow, each by no more than a rounding of the least magnitude accepted.
    let own = 2 * inner
    result.roundings = .init(
      stored: a.roundings.stored + b.roundings.stored + own,
      deployed: a.roundings.deployed + b.roundings.deployed + own)
    result.magnitudes = product(
      a.magnitudes ?? a.doubles.map(abs), b.magnitudes ?? b.doubles.map(abs)
    ).map { $0 * (1 + Double(inner + 2) * 0x1p-52) }
    return try checked(result)
  }

  /// A result of roundings must be one: finite, and not so small that it underflows.
  private func checked(_ result: Constant) throws(NodeRefusal) -> Constant {
    let magnitudes = result.magnitudes ?? result.doubles.map(abs)
    for (index, magnitude) in magnitudes.enumerated() {
      guard magnitude == 0 || result.elementType.normalRange.contains(magnitude) else {
        throw NodeRefusal(
          "element \(index) is \(result.doubles[index]), beyond the precise range of"
            + " \(result.elementType.rawValue)")
      }
    }
    return result
  }

  /// The parts that Split makes, one for each output.
  public func parts(budget: ElementBudget) throws(NodeRefusal) -> [Constant] {
    let input = try constant(0, "input")
    let axis = try normalizedAxis(try int("axis", default: 0), rank: input.shape.count)
    let size = input.shape[axis]
    let count = node.outputs.count
    // The last part is the smaller one where the size is no multiple.
    let each = count > 0 ? (size + count - 1) / count : 0
    let equal = (0..<count).map { min(each, max(0, size - $0 * each)) }
    let sizes = try integers(input: 1, attribute: "split") ?? equal
    var start = 0
    var parts: [Constant] = []
    guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 && $0 <= size }),
      sizes.reduce(0, +) == size
    else { throw NodeRefusal("splits \(size) into \(sizes) for \(count) outputs") }
    for (part, name) in zip(sizes, node.outputs) {
      var map = AxisMap(identity: input.shape)
      map.axes[axis].indices = Array(start..<start + part)
      parts.append(try input.mapped(by: map, name: name, budget: budget))
      start += part
    }
    return parts
  }
}
