/// Sums, products and parts of constants.
extension OperatorCall {
  /// Sum of any number of constants, or their Mean: a reduction of what is stacked up.
  func total(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let operands = try node.inputs.indices.map { (index) throws(NodeRefusal) in
      try constant(index, "input")
    }
    guard let first = operands.first, first.elementType.isFloatingPoint,
      operands.allSatisfy({ $0.elementType == first.elementType })
    else { throw NodeRefusal("its inputs are not all of one floating-point type") }
    var shape = first.shape
    for operand in operands { shape = try broadcastShape(shape, operand.shape) }
    let count = try elementCount(of: shape)
    try budget.take(try elementCount(of: [count, operands.count]))
    let parts = try operands.map { (operand) throws(NodeRefusal) in
      try spread(operand, over: shape, budget)
    }
    var rows = Constant(
      name: outputName, shape: shape, elementType: first.elementType,
      elements: .double(interleaved(parts.map { ([count, 1], $0.doubles) }, along: 1)))
    rows.setErrors(interleaved(parts.map { ([count, 1], $0.allErrors) }, along: 1))
    return sum(of: rows, width: operands.count, divides: node.operatorType == "Mean")
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

  /// ReduceL1, ReduceSumSquare and ReduceL2, by their parts.
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
    let sum = try call("ReduceSum", [terms]).reduction(budget)
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
      result.elements = .double(
        ranges.map { range in
          values[range].contains(where: \.isNaN)
            ? .nan : (kind == "ReduceMax" ? values[range].max() : values[range].min()) ?? .nan
        })
      // Moved by no more than the one that moves most.
      let moved = input.isExact ? nil : errors(reading: input)
      result.setErrors(moved.map { moved in ranges.map { moved[$0].max() ?? 0 } })
      return result
    }
    if kind == "ReduceProd" {
      let products = ranges.map { values[$0].reduce(1, *) }
      // Whole numbers of this size are exact in every order.
      guard readsExactly(input), values.allSatisfy({ $0.rounded() == $0 }),
        ranges.allSatisfy({ range in
          values[range].reduce(1) { $0 * max(1, $1.magnitude) } <= isolated(input.elementType)
        })
      else { throw NodeRefusal("of numbers that have to be rounded") }
      result.elements = .double(products)
      return result
    }
    return sum(of: input, width: width, divides: kind == "ReduceMean")
  }

  /// Whole numbers up to this are all of an operation's format.
  private func isolated(_ type: ElementType) -> Double { 1 / format(of: type).roundoff }

  /// The sums of `[rows, width]`, in any order: `width - 1` roundings relative to the sum of the
  /// magnitudes; a mean divides, or multiplies each term or the sum by a rounded reciprocal.
  private func sum(of input: Constant, width: Int, divides: Bool) -> Constant {
    let format = format(of: input.elementType)
    let values = input.doubles
    let moved = errors(reading: input)
    let divisor = divides ? Double(width) : 1
    var sums: [Double] = []
    var errors: [Double] = []
    for start in stride(from: 0, to: values.count, by: width) {
      let terms = values[start..<start + width]
      let (sum, size) = (terms.reduce(0, +), terms.reduce(0) { $0 + $1.magnitude })
      let change = moved[start..<start + width].reduce(0, +)
      sums.append(sum / divisor)
      let isWhole =
        change == 0 && size <= 1 / format.roundoff && terms.allSatisfy { $0.rounded() == $0 }
      let isAlone = width == 1 && change == 0
      if (isWhole || isAlone) && !divides {
        errors.append(0)
        continue
      }
      let own = Double(width + 2) * 0x1p-52 * size + 0x1p-1070
      let roundings = width - 1 + (divides ? 4 : 0)
      errors.append(
        format.error(of: sum, moved: change + own, roundings: roundings, size: size) / divisor
          * (1 + 0x1p-50) + (divides ? Double(width) * format.tiny : 0))
    }
    var result = input
    result.elements = .double(sums)
    result.setErrors(errors)
    return result
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

  /// The parts that Split makes, one for each output.
  public func parts(budget: ElementBudget) throws(NodeRefusal) -> [Constant] {
    let input = try constant(0, "input")
    return try zip(partMaps(of: input.shape), node.outputs).map { (map, name) throws(NodeRefusal) in
      try input.mapped(by: map, name: name, budget: budget)
    }
  }

  /// Where Split takes each of its outputs from.
  public func partMaps(of shape: [Int]) throws(NodeRefusal) -> [AxisMap] {
    let axis = try normalizedAxis(try int("axis", default: 0), rank: shape.count)
    let size = shape[axis]
    let count = node.outputs.count
    // The last part is the smaller one where the size is no multiple.
    let each = count > 0 ? (size + count - 1) / count : 0
    let equal = (0..<count).map { min(each, max(0, size - $0 * each)) }
    let sizes = try integers(input: 1, attribute: "split") ?? equal
    var start = 0
    var parts: [AxisMap] = []
    guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 && $0 <= size }),
      sizes.reduce(0, +) == size
    else { throw NodeRefusal("splits \(size) into \(sizes) for \(count) outputs") }
    for part in sizes {
      var map = AxisMap(identity: shape)
      map.axes[axis].indices = Array(start..<start + part)
      parts.append(map)
      start += part
    }
    return parts
  }
}
