import Glibc

/// Functions of constants, element by element.
extension OperatorCall {
  /// Operators that are computed here although nothing may do with the data what they do.
  public static let functionsOfConstants: Set = [
    "Exp", "Log", "Pow", "Abs", "Sign", "Floor", "Ceil", "Round", "Min", "Mod", "ReduceMax",
    "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "Greater", "Less", "GreaterOrEqual",
    "LessOrEqual", "Split", "DequantizeLinear",
  ]

  /// How often an elementary function of a runtime's library rounds, at most: it is granted four units in the
  /// last place.
  public static let libraryRoundings = 8

  /// Max and Min of any number of constants, and Relu.
  func extremum(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let isLargest = node.operatorType != "Min"
    var result = try constant(0, "first input")
    result.name = outputName
    if node.operatorType == "Relu" {
      return try extremum(result, zero(like: result), isLargest: true, budget)
    }
    for index in node.inputs.indices.dropFirst() {
      result = try extremum(result, try constant(index, "input"), isLargest: isLargest, budget)
    }
    return result
  }

  /// Clip: Max of the lower end, then Min of the upper one.
  func clipped(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    var result = try constant(0, "input")
    result.name = outputName
    for (index, name) in [(1, "min"), (2, "max")] {
      var end = try optionalConstant(index, name)
      if end == nil, node.attributes[name] != nil {
        end = zero(like: result)
        end?.elements = .double([try float(name, default: 0)])
      }
      guard let end else { continue }
      result = try extremum(result, end, isLargest: name == "min", budget)
    }
    return result
  }

  private func zero(like constant: Constant) -> Constant {
    Constant(
      name: outputName, shape: [], elementType: constant.elementType,
      elements: constant.integers == nil ? .double([0]) : .integer([0]))
  }

  /// The larger or the smaller of two: moved by no more than the one that moves more.
  private func extremum(
    _ a: Constant, _ b: Constant, isLargest: Bool, _ budget: ElementBudget
  ) throws(NodeRefusal) -> Constant {
    let shape = try broadcastShape(a.shape, b.shape)
    guard a.elementType == b.elementType else {
      throw NodeRefusal(
        "its inputs are \(a.elementType.rawValue) and \(b.elementType.rawValue); expected one type")
    }
    try budget.take(try elementCount(of: shape))
    let left = try spread(a, over: shape, budget)
    let right = try spread(b, over: shape, budget)
    var result = left
    result.name = outputName
    if let x = left.integers, let y = right.integers {
      result.elements = .integer(zip(x, y).map { Int64(isLargest ? max($0, $1) : min($0, $1)) })
      return result
    }
    let (x, y) = (left.doubles, right.doubles)
    result.elements = .double(
      zip(x, y).map { x, y in
        x.isNaN || y.isNaN ? .nan : isLargest ? max(x, y) : min(x, y)
      })
    if !left.isExact || !right.isExact {
      result.setErrors(zip(errors(reading: left), errors(reading: right)).map { max($0, $1) })
    }
    return result
  }

  /// Abs, Sign, Floor, Ceil, Round and Not.
  func exactFunction(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    var result = try constant(0, "input")
    try budget.take(result.count)
    result.name = outputName
    let function = node.operatorType
    if function != "Abs" && !readsExactly(result) {
      throw NodeRefusal("of rounded numbers")
    }
    if let values = result.integers {
      result.elements = .integer(
        try values.map { value throws(NodeRefusal) in
          switch function {
          case "Abs": try value < 0 ? negative(of: value, result.elementType) : Int64(value)
          case "Sign": Int64(value.signum())
          case "Not": value == 0 ? 1 : 0
          default: Int64(value)
          }
        })
      return result
    }
    result.elements = .double(
      result.doubles.map { value in
        switch function {
        case "Abs": value.magnitude
        case "Sign": value > 0 ? 1 : value < 0 ? -1 : value
        case "Floor": value.rounded(.down)
        case "Ceil": value.rounded(.up)
        case "Round": value.rounded(.toNearestOrEven)
        default: .nan
        }
      })
    return result
  }

  /// Exp, Log and Pow of exact numbers. The C library is within one unit in the last place, two
  /// roundings; the libraries of runtimes are granted four.
  func transcendental(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let base = try constant(0, "input")
    let isPower = node.operatorType == "Pow"
    let exponent = isPower ? try constant(1, "exponent") : base
    let shape = try broadcastShape(base.shape, exponent.shape)
    guard readsExactly(base), readsExactly(exponent) else {
      throw NodeRefusal("of rounded numbers")
    }
    try budget.take(try elementCount(of: shape))
    let left = try spread(base, over: shape, budget)
    let right = try spread(exponent, over: shape, budget)
    var result = left
    result.name = outputName
    if let x = left.integers {
      guard isPower, let y = right.integers else {
        throw NodeRefusal("of '\(base.name)', which is \(base.elementType.rawValue)")
      }
      result.elements = .integer(try wholePowers(x, y, base.elementType))
      return result
    }
    let function = node.operatorType
    let x = left.doubles
    let values = zip(x, right.doubles).map { x, y in
      function == "Exp" ? exp(x) : function == "Log" ? log(x) : pow(x, y)
    }
    let format = format(of: base.elementType)
    result.elements = .double(values)
    result.setErrors(
      values.indices.map { index in
        let (value, x) = (values[index], x[index])
        let isZero = function == "Log" ? x == 1 : function == "Pow" && x == 0
        if value == 0 && isZero || !value.isFinite && !(x + right.doubles[index]).isFinite {
          return 0
        }
        return format.error(
          of: value, moved: value.magnitude * 0x1p-51 + 0x1p-1070,
          roundings: Self.libraryRoundings)
      })
    return result
  }

  private func wholePowers(
    _ x: [Int], _ y: [Int], _ type: ElementType
  ) throws(NodeRefusal) -> [Int64] {
    var result: [Int64] = []
    for (base, exponent) in zip(x, y) {
      var (power, overflow) = (1, exponent < 0 || exponent > 64)
      for _ in 0..<(overflow ? 0 : exponent) {
        let step = power.multipliedReportingOverflow(by: base)
        power = step.partialValue
        overflow = overflow || step.overflow
      }
      guard !overflow, type.integerRange?.contains(Int64(power)) ?? false else {
        throw NodeRefusal("\(base) to the power of \(exponent) has no result in \(type.rawValue)")
      }
      result.append(Int64(power))
    }
    return result
  }

  /// Mod of integers, and of floating-point numbers with `fmod`, where it is exact.
  func remainder(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let isC = try flag("fmod")
    return try exactPairs(budget) { x, y, type throws(NodeRefusal) in
      guard y != 0, y != -1 else {
        guard y == -1 else { throw NodeRefusal("of a division by 0") }
        return 0
      }
      let rest = x % y
      return isC || rest == 0 || (rest < 0) == (y < 0) ? rest : rest + y
    } numbers: { x, y in
      isC ? fmod(x, y) : nil
    }
  }

  /// Greater, Less, GreaterOrEqual, LessOrEqual, And, Or and Xor.
  func comparison(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    func holds<Number: Comparable>(_ x: Number, _ y: Number) -> Bool {
      switch node.operatorType {
      case "Greater": x > y
      case "Less": x < y
      case "GreaterOrEqual": x >= y
      default: x <= y
      }
    }
    var result = try exactPairs(budget) { x, y, type throws(NodeRefusal) in
      switch node.operatorType {
      case "And": x != 0 && y != 0 ? 1 : 0
      case "Or": x != 0 || y != 0 ? 1 : 0
      case "Xor": (x != 0) != (y != 0) ? 1 : 0
      default: holds(x, y) ? 1 : 0
      }
    } numbers: { x, y in
      ["And", "Or", "Xor"].contains(node.operatorType) ? nil : holds(x, y) ? 1 : 0
    }
    result.elementType = .bool
    result.elements = .integer(result.doubles.map { $0 == 0 ? 0 : 1 })
    return result
  }

  /// A function of pairs of exact numbers; nil from `numbers` refuses floating-point ones.
  private func exactPairs(
    _ budget: ElementBudget, integers: (Int, Int, ElementType) throws(NodeRefusal) -> Int,
    numbers: (Double, Double) -> Double?
  ) throws(NodeRefusal) -> Constant {
    let (a, b) = (try constant(0, "first input"), try constant(1, "second input"))
    let shape = try broadcastShape(a.shape, b.shape)
    guard readsExactly(a), readsExactly(b) else { throw NodeRefusal("of rounded numbers") }
    guard a.elementType == b.elementType else {
      throw NodeRefusal(
        "its inputs are \(a.elementType.rawValue) and \(b.elementType.rawValue); expected one type")
    }
    try budget.take(try elementCount(of: shape))
    let left = try spread(a, over: shape, budget)
    let right = try spread(b, over: shape, budget)
    var result = left
    result.name = outputName
    if let x = left.integers, let y = right.integers {
      var values: [Int64] = []
      for (x, y) in zip(x, y) { values.append(Int64(try integers(x, y, a.elementType))) }
      result.elements = .integer(values)
      return result
    }
    var values: [Double] = []
    for (x, y) in zip(left.doubles, right.doubles) {
      guard let value = numbers(x, y) else {
        throw NodeRefusal("of \(a.elementType.rawValue) numbers")
      }
      values.append(value)
    }
    result.elements = .double(values)
    return result
  }
}
