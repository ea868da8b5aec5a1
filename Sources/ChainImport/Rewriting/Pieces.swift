import NetworkGraph
import ReLUChain

/// A value made of the data that is no data of a chain, but part of a pattern that is.
enum Piece: Equatable, Sendable {
  /// Whether the data are above a number, or below, as 1 or 0.
  case comparison(Comparison)
  /// One number for all classes, made of the logits: their maximum, a sum of exponentials.
  case shared(isPositive: Bool)
}

/// A comparison of the data with stored numbers; where both are equal it may say either.
struct Comparison: Equatable, Sendable {
  /// Whether it asks for what is above.
  var isAbove: Bool
  /// One number for each unit.
  var threshold: [Double]

  var isZero: Bool { threshold.allSatisfy { $0 == 0 } }
  /// For messages.
  var text: String {
    threshold.allSatisfy { $0 == threshold.first } ? plain(threshold.first ?? 0) : "other numbers"
  }
}

// Patterns of several nodes: ReLUs written as choices, Softmax and LogSoftmax in pieces.
extension ChainBuilder {
  /// What a node makes that belongs to a pattern; nil for any other.
  mutating func piece(of node: Node, _ inputs: [Value?]) throws(NodeRefusal) -> Value? {
    guard node.domain.isEmpty, inputs.contains(where: { $0?.dependsOnInput ?? false }) else {
      return nil
    }
    switch node.operatorType {
    case "Greater", "GreaterOrEqual", "Less", "LessOrEqual": return comparison(node, inputs)
    case "Where": return try choice(node, inputs)
    case "Exp":
      guard case .data(let data) = inputs.first, data.shape.contains(where: { $0 > 1 }) else {
        return nil
      }
      return .data(data.behind(node, as: "Exp"))
    case "ReduceMax", "ReduceLogSumExp", "ReduceSum": return reducedOverClasses(node, inputs)
    case "Sub", "Div", "Add": return combined(node, inputs)
    case "Mul": return try masked(node, inputs)
    case "Log", "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Expand":
      return passedOn(node, inputs)
    default: return nil
    }
  }

  /// The reason against a piece that no pattern takes.
  static func refusal(ofPieceBy maker: Node) -> NodeRefusal {
    NodeRefusal(
      RefusedOperators.reason(for: maker.operatorType, domain: maker.domain)
        ?? "one number of all classes, their maximum or a sum of exponentials, serves for more than a"
        + " Softmax; \(RefusedOperators.pattern)")
  }

  private func comparison(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard inputs.count == 2, let place = inputs.firstIndex(where: { $0?.dependsOnInput ?? false }),
      case .data(let data) = inputs[place], data.softmax == nil,
      case .constant(let constant) = inputs[1 - place],
      let threshold = stored(constant, over: data)
    else { return nil }
    let asksAbove = node.operatorType.hasPrefix("Greater") == (place == 0)
    let comparison = Comparison(isAbove: asksAbove, threshold: threshold)
    return .piece(data, .comparison(comparison), by: node)
  }

  /// A stored constant spread over the data; nil where it is computed, rounded or larger.
  private func stored(_ constant: Constant, over data: DataValue) -> [Double]? {
    guard constant.isExact, constant.count > 0, constant.elementType.isFloatingPoint,
      deployed.map({ format in constant.doubles.allSatisfy(format.represents) }) ?? true,
      constant.doubles.allSatisfy(\.isFinite),
      (try? broadcastShape(data.shape, constant.shape)) == data.shape,
      let map = try? AxisMap.broadcasting(constant.shape, with: data.shape),
      let sources = try? map.sources(), (try? budget.take(sources.count)) != nil
    else { return nil }
    let values = constant.doubles
    return sources.map { values[$0] }
  }

  /// `where(x > 0, a x, b x)`, `where(x > c, x, c)` and the like.
  private mutating func choice(_ node: Node, _ inputs: [Value?]) throws(NodeRefusal) -> Value? {
    guard inputs.count == 3, case .piece(let x, .comparison(let comparison), let maker) = inputs[0]
    else { return nil }
    let (above, below) =
      comparison.isAbove ? (inputs[1], inputs[2]) : (inputs[2], inputs[1])
    if comparison.isZero {
      guard let up = bend(of: above, over: x), let down = bend(of: below, over: x) else {
        throw jump(comparison, by: maker)
      }
      let both = Bend(
        above: up.above, below: down.below, roundings: max(up.roundings, down.roundings),
        sources: up.sources + down.sources)
      return try bent(both, x, by: node, inputs)
    }
    func isX(_ value: Value?) -> Bool {
      guard case .data(let data) = value else { return false }
      return data.tail == x.tail && data.shape == x.shape && data.softmax == nil
    }
    func isThreshold(_ value: Value?) -> Bool {
      guard case .constant(let constant) = value else { return false }
      return stored(constant, over: x) == comparison.threshold
    }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: inputs.map { $0?.constant },
      deployed: deployed)
    let lowered: Lowered
    switch (isX(above), isThreshold(below), isThreshold(above), isX(below)) {
    case (true, true, _, _):
      lowered = try lowering(call, x, 0).clipped(from: comparison.threshold, to: nil)
    case (_, _, true, true):
      lowered = try lowering(call, x, 0).clipped(from: nil, to: comparison.threshold)
    default: throw jump(comparison, by: maker)
    }
    if let text = lowered.note { note(text) }
    return .data(append(lowered, to: x, by: node))
  }

  /// One side of a choice as a function of what is compared.
  private func bend(of value: Value?, over x: DataValue) -> Bend? {
    switch value {
    case .constant(let constant):
      guard stored(constant, over: x)?.allSatisfy({ $0 == 0 }) ?? false else { return nil }
      return Bend(above: [0], below: [0])
    case .data(let data) where data.shape == x.shape && data.softmax == nil:
      return bend(of: data.tail, over: x.tail)
    default: return nil
    }
  }

  /// The number that all classes share, behind a node that keeps it one.
  private func passedOn(_ node: Node, _ inputs: [Value?]) -> Value? {
    if case .piece(_, .comparison, _) = inputs.first, node.operatorType == "Cast" {
      return isCastToNumbers(node) ? inputs[0] : nil
    }
    guard case .piece(let data, .shared(let isPositive), let maker) = inputs.first else {
      return nil
    }
    switch node.operatorType {
    case "Log":
      return isPositive ? .piece(data, .shared(isPositive: false), by: maker) : nil
    case "Cast":
      // An integer may be 0.
      guard isCastToNumbers(node) else { return nil }
    case "Identity": break
    default:
      // One number an example may come to lie beside the classes.
      guard data.batchAxis == nil else { return nil }
    }
    return inputs[0]
  }

  /// Whether what a node makes is only added or taken away, perhaps in another shape.
  private func isShift(_ node: Node, depth: Int = 4) -> Bool {
    let readers = node.outputs.first.map { self.readers(of: $0) } ?? []
    return !readers.isEmpty
      && readers.allSatisfy { reader in
        switch reader.operatorType {
        case "Sub", "Add": true
        case "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Expand":
          depth > 0 && isShift(reader, depth: depth - 1)
        default: false
        }
      }
  }

  private func isCastToNumbers(_ node: Node) -> Bool {
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: [nil], deployed: deployed)
    return (try? call.castTarget())?.isFloatingPoint ?? false
  }

  /// A maximum, or a sum of exponentials, over all classes.
  private func reducedOverClasses(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard case .data(let data) = inputs.first, data.shape.contains(where: { $0 > 1 }) else {
      return nil
    }
    let isSum = node.operatorType == "ReduceSum"
    // A layer of its own where anything else is made of it.
    if node.operatorType == "ReduceMax", !isShift(node) { return nil }
    if isSum, data.softmax?.operatorType != "Exp" { return nil }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: inputs.map { $0?.constant },
      deployed: deployed)
    guard let axes = try? call.reducedAxes(rank: data.shape.count),
      data.shape.indices.allSatisfy({ axes.contains($0) || data.shape[$0] == 1 }),
      let keeps = try? call.flag("keepdims", default: true),
      data.batchAxis.map({ !axes.contains($0) && keeps }) ?? true
    else { return nil }
    return .piece(data, .shared(isPositive: isSum), by: node)
  }

  /// The logits less a number that they share, or their exponentials divided by one: their order stays.
  private func combined(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard inputs.count == 2, case .piece(let other, .shared(let isPositive), let maker) = inputs[1]
    else { return nil }
    switch inputs[0] {
    case .piece(let data, .shared, _) where node.operatorType == "Add" && data.tail == other.tail:
      return .piece(data, .shared(isPositive: false), by: maker)
    case .data(let data) where data.tail == other.tail && data.shape == other.shape:
      switch node.operatorType {
      case "Sub": return .data(data.behind(node, as: "Sub"))
      case "Div" where isPositive && data.softmax?.operatorType == "Exp":
        return .data(data.behind(node, as: "Softmax"))
      default: return nil
      }
    default: return nil
    }
  }
}

extension DataValue {
  /// The logits behind a node that keeps their order, and nothing else of them.
  fileprivate func behind(_ node: Node, as operatorType: String) -> DataValue {
    var result = self
    result.softmax = Node(
      name: node.name, operatorType: operatorType, inputs: node.inputs, outputs: node.outputs)
    result.origin = "after '\(node.name)'"
    result.isNonNegative = false
    return result
  }
}

extension OperatorCall {
  /// The axes that a reduction runs over: all, where none are given.
  fileprivate func reducedAxes(rank: Int) throws(NodeRefusal) -> Set<Int> {
    let given = try integers(input: 1, attribute: "axes") ?? []
    if given.isEmpty, try flag("noop_with_empty_axes") { return [] }
    return try normalizedAxes(given.isEmpty ? Array(0..<rank) : given, rank: rank)
  }
}
