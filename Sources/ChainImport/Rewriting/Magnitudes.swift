import NetworkGraph
import ReLUChain

// Norms that are sums of magnitudes, and the one power that changes nothing.
extension Lowering {
  /// ReduceL1: magnitudes as ReLUs, then their sum.
  func sumOfMagnitudes() throws(NodeRefusal) -> Lowered {
    let axes = try call.integers(input: 1, attribute: "axes") ?? []
    if axes.isEmpty, try call.flag("noop_with_empty_axes") {
      throw NodeRefusal(
        "over no axes (noop_with_empty_axes), where it is x by one text of the standard and |x| by"
          + " another; expected axes")
    }
    return try behindMagnitudes { (lowering) throws(NodeRefusal) in try lowering.reduction() }
  }

  /// GlobalLpPool with p = 1.
  func globalSumOfMagnitudes() throws(NodeRefusal) -> Lowered {
    try checkNorm()
    let rank = data.shape.count
    guard rank >= 3 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected spatial axes")
    }
    return try behindMagnitudes { (lowering) throws(NodeRefusal) in
      try lowering.mean(over: Set(2..<rank), keepsAxes: true, divides: false)
    }
  }

  /// LpPool with p = 1: padding adds 0.
  func pooledMagnitudes() throws(NodeRefusal) -> Lowered {
    try checkNorm()
    return try behindMagnitudes { (lowering) throws(NodeRefusal) in
      try lowering.windowSums().lowered
    }
  }

  private func checkNorm() throws(NodeRefusal) {
    // The earliest version takes a fraction.
    let isOne =
      if case .float(let number)? = node.attributes["p"] { number == 1 } else {
        try call.int("p", default: 2) == 1
      }
    if !isOne { throw refusal }
  }

  private func behindMagnitudes(
    _ next: (Lowering) throws(NodeRefusal) -> Lowered
  ) throws(NodeRefusal) -> Lowered {
    guard data.elementType.isFloatingPoint else { throw refusal }
    let magnitudes =
      data.isNonNegative ? unchanged() : try bent(slopes: [-1], rounds: false)
    var behind = data
    behind.isNonNegative = true
    var result = try next(
      Lowering(
        call: call, data: behind, dataIndex: dataIndex, batchSize: batchSize, budget: budget,
        limits: limits))
    result.steps = magnitudes.steps + result.steps
    result.isNonNegative = true
    result.note = magnitudes.note
    return result
  }

  /// Pow with the exponent 1, which a runtime may compute as it computes any other.
  func power() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0, data.elementType.isFloatingPoint else { throw refusal }
    let exponent = try call.constant(1, "exponent")
    guard call.readsExactly(exponent), exponent.doubles.allSatisfy({ $0 == 1 }),
      try broadcastShape(data.shape, exponent.shape) == data.shape
    else { throw refusal }
    let ones = [Double](repeating: 1, count: try elementCount(of: data.shape))
    var result = unchanged(steps: [
      try factor(ones, .none, deployed: OperatorCall.libraryRoundings, data.unitShape)
    ])
    result.isNonNegative = data.isNonNegative
    result.note = "\(node.label) with the exponent 1 read as x, exactly"
    return result
  }

  private var refusal: NodeRefusal {
    NodeRefusal(
      RefusedOperators.reason(for: node.operatorType, domain: node.domain)
        ?? RefusedOperators.reasonOnData(for: node.operatorType))
  }

  /// A sum of as many values as it was made of, divided by their number.
  func divided(by count: Int) throws(NodeRefusal) -> Lowered {
    guard count > 1 else { return unchanged() }
    let units = try elementCount(of: data.shape)
    var result = unchanged(steps: [
      try quotient(shape: data.unitShape) { [Int](repeating: count, count: units) }
    ])
    result.isNonNegative = data.isNonNegative
    return result
  }
}
