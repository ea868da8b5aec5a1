// Products of constant matrices, as layers of low rank write their weights.
extension OperatorCall {
  /// MatMul of matrices and vectors; nil for stacks of them.
  func matrixProduct(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    let (a, b) = (try constant(0, "first input"), try constant(1, "second input"))
    guard 1...2 ~= a.shape.count, 1...2 ~= b.shape.count else { return nil }
    return try product(of: a, b, plus: nil, budget)
  }

  /// Gemm: `alpha A' B' + beta C`.
  func generalProduct(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    let a = try factor(0, "first input", isTransposed: try flag("transA"), budget)
    let b = try factor(1, "second input", isTransposed: try flag("transB"), budget)
    let (alpha, beta) = (try float("alpha", default: 1), try float("beta", default: 1))
    guard let sum = try product(of: a, b, plus: nil, budget) else { return nil }
    func scaled(_ constant: Constant, by factor: Double) throws(NodeRefusal) -> Constant {
      guard factor != 1 else { return constant }
      let factor = Constant(
        name: "factor", shape: [], elementType: constant.elementType, elements: .double([factor]))
      return try product(constant, factor, budget)
    }
    var addend: Constant?
    if beta != 0, let own = try optionalConstant(2, "third input") {
      guard own.elementType == a.elementType,
        (try? broadcastShape(own.shape, sum.shape)) == sum.shape
      else {
        throw NodeRefusal(
          "adds \(own.elementType.rawValue) \(shapeText(own.shape)); expected"
            + " \(a.elementType.rawValue) that broadcasts to \(shapeText(sum.shape))")
      }
      try budget.take(sum.count)
      addend = try spread(try scaled(own, by: beta), over: sum.shape, budget)
    }
    let first = try product(of: try scaled(a, by: alpha), b, plus: addend, budget)
    guard alpha != 1, var result = first else { return first }
    // Runtimes multiply a factor or the sum by alpha: each of both is covered.
    var last = try scaled(sum, by: alpha)
    if let addend { last = self.sum(last, addend) }
    result.setErrors(
      result.doubles.indices.map { index in
        let between = (result.doubles[index] - last.doubles[index]).magnitude
        return (between + result.allErrors[index] + last.allErrors[index]) * (1 + 0x1p-40)
      })
    return result
  }

  /// A factor of Gemm, as it is multiplied.
  private func factor(
    _ index: Int, _ role: String, isTransposed: Bool, _ budget: ElementBudget
  ) throws(NodeRefusal) -> Constant {
    let matrix = try constant(index, role)
    guard matrix.shape.count == 2 else {
      throw NodeRefusal("its \(role) is \(shapeText(matrix.shape)); expected a matrix of rank 2")
    }
    guard isTransposed else { return matrix }
    var map = AxisMap(identity: matrix.shape)
    map.axes.swapAt(0, 1)
    return try matrix.mapped(by: map, name: matrix.name, budget: budget)
  }

  /// `a b + addend` of matrices and vectors; nil for what is not of one floating-point type.
  private func product(
    of a: Constant, _ b: Constant, plus addend: Constant?, _ budget: ElementBudget
  ) throws(NodeRefusal) -> Constant? {
    guard a.elementType.isFloatingPoint, a.elementType == b.elementType else { return nil }
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
    func product(_ x: [Double], _ y: [Double], plus start: [Double]?) -> [Double] {
      var result = start ?? [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for index in 0..<inner {
          for column in 0..<columns {
            result[row * columns + column] += x[row * inner + index] * y[index * columns + column]
          }
        }
      }
      return result
    }
    func largest(_ values: [Double], _ errors: [Double]) -> [Double] {
      zip(values, errors).map { $0.magnitude + $1 }
    }
    let (left, right, start) = (a.doubles, b.doubles, addend?.doubles)
    let values = product(left, right, plus: start)
    // Products and sums in any order, fused or not: so many roundings a path, and as many products
    // that may underflow; binary64's own beside them.
    let roundings = addend == nil ? inner : inner + 1
    let sizes = product(
      left.map(\.magnitude), right.map(\.magnitude), plus: start?.map(\.magnitude))
    let reach = product(
      largest(left, errors(reading: a)), largest(right, errors(reading: b)),
      plus: addend.map { largest($0.doubles, self.errors(reading: $0)) })
    let format = format(of: a.elementType)
    let slack = Double(roundings + 4) * 0x1p-52
    let isExact = a.isExact && b.isExact && addend?.isExact ?? true && deployed == nil
    let errors = values.indices.map { index in
      let own = slack * reach[index] + 0x1p-1060
      let moved = isExact ? own : max(0, reach[index] - sizes[index]) + 2 * own
      return format.error(
        of: values[index], moved: moved, roundings: roundings, size: reach[index])
    }
    return Constant(
      name: outputName, shape: Array(shape), elementType: a.elementType, elements: .double(values),
      errors: errors)
  }
}
