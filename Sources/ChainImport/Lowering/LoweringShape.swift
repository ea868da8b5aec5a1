import NetworkGraph
import ReLUChain

extension Lowering {
  /// Operators that move units or only rename their positions.
  func rearranged() throws(NodeRefusal) -> Lowered {
    let shape = data.trueShape(batchSize: batchSize)
    guard dataIndex == 0 || node.operatorType == "Identity" else {
      throw NodeRefusal(
        OperatorCall.moves.contains(node.operatorType) || !node.domain.isEmpty
          ? "its input \(dataIndex) depends on the network's input; expected a constant there"
          : RefusedOperators.reasonOnData(for: node.operatorType))
    }
    guard let rearrangement = try call.rearrangement(of: shape) else {
      throw NodeRefusal(RefusedOperators.reasonOnData(for: node.operatorType))
    }
    return try rearranged(by: rearrangement)
  }

  /// One of Split's outputs, where no other is used.
  func part(_ index: Int) throws(NodeRefusal) -> Lowered {
    let maps = try call.partMaps(of: data.trueShape(batchSize: batchSize))
    return try rearranged(by: Rearrangement(map: maps[index]))
  }

  private func rearranged(by rearrangement: Rearrangement) throws(NodeRefusal) -> Lowered {
    guard let full = rearrangement.map else { return try reshaped(to: rearrangement.shape) }
    let (map, batchAxis) = try withoutBatch(full)
    var result = unchanged()
    result.batchAxis = batchAxis
    result.shape = map.outputShape
    if rearrangement.shape != full.outputShape {
      // Gather by a table of indices, blocks of pixels: one axis becomes several, or the reverse.
      result.shape = rearrangement.shape
      if let batchAxis {
        guard batchAxis == 0, result.shape.first == batchSize else { throw mixing("moves data") }
        result.shape[0] = 1
      }
    }
    guard try elementCount(of: result.shape) <= limits.units else {
      throw NodeRefusal.tooManyUnits(result.shape)
    }
    if try !map.isIdentity() {
      let source = try map.sources()
      let filler = rearrangement.filler
      result.steps = [
        try selection(
          source, constant: source.map { $0 < 0 ? filler : 0 }, from: data.unitShape,
          to: ReLUChain.withoutBatch(result.shape, batchAxis: batchAxis))
      ]
      result.softmax = nil
      result.isNonNegative = data.isNonNegative && filler >= 0
    }
    return result
  }

  /// The same units under another shape; a batch must stay the outermost axis.
  private func reshaped(to shape: [Int]) throws(NodeRefusal) -> Lowered {
    var result = unchanged()
    result.shape = shape
    guard let axis = data.batchAxis else { return result }
    let isOutermost = data.shape[..<axis].allSatisfy { $0 == 1 }
    guard isOutermost, let position = shape.firstIndex(where: { $0 != 1 }),
      shape[position] == batchSize
    else { throw mixing("gives the shape \(shapeText(shape))") }
    result.shape[position] = 1
    result.batchAxis = position
    return result
  }

  /// The map of one example, for the map of a whole batch.
  private func withoutBatch(_ full: AxisMap) throws(NodeRefusal) -> (AxisMap, Int?) {
    guard let axis = data.batchAxis else { return (full, nil) }
    guard let position = full.axes.firstIndex(where: { $0.source == axis }),
      full.axes[position].indices == Array(0..<batchSize)
    else { throw mixing("moves data") }
    var map = full
    map.inputShape[axis] = 1
    map.axes[position].indices = [0]
    return (map, position)
  }

  /// Concat of the data with constants.
  func concatenation() throws(NodeRefusal) -> Lowered {
    let axis = try normalizedAxis(
      try call.int("axis", default: call.opsetVersion < 4 ? 1 : 0), rank: data.shape.count)
    if axis == data.batchAxis { throw mixing("joins") }
    var parts: [(shape: [Int], elements: [Int])] = []
    var constants: [Double] = []
    for index in node.inputs.indices {
      if index == dataIndex {
        let count = try elementCount(of: data.shape)
        try budget.take(count)
        parts.append((data.shape, Array(0..<count)))
        continue
      }
      let constant = try call.constant(index, "input \(index)")
      try call.checkHeld(constant, as: "operand")
      guard call.readsExactly(constant) else {
        throw NodeRefusal("joins the data with computed constants; expected stored ones")
      }
      // Constants are numbered from -1 downwards while they are joined.
      let first = constants.count
      constants += try constant.weights(as: "constant")
      parts.append((constant.shape, (first..<constants.count).map { -1 - $0 }))
    }
    let shape = try call.joinedShape(parts.map(\.shape), along: axis)
    let source = call.interleaved(parts, along: axis)
    var result = unchanged()
    result.shape = shape
    result.softmax = nil
    guard !constants.isEmpty else { return unchanged() }
    result.steps = [
      try selection(
        source.map { max($0, -1) }, constant: source.map { $0 < 0 ? constants[-1 - $0] : 0 },
        from: data.unitShape, to: ReLUChain.withoutBatch(shape, batchAxis: data.batchAxis))
    ]
    return result
  }
}

extension Lowering {
  /// Cast of the data to a floating-point type.
  ///
  /// To a narrower one every value is rounded as it passes: a network in that type does so, or one in
  /// exact arithmetic, which rounds nothing; any other is refused by who runs it (`narrowsData`).
  func cast() throws(NodeRefusal) -> Lowered {
    let target = try call.castTarget()
    guard target.isFloatingPoint else {
      throw NodeRefusal(
        "casts the data to \(target.rawValue), which is not linear; expected a floating-point type")
    }
    var result = unchanged()
    let isNarrower = data.elementType.narrower(target) != data.elementType
    // At the input the ball is widened for the rounding of its points.
    if data.elementType.isFloatingPoint, isNarrower, data.tail >= 0, data.softmax == nil {
      let count = try elementCount(of: data.shape)
      let ones = [Double](repeating: 1, count: count)
      result = unchanged(steps: [try factor(ones, .none, deployed: 1, data.unitShape)])
      result.isNonNegative = data.isNonNegative
    }
    result.elementType = target
    return result
  }

  /// Softmax over the classes, which keeps their order: what stands in front of it is certified.
  func softmax() throws(NodeRefusal) -> Lowered {
    let coerces = call.opsetVersion < 13
    let axis = try normalizedAxis(
      try call.int("axis", default: coerces ? 1 : -1), rank: data.shape.count)
    // Before version 13 it runs over all axes from the given one on.
    let classes = coerces ? Array(data.shape[axis...]) : [data.shape[axis]]
    guard try elementCount(of: classes) == elementCount(of: data.shape),
      data.batchAxis.map({ $0 < axis || !coerces && $0 != axis }) ?? true
    else {
      throw NodeRefusal.noClassAxis(axis, of: data.shape)
    }
    guard data.softmax == nil || isShifted else {
      throw NodeRefusal("a second Softmax; expected one at most")
    }
    guard try elementCount(of: classes) > 1 else {
      throw NodeRefusal.oneScore
    }
    var result = unchanged()
    result.softmax = node
    return result
  }

  /// Whether the data are the logits less one number that they share: Softmax makes the same of both.
  ///
  /// torch.distributions.Categorical takes LogSoftmax of what it is given, and then Softmax for its probabilities.
  private var isShifted: Bool {
    ["LogSoftmax", "Log", "Sub"].contains(data.softmax?.operatorType)
  }
}
