import NumberSupport

/// Operators that take their operands element by element.
extension NodeEvaluator {
  /// The shape that arrays broadcast to.
  static func broadcastShape(_ shapes: [[Int]]) -> [Int] {
    let rank = shapes.map(\.count).max() ?? 0
    return (0..<rank).map { axis in
      shapes.map { shape in
        let own = axis - (rank - shape.count)
        return own < 0 ? 1 : shape[own]
      }.max { ($0 == 1 ? 0 : $0 == 0 ? Int.max : $0) < ($1 == 1 ? 0 : $1 == 0 ? Int.max : $1) }
        ?? 1
    }
  }

  mutating func elementwise(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let shape = Self.broadcastShape(tensors.map(\.shape))
    let role = Role(tensors[0].type, isData: isData, isElementwise: true)
    let divides = node.op == "Div" && !tensors[1].isData && role.type.format != nil
    // A division may be a product with a rounded reciprocal.
    let isReciprocal = divides && system.way(of: 2) == 1
    var numbers: [Number] = []
    for index in indices(of: shape) {
      let elements = tensors.map { $0.broadcast(at: index) }
      numbers.append(
        isReciprocal
          ? byReciprocal(elements, role) : combined(node, elements, role))
    }
    return Tensor(shape, role.type, isData: isData, numbers)
  }

  private mutating func byReciprocal(_ elements: [Number], _ role: Role) -> Number {
    let inverse = system.quotient(system.stored(1), elements[1], role)
    return system.product(elements[0], inverse, role)
  }

  private mutating func combined(
    _ node: OracleNode, _ elements: [Number], _ role: Role
  ) -> Number {
    switch node.op {
    case "Add": return system.total(elements[0], elements[1], role)
    case "Sub": return system.total(elements[0], system.negative(elements[1]), role)
    case "Mul": return system.product(elements[0], elements[1], role)
    case "Div":
      let quotient = system.quotient(elements[0], elements[1], role)
      return role.type.format == nil ? system.whole(quotient, .towardZero) : quotient
    case "Sum": return system.sum(elements.map { .number($0) }, role)
    case "Mean":
      let sum = system.sum(elements.map { .number($0) }, role)
      return system.quotient(sum, system.stored(Double(elements.count)), role)
    case "Max": return elements.dropFirst().reduce(elements[0]) { system.largest($0, $1) }
    case "Min": return elements.dropFirst().reduce(elements[0]) { system.smallest($0, $1) }
    case "Pow": return system.function("Pow", elements, role)
    default:
      let (x, y) = (system.integer(elements[0]), system.integer(elements[1]))
      return system.stored(Double(x - y * Int((Double(x) / Double(y)).rounded(.down))))
    }
  }

  mutating func unary(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let tensor = tensors[0]
    let role = Role(tensor.type, isData: isData, isElementwise: true)
    let (zero, one) = (system.stored(0), system.stored(1))
    var numbers: [Number] = []
    for x in tensor.numbers {
      switch node.op {
      case "Neg": numbers.append(system.negative(x))
      case "Sqrt": numbers.append(system.root(x, role))
      case "Reciprocal": numbers.append(system.quotient(one, x, role))
      case "Abs": numbers.append(system.isLess(x, zero) ? system.negative(x) : x)
      case "Sign":
        let isNegative = system.isLess(x, zero)
        numbers.append(isNegative ? system.stored(-1) : system.isLess(zero, x) ? one : x)
      case "Floor": numbers.append(system.whole(x, .down))
      case "Ceil": numbers.append(system.whole(x, .up))
      case "Round": numbers.append(system.whole(x, .toNearestOrEven))
      case "Not": numbers.append(system.integer(x) == 0 ? one : zero)
      case "Relu": numbers.append(system.largest(x, zero))
      default: numbers.append(system.function(node.op, [x], role))
      }
    }
    return Tensor(tensor.shape, tensor.type, isData: isData, numbers)
  }

  mutating func clip(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let tensor = tensors[0]
    func end(_ index: Int, _ name: String) -> Number? {
      var end: Number?
      if let given = input(node, index) { end = given.numbers[0] }
      if case .float(let value) = node.attributes[name] { end = system.stored(Double(value)) }
      // An infinite end, which exact numbers have no value for, is none.
      return end.flatMap { system.isNaN($0) ? nil : $0 }
    }
    // Ends are loaded like every constant: a largest number may become infinite.
    let (low, high) = (end(1, "min"), end(2, "max"))
    let lower = low.map { isData ? system.loaded($0) : $0 }
    let upper = high.map { isData ? system.loaded($0) : $0 }
    let numbers = tensor.numbers.map { x in
      let risen = lower.map { system.largest(x, $0) } ?? x
      return upper.map { system.smallest(risen, $0) } ?? risen
    }
    return Tensor(tensor.shape, tensor.type, isData: isData, numbers)
  }

  mutating func cast(_ node: OracleNode) -> Tensor {
    let tensor = required(node, 0)
    let type = OracleType(rawValue: node.int("to", 1)) ?? .float32
    let role = Role(type, isData: tensor.isData)
    var numbers: [Number] = []
    for number in tensor.numbers {
      let isTrue =
        system.isLess(number, system.stored(0)) || system.isLess(system.stored(0), number)
      numbers.append(
        type == .bool ? system.stored(isTrue ? 1 : 0) : system.cast(number, to: role))
    }
    return Tensor(tensor.shape, type, isData: tensor.isData, numbers)
  }

  mutating func comparison(_ node: OracleNode) -> Tensor {
    let (a, b) = (required(node, 0), required(node, 1))
    let shape = Self.broadcastShape([a.shape, b.shape])
    let numbers = indices(of: shape).map { index in
      let (x, y) = (a.broadcast(at: index), b.broadcast(at: index))
      let (isLess, isGreater) = (system.isLess(x, y), system.isLess(y, x))
      let holds: Bool =
        switch node.op {
        case "Equal": !isLess && !isGreater
        case "Greater": isGreater
        case "Less": isLess
        case "GreaterOrEqual": !isLess
        case "LessOrEqual": !isGreater
        case "And": system.integer(x) != 0 && system.integer(y) != 0
        case "Or": system.integer(x) != 0 || system.integer(y) != 0
        default: (system.integer(x) != 0) != (system.integer(y) != 0)
        }
      return system.stored(holds ? 1 : 0)
    }
    return Tensor(shape, .bool, isData: false, numbers)
  }

  mutating func choice(_ node: OracleNode) -> Tensor {
    let condition = required(node, 0)
    var (a, b) = (required(node, 1), required(node, 2))
    let isData = a.isData || b.isData
    if isData { (a, b) = (loaded(a), loaded(b)) }
    let shape = Self.broadcastShape([condition.shape, a.shape, b.shape])
    let numbers = indices(of: shape).map { index in
      system.integer(condition.broadcast(at: index)) != 0
        ? a.broadcast(at: index) : b.broadcast(at: index)
    }
    return Tensor(shape, a.type, isData: isData, numbers)
  }
}
