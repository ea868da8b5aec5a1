/// Where each element of ScatterND or ScatterElements comes from: of the first input, or of the updates.
public struct Scattering: Sendable, Equatable {
  /// For every output element (row-major) that of the first input, or `-1 - update`.
  public var sources: [Int]
}

extension OperatorCall {
  /// What ScatterND or ScatterElements writes where, by stored indices; nil for any other operator.
  ///
  /// - Parameters:
  ///   - shape: Of the first input, and of the result.
  ///   - updates: Of the third input.
  ///   - budget: Pays for the list.
  public func scattering(
    over shape: [Int], updates: [Int], budget: ElementBudget
  ) throws(NodeRefusal) -> Scattering? {
    guard ["ScatterND", "ScatterElements"].contains(node.operatorType) else {
      return nil
    }
    let reduction = try string("reduction", default: "none")
    guard reduction == "none" else {
      throw NodeRefusal("its reduction is \(reduction); expected none: elements in others' place")
    }
    let table = try constant(1, "index list")
    let places =
      node.operatorType == "ScatterND"
      ? try blocks(table, over: shape, updates, budget)
      : try elements(table, over: shape, updates, budget)
    try budget.take(try elementCount(of: shape))
    var sources = Array(0..<(try elementCount(of: shape)))
    for (update, place) in places.enumerated() {
      // Nothing says which of two counts.
      guard sources[place] >= 0 else {
        throw NodeRefusal("writes one element twice; expected different indices")
      }
      sources[place] = -1 - update
    }
    return Scattering(sources: sources)
  }

  private func refusal(_ table: Constant, _ shape: [Int], _ updates: [Int]) -> NodeRefusal {
    NodeRefusal(
      "its indices '\(table.name)' are \(table.elementType.rawValue) \(shapeText(table.shape)) for updates"
        + " \(shapeText(updates)); expected integers that fit \(shapeText(shape))")
  }

  /// ScatterND: blocks of the leading axes' places.
  private func blocks(
    _ table: Constant, over shape: [Int], _ updates: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> [Int] {
    guard let indices = table.integers, let width = table.shape.last, width >= 1,
      width <= shape.count, updates == table.shape.dropLast() + Array(shape[width...])
    else { throw refusal(table, shape, updates) }
    let block = try elementCount(of: Array(shape[width...]))
    try budget.take(try elementCount(of: updates))
    var places: [Int] = []
    for tuple in 0..<indices.count / width {
      var place = 0
      for axis in 0..<width {
        place = try place * shape[axis] + index(indices[tuple * width + axis], of: shape[axis])
      }
      places += place * block..<(place + 1) * block
    }
    return places
  }

  /// ScatterElements: along one axis each update at the place that its index says.
  private func elements(
    _ table: Constant, over shape: [Int], _ updates: [Int], _ budget: ElementBudget
  ) throws(NodeRefusal) -> [Int] {
    let axis = try normalizedAxis(try int("axis", default: 0), rank: shape.count)
    guard let indices = table.integers, table.shape == updates, updates.count == shape.count,
      shape.indices.allSatisfy({ $0 == axis || updates[$0] <= shape[$0] })
    else { throw refusal(table, shape, updates) }
    try budget.take(indices.count)
    let (strides, own) = (rowMajorStrides(of: shape), rowMajorStrides(of: updates))
    var places: [Int] = []
    for (element, given) in indices.enumerated() {
      var place = 0
      for other in shape.indices {
        let position = element / own[other] % updates[other]
        place += strides[other] * (other == axis ? try index(given, of: shape[axis]) : position)
      }
      places.append(place)
    }
    return places
  }

  private func index(_ given: Int, of size: Int) throws(NodeRefusal) -> Int {
    guard given >= -size, given < size else {
      throw NodeRefusal("index \(given) is outside an axis of \(size)")
    }
    return given < 0 ? given + size : given
  }

  /// ScatterND and ScatterElements of constants; nil for any other operator.
  func scattered(_ budget: ElementBudget) throws(NodeRefusal) -> Constant? {
    var result = try constant(0, "input")
    let updates = try constant(2, "updates")
    guard
      let scattering = try scattering(over: result.shape, updates: updates.shape, budget: budget)
    else { return nil }
    guard result.elementType == updates.elementType else {
      throw NodeRefusal(
        "its inputs are \(result.elementType.rawValue) and \(updates.elementType.rawValue); expected one"
          + " type")
    }
    func pick<Element>(_ own: [Element], _ others: [Element]) -> [Element] {
      scattering.sources.map { $0 < 0 ? others[-1 - $0] : own[$0] }
    }
    if let own = result.integers, let others = updates.integers {
      result.elements = .integer(pick(own, others).map(Int64.init))
    } else {
      let isExact = result.isExact && updates.isExact
      let errors = isExact ? nil : pick(result.allErrors, updates.allErrors)
      result.elements = .double(pick(result.doubles, updates.doubles))
      result.setErrors(errors)
    }
    result.name = outputName
    return result
  }
}
