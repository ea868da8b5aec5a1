/// Arithmetic on constants, element by element, with a count of the roundings behind each result.
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
    return try RoundedOperation(node.operatorType, type: a.elementType)
      .applied(to: left, right, name: outputName)
  }

  func unaryArithmetic(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let input = try constant(0, "input")
    try budget.take(input.count)
    if let values = input.integers {
      guard node.operatorType == "Neg", !values.contains(Int.min) else {
        throw NodeRefusal("of '\(input.name)', which is \(input.elementType.rawValue)")
      }
      return Constant(
        name: outputName, shape: input.shape, elementType: input.elementType,
        elements: .integer(values.map { -Int64($0) }))
    }
    guard node.operatorType != "Neg" else {
      var result = input
      result.name = outputName
      result.elements = .double(input.doubles.map { -$0 })
      return result
    }
    let operation = RoundedOperation(node.operatorType, type: input.elementType)
    // Sqrt and Reciprocal read one operand; the other one only has to have the same size.
    var ones = input
    ones.elements = .double([Double](repeating: 1, count: input.count))
    (ones.roundings, ones.magnitudes) = (Constant.Roundings(), nil)
    return try operation.applied(to: ones, input, name: outputName)
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

/// One floating-point operation on constants of one element type.
private struct RoundedOperation {
  let operatorType: String
  let type: ElementType

  init(_ operatorType: String, type: ElementType) {
    self.operatorType = operatorType
    self.type = type
  }

  /// The nearest binary64 number and whether it is the exact result.
  ///
  /// The remainders of TwoSum and of the fused multiply-add are exact unless they underflow, which
  /// the bound on the result's size excludes.
  private func result(_ x: Double, _ y: Double) -> (value: Double, isExact: Bool) {
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

  func applied(
    to a: Constant, _ b: Constant, name: String
  ) throws(NodeRefusal) -> Constant {
    let (x, y) = (a.doubles, b.doubles)
    var values: [Double] = []
    values.reserveCapacity(x.count)
    var (isExact, isExactAsDeployed) = (true, true)
    for index in x.indices {
      let (value, exact) = result(x[index], y[index])
      values.append(value)
      guard value.isFinite else { continue }
      isExact = isExact && exact
      isExactAsDeployed = isExactAsDeployed && exact && type.holds(value)
      guard exact && type.holds(value) || type.normalRange.contains(abs(value)) else {
        throw NodeRefusal(
          "element \(index) is \(value), beyond the precise range of \(type.rawValue)")
      }
    }
    var constant = Constant(
      name: name, shape: a.shape, elementType: type, elements: .double(values))
    try countRoundings(of: a, b, x, y, into: &constant)
    constant.roundings.stored += isExact ? 0 : 1
    constant.roundings.deployed += isExactAsDeployed ? 0 : 1
    return constant
  }

  /// The roundings that the operands bring in, and the magnitudes that they are relative to.
  private func countRoundings(
    of a: Constant, _ b: Constant, _ x: [Double], _ y: [Double], into result: inout Constant
  ) throws(NodeRefusal) {
    let (first, second) = (a.roundings, b.roundings)
    switch operatorType {
    case "Add", "Sub":
      result.roundings = .init(
        stored: max(first.stored, second.stored), deployed: max(first.deployed, second.deployed))
      if a.isExact && b.isExact { return }
      let sign = operatorType == "Add" ? 1.0 : -1.0
      let cancels = zip(x, y).contains { $0 * ($1 * sign) < 0 }
      guard cancels || a.magnitudes != nil || b.magnitudes != nil else { return }
      result.magnitudes = zip(a.magnitudes ?? x.map(abs), b.magnitudes ?? y.map(abs))
        .map { ($0 + $1).nextUp }
    case "Mul":
      result.roundings = .init(
        stored: first.stored + second.stored, deployed: first.deployed + second.deployed)
      guard a.magnitudes != nil || b.magnitudes != nil else { return }
      result.magnitudes = zip(a.magnitudes ?? x.map(abs), b.magnitudes ?? y.map(abs))
        .map { ($0 * $1).nextUp }
    default:
      // Twice: once for the quotient, once because the magnitude is divided by the held divisor.
      let divisor = try b.relativeRoundings()
      result.roundings = .init(
        stored: first.stored + 2 * divisor.stored, deployed: first.deployed + 2 * divisor.deployed)
      result.magnitudes = a.magnitudes.map { zip($0, y).map { ($0 / abs($1)).nextUp } }
    }
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

  /// The magnitudes at which the type rounds relatively: from the least normal number to the largest.
  var normalRange: ClosedRange<Double> {
    switch self {
    case .float16: 0x1p-14...65504
    case .bfloat16: 0x1p-126...0x1.fep127
    case .float64: 0x1p-900...Double.greatestFiniteMagnitude
    default: 0x1p-126...Double(Float.greatestFiniteMagnitude)
    }
  }

  /// Whether a value of the type's range is known to be one of the type's own.
  func holds(_ value: Double) -> Bool {
    switch self {
    case .float64: true
    case .float32: Double(Float(value)) == value
    default: value == 0
    }
  }
}
