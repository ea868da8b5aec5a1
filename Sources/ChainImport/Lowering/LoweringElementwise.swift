import NetworkGraph
import ReLUChain

extension Lowering {
  /// Add, Sub, Mul and Div of the data and a constant, on either side.
  func arithmetic() throws(NodeRefusal) -> Lowered {
    guard node.attributes["axis"] == nil else {
      throw NodeRefusal("broadcasts by attribute 'axis'; expected an operator set of 7 or later")
    }
    let constant = try call.constant(1 - dataIndex, "operand")
    var (result, operand) = try broadcasted(with: constant)
    let shape = ReLUChain.withoutBatch(result.shape, batchAxis: result.batchAxis)
    switch (node.operatorType, dataIndex) {
    case ("Add", _):
      result.steps.append(try shift(by: operand, shape: shape))
    case ("Sub", 0):
      operand.elements = .double(operand.doubles.map { -$0 })
      result.steps.append(try shift(by: operand, shape: shape))
    case ("Sub", _):
      result.steps.append(try shift(by: operand, negatingData: true, shape: shape))
    case ("Mul", _):
      result.steps.append(try multiplication(by: operand, shape: shape))
    case ("Div", 0):
      result.steps.append(try division(by: operand, shape: shape))
    default:
      throw NodeRefusal("divides a constant by data, which is not linear")
    }
    return result
  }

  /// Sum: the data and any number of constants.
  func sum() throws(NodeRefusal) -> Lowered {
    var current = self
    var result = unchanged()
    for index in node.inputs.indices where index != dataIndex {
      let constant = try call.constant(index, "operand")
      var (next, operand) = try current.broadcasted(with: constant)
      let shape = ReLUChain.withoutBatch(next.shape, batchAxis: next.batchAxis)
      next.steps.append(try shift(by: operand, shape: shape))
      next.steps = result.steps + next.steps
      result = next
      var data = data
      (data.shape, data.batchAxis) = (next.shape, next.batchAxis)
      current = Lowering(
        call: call, data: data, dataIndex: dataIndex, batchSize: batchSize, budget: budget,
        limits: limits)
    }
    return result
  }

  func negation() throws(NodeRefusal) -> Lowered {
    let count = try elementCount(of: data.shape)
    try budget.take(3 * count)
    let scaling = Scaling(
      scale: [Double](repeating: -1, count: count), shift: [Double](repeating: 0, count: count),
      shiftMagnitude: [Double](repeating: 0, count: count), deployedRoundings: 0)
    return unchanged(steps: [step(.scaling(scaling), from: data.unitShape, to: data.unitShape)])
  }

  /// Refuses a constant that has another row for each example of the file's batch.
  func checkBatch(of constant: Constant) throws(NodeRefusal) {
    guard let axis = data.batchAxis, let shape = try? broadcastShape(data.shape, constant.shape),
      shape[axis + shape.count - data.shape.count] != 1
    else { return }
    throw mixing("uses different constants")
  }

  /// The data repeated over the shape that it broadcasts to, and the constant spread over the same.
  private func broadcasted(
    with constant: Constant
  ) throws(NodeRefusal) -> (data: Lowered, operand: Constant) {
    let shape: [Int]
    do {
      shape = try broadcastShape(data.shape, constant.shape)
    } catch {
      throw NodeRefusal(
        "its constant '\(constant.name)' is \(shapeText(constant.shape)); expected a shape that"
          + " broadcasts with \(shapeText(data.shape)) \(data.origin)")
    }
    guard try elementCount(of: shape) <= limits.units else {
      throw NodeRefusal.tooManyUnits(shape)
    }
    var result = unchanged()
    result.softmax = nil
    result.batchAxis = data.batchAxis.map { $0 + shape.count - data.shape.count }
    try checkBatch(of: constant)
    if try elementCount(of: shape) != elementCount(of: data.shape) {
      let map = try AxisMap.broadcasting(data.shape, with: shape)
      result.steps = [
        try selection(
          try map.sources(), from: data.unitShape,
          to: ReLUChain.withoutBatch(shape, batchAxis: result.batchAxis))
      ]
    }
    result.shape = shape
    var operand = constant
    operand.elements = .double(try constant.weights(as: "constant"))
    let map = try AxisMap.broadcasting(constant.shape, with: shape)
    return (result, try operand.mapped(by: map, name: constant.name, budget: budget))
  }
}

extension Lowering {
  /// `x + c` or `c - x`: one rounding beside those of the constant.
  func shift(
    by constant: Constant, negatingData: Bool = false, shape: [Int],
    holding held: [HeldNumber] = []
  ) throws(NodeRefusal) -> Step {
    let values = constant.doubles
    try budget.take(3 * values.count)
    let scaling = Scaling(
      scale: [Double](repeating: negatingData ? -1 : 1, count: values.count), shift: values,
      shiftMagnitude: values.map(abs),
      uncertainty: Uncertainty(
        weights: [], errors: nil, offsets: values, offsetErrors: constant.errors),
      deployedRoundings: 1)
    return step(.scaling(scaling), from: shape, to: shape, holding: held)
  }

  private func multiplication(by constant: Constant, shape: [Int]) throws(NodeRefusal) -> Step {
    let factors = constant.doubles
    return try factor(
      factors, Uncertainty(weights: factors, errors: constant.errors), deployed: 1, shape)
  }

  /// `x / c`: deployed as a division (1 rounding) or as a product with a rounded reciprocal (2).
  private func division(by constant: Constant, shape: [Int]) throws(NodeRefusal) -> Step {
    let divisors = constant.doubles
    var factors: [Double] = []
    factors.reserveCapacity(divisors.count)
    var isExact = true
    for divisor in divisors {
      let factor = 1 / divisor
      guard factor.isNormal else {
        throw NodeRefusal(
          "divides by \(plain(divisor)) of '\(constant.name)'; expected a divisor with a finite reciprocal"
        )
      }
      isExact = isExact && (-1).addingProduct(factor, divisor) == 0
      factors.append(factor)
    }
    let uncertainty =
      try Uncertainty(roundings: isExact ? 0 : 1)
      + Uncertainty(weights: factors, errors: reciprocalErrors(of: constant))
    return try factor(
      factors, uncertainty, deployed: isExact ? 1 : 2, shape, sources: divisors,
      holding: [HeldNumber("divisor", divisors, isDivisor: true)])
  }

  /// How far the reciprocals of a constant may lie from those of the divisors that are meant; nil
  /// where it is exact.
  private func reciprocalErrors(of constant: Constant) throws(NodeRefusal) -> [Double]? {
    guard let errors = constant.errors else { return nil }
    var result: [Double] = []
    for (divisor, error) in zip(constant.doubles, errors) {
      // |1/c' - 1/c| <= e / (|c| (|c| - e)), in a few roundings.
      let least = (divisor.magnitude - error) * (1 - 0x1p-40)
      guard least > 0 else {
        throw NodeRefusal(
          "divides by \(plain(divisor)) of '\(constant.name)', which rounding may make 0")
      }
      result.append(error / divisor.magnitude / least * (1 + 0x1p-40) + 0x1p-1070)
    }
    return result
  }

  /// `scale_i x_i`.
  ///
  /// - Parameter sources: The file's numbers behind the scale; left out, the scale itself.
  func factor(
    _ scale: @autoclosure () -> [Double], _ uncertainty: Uncertainty, deployed: Int,
    _ shape: [Int], sources: [Double]? = nil, holding held: [HeldNumber] = []
  ) throws(NodeRefusal) -> Step {
    try budget.take(3 * (try elementCount(of: shape)))
    let scale = scale()
    let zeros = [Double](repeating: 0, count: scale.count)
    var scaling = Scaling(
      scale: scale, shift: zeros, shiftMagnitude: zeros, uncertainty: uncertainty,
      deployedRoundings: deployed, sources: [sources ?? scale])
    scaling.leastDivisor = held.compactMap(\.least).min() ?? .infinity
    return step(.scaling(scaling), from: shape, to: shape, holding: held)
  }
}
