/// Arithmetic on constants, element by element, with a bound of each result's error.
///
/// Integers are exact or refused. Floating-point results are computed in binary64 and checked, by the
/// exact remainder of the operation, for whether they had to be rounded at all.
extension OperatorCall {
  func arithmetic(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let (a, b) = (try constant(0, "first input"), try constant(1, "second input"))
    let shape = try broadcastShape(a.shape, b.shape)
    try budget.take(try elementCount(of: shape))
    let left = try spread(a, over: shape, budget)
    let right = try spread(b, over: shape, budget)
    if let x = left.integers, let y = right.integers {
      return Constant(
        name: outputName, shape: shape, elementType: a.elementType,
        elements: .integer(try wholeNumbers(x, y, a.elementType)))
    }
    guard a.elementType.isFloatingPoint, a.elementType == b.elementType else {
      throw NodeRefusal(
        "its inputs are \(a.elementType.rawValue) and \(b.elementType.rawValue); expected one type")
    }
    return rounded(RoundedOperation(node.operatorType), left, right)
  }

  func unaryArithmetic(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "input")
    try budget.take(input.count)
    if let values = input.integers {
      guard node.operatorType == "Neg" else {
        throw NodeRefusal("of '\(input.name)', which is \(input.elementType.rawValue)")
      }
      return Constant(
        name: outputName, shape: input.shape, elementType: input.elementType,
        elements: .integer(
          try values.map { value throws(NodeRefusal) in
            try negative(of: value, input.elementType)
          }))
    }
    guard node.operatorType != "Neg" else {
      var result = input
      result.name = outputName
      result.elements = .double(input.doubles.map { -$0 })
      return result
    }
    // Sqrt and Reciprocal read one operand; the other one only has to have the same size.
    var ones = input
    ones.elements = .double([Double](repeating: 1, count: input.count))
    ones.setErrors(nil)
    return rounded(RoundedOperation(node.operatorType), ones, input)
  }

  /// `-value`, which the type has to hold: the least number of a signed one has no negative.
  func negative(of value: Int, _ type: ElementType) throws(NodeRefusal) -> Int64 {
    let (negative, overflow) = Int64(0).subtractingReportingOverflow(Int64(value))
    guard !overflow, type.holds(negative) else {
      throw NodeRefusal("the negative of \(value) has no place in \(type.rawValue)")
    }
    return negative
  }

  /// The product of two constants of one floating-point type, as Mul has it.
  public func product(
    _ a: Constant, _ b: Constant, _ budget: ElementBudget
  ) throws(NodeRefusal) -> Constant {
    let shape = try broadcastShape(a.shape, b.shape)
    return rounded(
      RoundedOperation("Mul"), try spread(a, over: shape, budget),
      try spread(b, over: shape, budget))
  }

  /// The sum of two constants of one floating-point type and shape, as Add has it.
  func sum(_ a: Constant, _ b: Constant) -> Constant {
    rounded(RoundedOperation("Add"), a, b)
  }

  private func rounded(_ operation: RoundedOperation, _ a: Constant, _ b: Constant) -> Constant {
    let format = format(of: b.elementType)
    let (x, y) = (a.doubles, b.doubles)
    let (left, right) = (errors(reading: a), errors(reading: b))
    var values: [Double] = []
    var errors: [Double] = []
    values.reserveCapacity(x.count)
    errors.reserveCapacity(x.count)
    for index in x.indices {
      var (value, isExact) = operation.result(x[index], y[index])
      values.append(value)
      var moved = operation.change(x[index], y[index], left[index], right[index])
      if operation.mayUseReciprocal(x[index], y[index]) {
        // A reciprocal that underflows lacks up to `tiny`.
        moved += x[index].magnitude * format.tiny
        isExact = false
      }
      if isExact && moved == 0 && format.represents(value) || !(x[index] + y[index]).isFinite {
        // What is no number is none however it is computed.
        errors.append(0)
      } else {
        let own = isExact ? 0 : value.magnitude * 0x1p-53 + 0x1p-1074
        errors.append(
          format.error(of: value, moved: moved + own, roundings: operation.roundings))
      }
    }
    return Constant(
      name: outputName, shape: a.shape, elementType: b.elementType, elements: .double(values),
      errors: errors)
  }

  func spread(
    _ constant: Constant, over shape: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> Constant {
    guard constant.shape != shape else { return constant }
    let map = try AxisMap.broadcasting(constant.shape, with: shape)
    return try constant.mapped(by: map, name: constant.name, budget: budget)
  }

  private func wholeNumbers(
    _ x: [Int], _ y: [Int], _ type: ElementType
  ) throws(NodeRefusal) -> [Int64] {
    var result: [Int64] = []
    result.reserveCapacity(x.count)
    for (a, b) in zip(x, y) {
      let (value, overflow) =
        switch node.operatorType {
        case "Add": a.addingReportingOverflow(b)
        case "Sub": a.subtractingReportingOverflow(b)
        case "Mul": a.multipliedReportingOverflow(by: b)
        default: a.dividedReportingOverflow(by: b)
        }
      guard !overflow, type.integerRange?.contains(Int64(value)) ?? false else {
        throw NodeRefusal("\(a) and \(b) have no result in \(type.rawValue)")
      }
      result.append(Int64(value))
    }
    return result
  }
}

/// One floating-point operation.
private struct RoundedOperation {
  let operatorType: String

  init(_ operatorType: String) { self.operatorType = operatorType }

  /// The roundings of one operation: a quotient may be a product with a rounded reciprocal.
  var roundings: Int { operatorType == "Div" ? 2 : 1 }

  /// Whether a quotient by a rounded reciprocal can be another one than by a division.
  func mayUseReciprocal(_ x: Double, _ y: Double) -> Bool {
    operatorType == "Div" && x != 0 && y.isFinite && y.significand != 1
  }

  /// The nearest binary64 number and whether it is the exact result.
  ///
  /// The remainders of TwoSum and of the fused multiply-add are exact unless they underflow, which
  /// the bound on the result's size excludes.
  func result(_ x: Double, _ y: Double) -> (value: Double, isExact: Bool) {
    let value: Double
    let remainder: Double
    switch operatorType {
    case "Add", "Sub":
      let y = operatorType == "Add" ? y : -y
      value = x + y
      let part = value - x
      return (value, (x - (value - part)) + (y - part) == 0)
    case "Mul":
      value = x * y
      remainder = (-value).addingProduct(x, y)
      if x == 0 || y == 0 { return (value, true) }
    case "Sqrt":
      value = y.squareRoot()
      remainder = (-y).addingProduct(value, value)
      if y == 0 { return (value, true) }
    default:
      value = x / y
      remainder = (-x).addingProduct(value, y)
      if x == 0 { return (value, true) }
    }
    return (value, remainder == 0 && abs(value) > 0x1p-400 && abs(value) < 0x1p400)
  }

  /// How much the exact result changes where the operands do, by `a` and `b` at most; rounded up,
  /// infinite where nothing bounds it.
  func change(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
    guard a > 0 || b > 0 else { return 0 }
    let change: Double
    switch operatorType {
    case "Add", "Sub": change = a + b
    case "Mul": change = x.magnitude * b + y.magnitude * a + a * b
    case "Sqrt":
      // |sqrt(y') - sqrt(y)| = |y' - y| / (sqrt(y') + sqrt(y)); below 0 there is no root.
      guard y >= b, y > 0 else { return .infinity }
      change = b / y.squareRoot()
    default:
      let least = (y.magnitude - b) * (1 - 0x1p-40)
      guard least > 0 else { return .infinity }
      change = (x.magnitude * b + y.magnitude * a) / y.magnitude / least
    }
    // Five roundings, and products that underflow.
    return change * (1 + 0x1p-40) + 0x1p-1070
  }
}

extension ElementType {
  /// The values that an integer type holds; nil for floating-point types.
  var integerRange: ClosedRange<Int64>? {
    switch self {
    case .int8: Int64(Int8.min)...Int64(Int8.max)
    case .int16: Int64(Int16.min)...Int64(Int16.max)
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .int64: Int64.min...Int64.max
    case .uint8: 0...Int64(UInt8.max)
    case .uint16: 0...Int64(UInt16.max)
    case .uint32: 0...Int64(UInt32.max)
    case .uint64: 0...Int64.max
    case .bool: 0...1
    case .float16, .bfloat16, .float32, .float64: nil
    }
  }

  /// Whether an integer type holds a number; false for floating-point types.
  public func holds(_ value: Int64) -> Bool { integerRange?.contains(value) ?? false }
}
