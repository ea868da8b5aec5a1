import NetworkGraph

extension ChainBuilder {
  /// Finds a node's value from those of its inputs.
  mutating func visit(_ original: Node) {
    let node = spelledOut(original)
    if node.operatorType == "If", node.domain.isEmpty { return choose(node) }
    let inputs = node.inputs.map { $0.isEmpty ? nil : value($0) }
    // A label may be looked up in a table of names.
    let isLabelled = inputs.contains { if case .label = $0 { true } else { false } }
    let isLookup = isLabelled && LabelOperators.onLabels.contains(node.operatorType)
    for (name, value) in zip(node.inputs, inputs) where !name.isEmpty && value == nil {
      if isLookup, unusableConstants[name] != nil { continue }
      if order.producers[name] == nil {
        let kind = unusableConstants[name]
        refuse(
          node,
          NodeRefusal(
            kind.map { "'\(name)' is \($0); expected a floating-point tensor" }
              ?? "reads '\(name)', which nothing writes"))
      }
    }
    let reaching = inputs.indices.filter { inputs[$0]?.dependsOnInput ?? false }
    let isKnown = zip(node.inputs, inputs).allSatisfy { name, value in
      name.isEmpty || value?.isKnown ?? false
    }
    do throws(NodeRefusal) {
      set(node, try result(of: node, inputs, reaching: reaching, isKnown: isKnown))
    } catch {
      refuse(original, error)
      set(node, continuation(of: node, inputs, reaching: reaching))
    }
  }

  mutating func result(
    of node: Node, _ inputs: [Value?], reaching: [Int], isKnown: Bool
  ) throws(NodeRefusal) -> Value {
    let isConstant = reaching.isEmpty && isKnown && node.domain.isEmpty
    var pattern = binaryPair(node, inputs) ?? oppositePair(node, inputs)
    if pattern == nil { pattern = try piece(of: node, inputs) }
    if let pattern {
      try OperatorSignatures.check(node)
      return pattern
    }
    for case .piece(_, _, let maker)? in inputs {
      refuse(maker, Self.refusal(ofPieceBy: maker))
      return .unknown(dependsOnInput: true)
    }
    if let reason = RefusedOperators.reason(for: node),
      !isConstant || !OperatorCall.functionsOfConstants.contains(node.operatorType),
      !isConstant || !RefusedOperators.isFunction(node.operatorType),
      !isEnd(node, inputs, reaching), !isDecidedByParameters(node, inputs, reaching)
    {
      throw NodeRefusal(reason)
    }
    try OperatorSignatures.check(node)
    for index in reaching { try WholeNumbers.check(node, on: inputs[index]) }
    if node.operatorType == "Mean", !reaching.isEmpty, isKnown {
      return try mean(node, inputs, reaching)
    }
    let constants = inputs.map(\.?.constant)
    for case let constant? in constants { _ = try elementCount(of: constant.shape) }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: constants, deployed: deployed)
    if let first = reaching.first, reaching.count > 1 {
      if node.domain.isEmpty {
        if let value = try multiple(of: node, call, inputs) { return value }
      }
      // Behind a refused node the data are no longer what they seem.
      if node.domain.isEmpty, reasons.isEmpty {
        if let value = try bent(node, call, inputs) { return value }
        if let value = try joined(node, call, inputs) { return value }
        if let value = try summed(node, call, inputs) { return value }
        if let value = try chosenByMask(node, call, inputs) { return value }
        if joinsBranches, let value = try branched(node, call, inputs) { return value }
      }
      throw merge(node, count: reaching.count, isFirst: first == 0)
    }
    guard let index = reaching.first else {
      guard isKnown else { return .unknown(dependsOnInput: false) }
      if node.operatorType == "Split" { try setParts(of: call) }
      return .constant(try folded(call))
    }
    switch inputs[index] {
    case .label(let label):
      guard LabelOperators.onLabels.contains(node.operatorType) else {
        let type = label.maker.operatorType
        refuse(label.maker, NodeRefusal("\(node.label) follows; expected \(type) at the end only"))
        return .unknown(dependsOnInput: true)
      }
      return .label(try relabelled(label, by: call, at: index))
    case .data(let data):
      return try isKnown
        ? resultOnData(call, data, index) : .unknown(dependsOnInput: node.operatorType != "Shape")
    default:
      for constant in constants.compactMap(\.self) where Self.hasWeights(node.operatorType) {
        _ = try constant.weights(as: "weight")
      }
      return .unknown(dependsOnInput: !Self.readsShapeOnly(node.operatorType))
    }
  }

  /// Whether a function that no hidden layer may be is the data's end.
  private func isEnd(_ node: Node, _ inputs: [Value?], _ reaching: [Int]) -> Bool {
    guard node.domain.isEmpty, reaching.count == 1, case .data(let data) = inputs[reaching[0]]
    else {
      return false
    }
    switch node.operatorType {
    case "Sigmoid":
      return data.shape.allSatisfy { $0 == 1 } || !isHidden(node)
    case "Log": return ["Softmax", "Exp"].contains(data.softmax?.operatorType)
    default: return false
    }
  }

  /// Whether a layer, or the data themselves, stand somewhere behind a node.
  private func isHidden(_ node: Node) -> Bool {
    let layers: Set = ["Gemm", "MatMul", "Conv", "ConvTranspose", "Mul", "Log", "Relu", "Tanh"]
    var (open, seen) = (node.outputs, Set(node.outputs))
    while let name = open.popLast() {
      // Of a tail that long nothing is said.
      guard seen.count <= 64 else { return true }
      for reader in readers(of: name) {
        if layers.contains(reader.operatorType) { return true }
        for output in reader.outputs where seen.insert(output).inserted { open.append(output) }
      }
    }
    return false
  }

  /// Gives every output but the first its part; the first is the node's result.
  private mutating func setParts(of call: OperatorCall) throws(NodeRefusal) {
    for part in try call.parts(budget: budget).dropFirst() {
      set(.constant(part), named: part.name)
    }
  }

  private mutating func folded(_ call: OperatorCall) throws(NodeRefusal) -> Constant {
    guard let constant = try call.folded(budget: budget) else {
      throw NodeRefusal("not supported between constants; expected them folded before export")
    }
    _ = try elementCount(of: constant.shape)
    if constant.elementType.isFloatingPoint, !OperatorCall.moves.contains(call.node.operatorType) {
      charge(call.format(of: constant.elementType))
    }
    return constant
  }

  private mutating func resultOnData(
    _ call: OperatorCall, _ data: DataValue, _ index: Int
  ) throws(NodeRefusal) -> Value {
    let node = call.node
    let shape = data.trueShape(batchSize: reading.batchSize)
    switch node.operatorType {
    case "Shape": return .constant(try call.shape(of: shape))
    case "Size": return .constant(try call.size(of: shape))
    case "Split": return try part(call, data)
    case "LinearClassifier": return try classified(call, data)
    case "SVMClassifier": return try supported(call, data)
    case "ZipMap":
      if let names = try LabelOperators.names(of: node) {
        let count = try elementCount(of: data.shape)
        guard names.count == count else {
          throw NodeRefusal("has \(names.count) names for \(count) scores; expected one for each")
        }
        try ClassLabel.check(names, isMap: true)
      }
      note("\(node.label) dropped: certifying what stands in front of it")
      return .data(data)
    case "ArgMax":
      let axis = try normalizedAxis(try call.int("axis", default: 0), rank: data.shape.count)
      guard data.shape[axis] == (try elementCount(of: data.shape)), data.batchAxis != axis else {
        throw NodeRefusal.noClassAxis(axis, of: data.shape)
      }
      guard data.shape[axis] > 1 else {
        throw NodeRefusal.oneScore
      }
      note("\(node.label) dropped: certifying the logits in front of it")
      return .label(ClassLabel(data: data, maker: node, namer: node))
    default: break
    }
    let lowered = try lowering(call, data, index).lowered()
    if let text = lowered.note { note(text) }
    return .data(append(lowered, to: data, by: node))
  }

  /// A node on the data's path, with all that its lowering may ask.
  func lowering(_ call: OperatorCall, _ data: DataValue, _ index: Int) -> Lowering {
    Lowering(
      call: call, data: data, dataIndex: index, batchSize: reading.batchSize, budget: budget,
      limits: limits, isReadByReLU: isReadByOneReLU(call.node))
  }

  mutating func append(_ given: Lowered, to data: DataValue, by node: Node) -> DataValue {
    var lowered = given
    if let cut = probability(cutOutBy: lowered, of: data) {
      lowered = cut
    } else if !lowered.steps.isEmpty, let softmax = data.softmax {
      let inside =
        softmax.operatorType == "Exp" ? RefusedOperators.reason(for: "Exp", domain: "") : nil
      let cut = Self.cutsOutFirst(lowered, of: data, by: node)
      refuse(
        softmax,
        NodeRefusal(
          inside ?? cut ?? "\(node.label) follows; expected \(softmax.operatorType) at the end only"
        ))
    }
    var tail = data.tail
    for step in lowered.steps {
      tail = append(step, after: tail)
    }
    // One has the range, the other the digits: no single arithmetic speaks of both.
    let halves: Set<ElementType> = [.float16, .bfloat16]
    if halves == [elementType, lowered.elementType] {
      refuse(
        node,
        NodeRefusal(
          "the data pass through float16 and bfloat16; expected one type of half precision"))
    }
    pass(lowered.elementType, from: data.elementType)
    if let format = lowered.constantFormat { charge(format) }
    return DataValue(
      shape: lowered.shape, batchAxis: lowered.batchAxis, elementType: lowered.elementType,
      origin: "after '\(node.name)'", tail: tail, softmax: lowered.softmax,
      // Of what is dropped nothing is known: a logarithm is negative.
      isNonNegative: lowered.softmax == nil
        && (lowered.steps.isEmpty ? data.isNonNegative : lowered.isNonNegative),
      binaryEnd: lowered.binaryEnd,
      isRewritten: lowered.isRewritten)
  }

  /// Whether one ReLU, and nothing else, reads what a node makes.
  private func isReadByOneReLU(_ node: Node) -> Bool {
    guard let name = node.outputs.first, !isOutput(name) else { return false }
    let readers = readers(of: name)
    return readers.count == 1 && readers[0].operatorType == "Relu" && readers[0].domain.isEmpty
  }
}

extension ChainBuilder {
  /// The refusal of a node that more than one path reaches.
  private func merge(_ node: Node, count: Int, isFirst: Bool) -> NodeRefusal {
    let which = count == 2 ? "both inputs depend" : "\(count) inputs depend"
    switch node.operatorType {
    case "Add", "Sub", "Sum", "Mean":
      return NodeRefusal("\(which) on the network's input; a chain has no skip connections")
    case "Mul", "Div", "MatMul", "Gemm", "Conv", "ConvTranspose":
      return NodeRefusal("\(which) on the network's input; their product is not linear")
    case "Concat", "Max", "Where":
      return NodeRefusal("\(which) on the network's input; a chain does not branch")
    default:
      return NodeRefusal("\(which) on the network's input; expected one")
    }
  }

  /// What stands for a refused node's result: the data itself where its shape is sure to be kept, so
  /// that the nodes behind are checked too.
  private func continuation(of node: Node, _ inputs: [Value?], reaching: [Int]) -> Value {
    let reached = reaching.compactMap { index -> DataValue? in
      if case .data(let data) = inputs[index] { data } else { nil }
    }
    guard var data = reached.first else {
      return .unknown(
        dependsOnInput: !reaching.isEmpty && !Self.readsShapeOnly(node.operatorType))
    }
    let isMerge = ["Add", "Sub", "Mul", "Div", "Sum", "Max"].contains(node.operatorType)
    let isKept = RefusedOperators.keepsShape(node.operatorType) || node.operatorType == "Cast"
    guard isKept || isMerge && reached.count == reaching.count else {
      return .unknown(dependsOnInput: true)
    }
    guard reached.allSatisfy({ $0.shape == data.shape }), reached.count > 1 || isKept else {
      return .unknown(dependsOnInput: true)
    }
    data.softmax = nil
    data.origin = "after '\(node.name)'"
    return .data(data)
  }

  private static func hasWeights(_ operatorType: String) -> Bool {
    ["Gemm", "MatMul", "Conv", "ConvTranspose", "BatchNormalization", "Add", "Sub", "Mul", "Div"]
      .contains(operatorType)
  }

  private static func readsShapeOnly(_ operatorType: String) -> Bool {
    operatorType == "Shape" || operatorType == "Size"
  }
}
