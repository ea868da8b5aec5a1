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

  private func castToNumbers(_ result: inout Constant, _ type: ElementType) throws(NodeRefusal) {
    guard result.isExact else {
      // A rounded number near a tie could be cast to either side: kept, and charged as deployed.
      if type != .float64 { result.roundings.deployed += 1 }
      return
    }
    let values = result.doubles
    switch type {
    case .float32: result.elements = .float(values.map(Float.init))
    case .float16: result.elements = .float(values.map { Float(Float16($0)) })
    case .float64: result.elements = .double(values)
    default:
      guard result.elementType == type else { throw NodeRefusal("casts to \(type.rawValue)") }
    }
  }

  private func wholeNumbers(
    of constant: Constant, _ type: ElementType
  ) throws(NodeRefusal) -> [Int64] {
    guard constant.isExact else {
      throw NodeRefusal("casts rounded numbers to \(type.rawValue)")
    }
    let values: [Int64?] =
      switch constant.elements {
      case .integer(let integers): integers
      case .float, .double: constant.doubles.map { Int64(exactly: $0.rounded(.towardZero)) }
      }
    if type == .bool { return values.map { $0 == 0 ? 0 : 1 } }
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
    guard a.isExact, b.isExact else { throw NodeRefusal("compares rounded numbers") }
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
    result.roundings = .init(
      stored: max(a.roundings.stored, b.roundings.stored),
      deployed: max(a.roundings.deployed, b.roundings.deployed))
    if let x = a.integers, let y = b.integers {
      result.elements = .integer(pick(x, y).map(Int64.init))
    } else {
      result.elements = .double(pick(a.doubles, b.doubles))
    }
    if a.magnitudes != nil || b.magnitudes != nil {
      result.magnitudes = pick(
        a.magnitudes ?? a.doubles.map(abs), b.magnitudes ?? b.doubles.map(abs))
    }
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
}
