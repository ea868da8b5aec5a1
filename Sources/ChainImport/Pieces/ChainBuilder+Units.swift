import NetworkGraph
import ReLUChain

// Branches that part at one value and join again as a continuous function of each number alone, in however many
// nodes an exporter writes it: Softshrink, the ReLU of Keras with an end and a slope.
extension ChainBuilder {
  /// Visits the nodes of a region as one.
  mutating func visit(_ region: UnitRegions.Region) {
    let nodes = region.nodes.map { graph.nodes[$0] }
    guard let last = nodes.last else { return }
    do throws(UnitObstacle) {
      guard case .data(let data) = value(region.base), data.softmax == nil, data.binaryEnd == nil,
        data.elementType.isFloatingPoint, reasons.isEmpty
      else { throw .unfit }
      let (bends, layout) = try bends(of: nodes, region.base, data)
      let moved = try self.moved(data, to: layout, among: nodes)
      set(last, try written(bends, moved, by: last, count: nodes.count))
    } catch {
      switch error {
      case .unfit:
        // One by one, as any other.
        for node in nodes where node.outputs.allSatisfy({ value($0) == nil }) { visit(node) }
      case .jump(let place, let from, let to):
        foundJump = true
        let count = nodes.count - 1
        let words = count == 1 ? "node" : "\(count) nodes"
        let others = count == 0 ? "" : ", with the \(words) in front of it"
        refuse(
          last,
          NodeRefusal(
            "jumps at \(plain(place))\(others), from \(plain(from)) to \(plain(to)), which no sum of"
              + " ReLUs does; expected a continuous function"))
        set(.unknown(dependsOnInput: true), named: last.outputs[0])
      }
    }
  }

  /// The data with their axes in another order.
  private mutating func moved(
    _ data: DataValue, to layout: [Int], among nodes: [Node]
  ) throws(UnitObstacle) -> DataValue {
    guard layout != Array(data.shape.indices),
      var node = nodes.last(where: { $0.operatorType == "Transpose" })
    else { return data }
    node.attributes["perm"] = .ints(layout.map(Int64.init))
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: [nil], deployed: deployed)
    do {
      return append(try lowering(call, data, 0).lowered(), to: data, by: node)
    } catch { throw .unfit }
  }

  private mutating func bends(
    of nodes: [Node], _ base: String, _ data: DataValue
  ) throws(UnitObstacle) -> (UnitBends, layout: [Int]) {
    let builder = self
    var evaluation = UnitEvaluation(
      of: base, data.elementType, rank: data.shape.count, opset: graph.opsetVersion,
      represents: { number in
        data.elementType.format?.represents(number) ?? false
          && builder.deployed?.represents(number) ?? true
      },
      number: { name, layout in builder.number(name, over: layout.map { data.shape[$0] }) })
    for node in nodes {
      do {
        try OperatorSignatures.check(node)
      } catch { throw .unfit }
      try evaluation.evaluate(node)
    }
    guard let last = nodes.last, let result = evaluation.result(last.outputs[0]) else {
      throw .unfit
    }
    return (try UnitBends(result.function), result.layout)
  }

  /// The number that a stored constant is for every unit; nil for any other value.
  private func number(_ name: String, over shape: [Int]) -> Double? {
    guard case .constant(let constant) = value(name), constant.isExact, constant.count > 0,
      (try? broadcastShape(shape, constant.shape)) == shape
    else { return nil }
    let values = constant.doubles
    guard let first = values.first, first.isFinite, values.allSatisfy({ $0 == first }) else {
      return nil
    }
    return first
  }

  private mutating func written(
    _ bends: UnitBends, _ data: DataValue, by node: Node, count: Int
  ) throws(UnitObstacle) -> Value {
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: node.inputs.map { _ in nil },
      deployed: deployed)
    do {
      let lowered = try lowering(call, data, 0).bent(by: bends)
      let places = bends.places.map { plain($0) }.joined(separator: ", ")
      let others = count == 2 ? "a node" : "\(count - 1) nodes"
      let what = count == 1 ? node.label : "\(node.label) and \(others) in front of it"
      note("\(what) written as ReLUs that bend at \(places), exactly")
      return .data(append(lowered, to: data, by: node))
    } catch { throw .unfit }
  }
}

extension Lowering {
  /// A sum of ReLUs of every unit: `[parts, units]`, one part for every place that it bends at.
  func bent(by bends: UnitBends) throws(NodeRefusal) -> Lowered {
    let count = try elementCount(of: data.shape)
    let parts = bends.parts
    let total = try elementCount(of: [parts.count, count])
    guard total <= limits.units else { throw NodeRefusal("has too many units") }
    func spread(_ number: (UnitBends.Part) -> Double) -> [Double] {
      parts.flatMap { [Double](repeating: number($0), count: count) }
    }
    let shape = [parts.count, count]
    var steps: [Step] = []
    if parts.map(\.sign) != [1] {
      steps.append(try virtualMixing(parts.map { [$0.sign] }, on: [1, count]))
    }
    if parts.contains(where: { $0.place != 0 }) {
      let places = spread(\.place)
      steps.append(
        try virtualScaling(
          1, shift: spread { 0 - $0.sign * $0.place }, sources: [places], shape: shape))
    }
    steps.append(.relu(name: node.name))
    try budget.take(3 * total)
    let scaling = Scaling(
      scale: spread(\.weight), shift: [Double](repeating: 0, count: total),
      shiftMagnitude: (0..<total).map { $0 < count ? bends.magnitude : 0 },
      deployedRoundings: bends.roundings, sources: [])
    let kind = LinearOperator.Kind.scaling(scaling)
    steps.append(
      bends.roundings > 0
        ? step(kind, from: shape, to: shape) : virtual(kind, from: shape, to: shape))
    if parts.count > 1 {
      steps.append(try virtualMixing([parts.map { _ in 1 }], on: [1, count]))
    }
    if bends.constant != 0 {
      let constants = [Double](repeating: bends.constant, count: count)
      steps.append(
        try virtualScaling(1, shift: constants, sources: [constants], shape: data.unitShape))
    }
    return rewritten(steps, isNonNegative: false)
  }
}
