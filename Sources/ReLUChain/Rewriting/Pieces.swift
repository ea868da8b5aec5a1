import NetworkGraph

/// A value made of the data that is no data of a chain, but part of a pattern that is.
enum Piece: Equatable, Sendable {
  /// Whether the data are above 0, or below.
  case comparison(isAbove: Bool)
  /// One number for all classes, made of the logits: their maximum, a sum of exponentials.
  case shared(isPositive: Bool)
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
    case "Log", "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Expand":
      return passedOn(node, inputs)
    default: return nil
    }
  }

  /// The reason against a piece that no pattern takes.
  static func refusal(ofPieceBy maker: Node) -> NodeRefusal {
    NodeRefusal(
      RefusedOperators.reason(for: maker.operatorType, domain: maker.domain)
        ?? "a sum over classes behind the exponential is not linear; \(RefusedOperators.pattern)")
  }

  private func comparison(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard inputs.count == 2, let place = inputs.firstIndex(where: { $0?.dependsOnInput ?? false }),
      case .data(let data) = inputs[place], data.softmax == nil,
      case .constant(let zero) = inputs[1 - place], isZero(zero),
      (try? broadcastShape(data.shape, zero.shape)) == data.shape
    else { return nil }
    let asksAbove = node.operatorType.hasPrefix("Greater") == (place == 0)
    return .piece(data, .comparison(isAbove: asksAbove), by: node)
  }

  private func isZero(_ constant: Constant) -> Bool {
    constant.isExact && constant.count > 0 && constant.doubles.allSatisfy { $0 == 0 }
  }

  /// `where(x > 0, x, 0)`, `where(x > 0, x, a x)` and the like.
  private mutating func choice(_ node: Node, _ inputs: [Value?]) throws(NodeRefusal) -> Value? {
    guard inputs.count == 3, case .piece(let x, .comparison(let isAbove), _) = inputs[0] else {
      return nil
    }
    let (above, below) = isAbove ? (inputs[1], inputs[2]) : (inputs[2], inputs[1])
    func isX(_ value: Value?) -> Bool {
      guard case .data(let data) = value else { return false }
      return data.tail == x.tail && data.shape == x.shape && data.softmax == nil
    }
    func isZero(_ value: Value?) -> Bool {
      guard case .constant(let constant) = value else { return false }
      return self.isZero(constant) && (try? broadcastShape(x.shape, constant.shape)) == x.shape
    }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: inputs.map { $0?.constant },
      deployed: deployed)
    let own = lowering(call, x, 0)
    let lowered: Lowered
    if isX(above), isZero(below) {
      lowered = own.rectified()
    } else if isZero(above), isX(below) {
      lowered = try own.clipped(from: nil, to: [0])
    } else if isX(above), case .data(let data) = below, data.shape == x.shape,
      let slopes = slopes(of: data.tail, over: x.tail)
    {
      lowered = try own.bent(slopes: slopes, rounds: true)
    } else {
      throw NodeRefusal("chooses by a comparison with 0; expected x or 0, or x or a x")
    }
    note(lowered.note ?? "\(node.label) of a comparison with 0 read as Relu, exactly")
    return .data(append(lowered, to: x, by: node))
  }

  /// The factors by which one step scales another; nil where it does something else.
  private func slopes(of tail: Int, over other: Int) -> [Double]? {
    guard tail >= 0, parents[tail] == other, case .linear(let linear) = steps[tail],
      case .scaling(let scaling) = linear.kind, scaling.uncertainty == .none,
      scaling.shift.allSatisfy({ $0 == 0 })
    else { return nil }
    return scaling.scale
  }

  /// The number that all classes share, behind a node that keeps it one.
  private func passedOn(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard case .piece(let data, .shared(let isPositive), let maker) = inputs.first else {
      return nil
    }
    switch node.operatorType {
    case "Log":
      return isPositive ? .piece(data, .shared(isPositive: false), by: maker) : nil
    case "Cast":
      // An integer may be 0.
      let call = OperatorCall(
        node: node, opsetVersion: graph.opsetVersion, constants: [nil], deployed: deployed)
      guard (try? call.castTarget())?.isFloatingPoint ?? false else { return nil }
    case "Identity": break
    default:
      // One number an example may come to lie beside the classes.
      guard data.batchAxis == nil else { return nil }
    }
    return inputs[0]
  }

  /// A maximum, or a sum of exponentials, over all classes.
  private func reducedOverClasses(_ node: Node, _ inputs: [Value?]) -> Value? {
    guard case .data(let data) = inputs.first, data.shape.contains(where: { $0 > 1 }) else {
      return nil
    }
    let isSum = node.operatorType == "ReduceSum"
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
