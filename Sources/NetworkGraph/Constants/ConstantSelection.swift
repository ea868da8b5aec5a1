/// Casts, comparisons and choices among constants.
extension OperatorCall {
  /// The element type that Cast names.
  public func castTarget() throws(NodeRefusal) -> ElementType {
    let code = try int("to", default: 0)
    guard let type = ElementType(onnxCode: code) else {
      throw NodeRefusal("casts to type \(code); expected a type of numbers")
    }
    return type
  }

  func cast(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    var result = try constant(0, "input")
    let type = try castTarget()
    try budget.take(result.count)
    result.name = outputName
    defer { result.elementType = type }
    if type.isFloatingPoint {
      try castToNumbers(&result, type)
    } else {
      result.elements = .integer(try wholeNumbers(of: result, type))
    }
    result.elementType = type
    return result
  }

  /// A stored number is cast as every network casts it; of a computed one only that is known how far
  /// it may be moved.
  private func castToNumbers(_ result: inout Constant, _ type: ElementType) throws(NodeRefusal) {
    guard let own = type.format else { throw NodeRefusal("casts to \(type.rawValue)") }
    if let whole = result.integers, let index = whole.firstIndex(where: { abs($0) >> 53 != 0 }) {
      throw NodeRefusal("casts \(whole[index]) to \(type.rawValue); expected at most 53 bits")
    }
    let format = format(of: type)
    let values = result.doubles
    if readsExactly(result) {
      let cast = values.map(own.rounded)
      result.setErrors(zip(values, cast).map { doubleRounding(of: $0, to: own, $1) })
      result.elements = type == .float64 ? .double(cast) : .float(cast.map(Float.init))
      return
    }
    let errors = errors(reading: result)
    result.elements = .double(values)
    result.setErrors(
      zip(values, errors).map { value, error in
        value.isFinite ? format.error(of: value, moved: error) : 0
      })
  }

  /// How far a runtime that casts to half precision by way of binary32 may end from `cast`.
  private func doubleRounding(of value: Double, to type: FloatFormat, _ cast: Double) -> Double {
    guard type.roundoff > FloatFormat.binary32.roundoff else { return 0 }
    let other = type.rounded(FloatFormat.binary32.rounded(value))
    return other == cast || value.isNaN ? 0 : (other - cast).magnitude
  }

  private func wholeNumbers(
    of constant: Constant, _ type: ElementType
  ) throws(NodeRefusal) -> [Int64] {
    guard readsExactly(constant) else {
      throw NodeRefusal("casts rounded numbers to \(type.rawValue)")
    }
    // Whatever is not 0 is true: a half, too.
    if type == .bool { return constant.doubles.map { $0 == 0 ? 0 : 1 } }
    let values: [Int64?] =
      switch constant.elements {
      case .integer(let integers): integers
      case .float, .double: constant.doubles.map { Int64(exactly: $0.rounded(.towardZero)) }
      }
    var result: [Int64] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let value, type.integerRange?.contains(value) ?? false else {
        throw NodeRefusal(
          "element \(index) of '\(constant.name)' does not fit \(type.rawValue)")
      }
      result.append(value)
    }
    return result
  }

  func equal(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let (a, b) = (try constant(0, "first input"), try constant(1, "second input"))
    let shape = try broadcastShape(a.shape, b.shape)
    guard readsExactly(a), readsExactly(b) else { throw NodeRefusal("compares rounded numbers") }
    let (left, right) = (try positions(a, shape, budget), try positions(b, shape, budget))
    let same: [Bool]
    if let x = a.integers, let y = b.integers {
      same = zip(left, right).map { x[$0] == y[$1] }
    } else {
      let (x, y) = (a.doubles, b.doubles)
      same = zip(left, right).map { x[$0] == y[$1] }
    }
    return Constant(
      name: outputName, shape: shape, elementType: .bool,
      elements: .integer(same.map { $0 ? 1 : 0 }))
  }

  func selected(_ budget: ElementBudget) throws(NodeRefusal) -> Constant {
    let choice = try constant(0, "condition")
    let (a, b) = (try constant(1, "first choice"), try constant(2, "second choice"))
    let shape = try broadcastShape(choice.shape, try broadcastShape(a.shape, b.shape))
    guard let condition = choice.integers, a.elementType == b.elementType else {
      throw NodeRefusal("chooses between tensors of different types")
    }
    let asks = try positions(choice, shape, budget)
    let (left, right) = (try positions(a, shape, budget), try positions(b, shape, budget))
    func pick<Element>(_ x: [Element], _ y: [Element]) -> [Element] {
      asks.indices.map { condition[asks[$0]] != 0 ? x[left[$0]] : y[right[$0]] }
    }
    var result = a
    result.name = outputName
    result.shape = shape
    if let x = a.integers, let y = b.integers {
      result.elements = .integer(pick(x, y).map(Int64.init))
    } else {
      result.elements = .double(pick(a.doubles, b.doubles))
    }
    result.setErrors(
      a.isExact && b.isExact ? nil : pick(a.allErrors, b.allErrors))
    return result
  }

  private func positions(
    _ constant: Constant, _ shape: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> [Int] {
    let map = try AxisMap.broadcasting(constant.shape, with: shape)
    try budget.take(try elementCount(of: map.outputShape))
    return try map.sources()
  }
}

extension ElementType {
  /// The type of one of ONNX's codes; nil for strings, complex numbers and the 4- and 8-bit floats.
  public init?(onnxCode: Int) {
    switch onnxCode {
    case 1: self = .float32
    case 2: self = .uint8
    case 3: self = .int8
    case 4: self = .uint16
    case 5: self = .int16
    case 6: self = .int32
    case 7: self = .int64
    case 9: self = .bool
    case 10: self = .float16
    case 11: self = .float64
    case 12: self = .uint32
    case 13: self = .uint64
    case 16: self = .bfloat16
    default: return nil
    }
  }

  /// ONNX's code of the type.
  public var onnxCode: Int { (1...16).first { ElementType(onnxCode: $0) == self } ?? 0 }
}
