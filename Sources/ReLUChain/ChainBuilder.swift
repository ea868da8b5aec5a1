import NetworkGraph

/// One walk over a graph's nodes, in an order in which each stands behind what it reads.
///
/// Constants are folded at once, the data's path becomes a list of steps. A refused node's result is
/// unknown, and unknown values pass on quietly, so that one cause gives one reason.
struct ChainBuilder {
  /// What is known of a value.
  enum Value {
    case constant(Constant)
    case data(DataValue)
    /// Made of the data behind its logits by a node: a class label.
    case label(DataValue, by: Node)
    /// The result of a refused node.
    case unknown(dependsOnInput: Bool)
  }

  let graph: Graph
  let order: GraphOrder
  let reading: InputReading
  let budget: ElementBudget

  private(set) var values: [String: Value] = [:]
  /// The steps of all paths; `parents` says which step each one follows.
  private(set) var steps: [Step] = []
  private(set) var parents: [Int] = []
  private(set) var reasons: [ChainRefusal] = []
  private(set) var notes: [String] = []
  /// Whether a refusal only says that what was taken for a batch is none.
  private(set) var mixesBatch = false

  /// The narrowest type of the data path.
  private(set) var elementType: ElementType
  private var remainingReaders: [String: Int] = [:]

  /// Makes the inputs' values.
  ///
  /// - Parameter input: The network's input; nil where it has been refused already, so that the walk
  ///   only looks for further reasons.
  init(
    _ graph: Graph, order: GraphOrder, input: ValueInfo?, reading: InputReading
  ) {
    (self.graph, self.order, self.reading) = (graph, order, reading)
    budget = ElementBudget(for: graph)
    elementType = input?.elementType ?? .float32
    for other in graph.inputs where graph.initializers[other.name] == nil {
      values[other.name] = .unknown(dependsOnInput: true)
    }
    if let input {
      values[input.name] = .data(
        DataValue(
          shape: reading.shape, batchAxis: reading.batchAxis, elementType: elementType,
          origin: "for input '\(input.name)'", tail: -1))
    }
    for index in order.order {
      for name in graph.nodes[index].inputs { remainingReaders[name, default: 0] += 1 }
    }
    for output in graph.outputs { remainingReaders[output.name, default: 0] += 1 }
  }

  /// Visits every node that an output needs.
  mutating func walk() {
    for index in order.cyclic.prefix(1) {
      let names = order.cyclic.map { "'\(graph.nodes[$0].name)'" }
      refuse(
        graph.nodes[index],
        NodeRefusal("lies on a cycle of \(names.count) nodes: \(Self.list(names))"))
    }
    for (index, value) in order.duplicates {
      refuse(graph.nodes[index], NodeRefusal("writes '\(value)', which has a value already"))
    }
    for index in order.order {
      let node = graph.nodes[index]
      visit(node)
      for name in node.inputs {
        remainingReaders[name, default: 0] -= 1
        if remainingReaders[name] == 0 { values[name] = nil }
      }
    }
  }

  /// At most ten names, with commas.
  static func list(_ names: [String]) -> String {
    names.count <= 10
      ? names.joined(separator: ", ")
      : names.prefix(10).joined(separator: ", ") + ", ..."
  }

  mutating func refuse(_ node: Node, _ refusal: NodeRefusal) {
    mixesBatch = mixesBatch || refusal.mixesBatch
    reasons.append(
      ChainRefusal(.node(node.name, operatorType: node.operatorType), refusal.reason))
  }

  mutating func refuse(_ refusal: ChainRefusal) {
    reasons.append(refusal)
  }

  mutating func note(_ text: String) {
    notes.append(text)
  }

  /// The value of a name: a constant is taken from the file when it is first read.
  func value(_ name: String) -> Value? {
    if let value = values[name] { return value }
    return graph.initializers[name].map { .constant(Constant(name: name, tensor: $0)) }
  }

  private mutating func set(_ node: Node, _ value: Value) {
    for (position, name) in node.outputs.enumerated() where !name.isEmpty {
      guard values[name] == nil else { continue }
      if position == 0 {
        values[name] = value
      } else if case .constant = value {
        values[name] = .unknown(dependsOnInput: false)
      } else {
        values[name] = .unknown(dependsOnInput: true)
      }
    }
  }
}

extension ChainBuilder {
  private mutating func visit(_ node: Node) {
    let inputs = node.inputs.map { $0.isEmpty ? nil : value($0) }
    for (name, value) in zip(node.inputs, inputs) where !name.isEmpty && value == nil {
      if order.producers[name] == nil {
        refuse(node, NodeRefusal("reads '\(name)', which nothing writes"))
      }
    }
    let reaching = inputs.indices.filter { inputs[$0]?.dependsOnInput ?? false }
    let isKnown = zip(node.inputs, inputs).allSatisfy { name, value in
      name.isEmpty || value?.isKnown ?? false
    }
    do throws(NodeRefusal) {
      set(node, try result(of: node, inputs, reaching: reaching, isKnown: isKnown))
    } catch {
      refuse(node, error)
      set(node, continuation(of: node, inputs, reaching: reaching))
    }
  }

  private mutating func result(
    of node: Node, _ inputs: [Value?], reaching: [Int], isKnown: Bool
  ) throws(NodeRefusal) -> Value {
    if let reason = RefusedOperators.reason(for: node.operatorType, domain: node.domain) {
      throw NodeRefusal(reason)
    }
    try OperatorSignatures.check(node)
    let constants = inputs.map(\.?.constant)
    for case let constant? in constants { _ = try elementCount(of: constant.shape) }
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: constants)
    if let first = reaching.first, reaching.count > 1 {
      throw merge(node, count: reaching.count, isFirst: first == 0)
    }
    guard let index = reaching.first else {
      guard isKnown else { return .unknown(dependsOnInput: false) }
      return .constant(try folded(call))
    }
    switch inputs[index] {
    case .label(let data, let maker):
      guard LabelOperators.onLabels.contains(node.operatorType) else {
        refuse(
          maker,
          NodeRefusal("\(node.label) follows; expected \(maker.operatorType) at the end only"))
        return .unknown(dependsOnInput: true)
      }
      return .label(data, by: maker)
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

  private func folded(_ call: OperatorCall) throws(NodeRefusal) -> Constant {
    guard let constant = try call.folded(budget: budget) else {
      throw NodeRefusal("not supported between constants; expected them folded before export")
    }
    _ = try elementCount(of: constant.shape)
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
    case "ZipMap":
      notes.append("\(node.label) dropped: certifying what stands in front of it")
      return .data(data)
    case "ArgMax":
      let axis = try normalizedAxis(try call.int("axis", default: 0), rank: data.shape.count)
      guard data.shape[axis] == (try elementCount(of: data.shape)), data.batchAxis != axis else {
        throw NodeRefusal(
          "runs over axis \(axis) of \(shapeText(data.shape)); expected the class axis")
      }
      notes.append("\(node.label) dropped: certifying the logits in front of it")
      return .label(data, by: node)
    default: break
    }
    let lowered = try Lowering(
      call: call, data: data, dataIndex: index, batchSize: reading.batchSize, budget: budget
    ).lowered()
    return .data(append(lowered, to: data, by: node))
  }

  private mutating func append(_ lowered: Lowered, to data: DataValue, by node: Node) -> DataValue {
    if !lowered.steps.isEmpty, let softmax = data.softmax {
      refuse(
        softmax,
        NodeRefusal("\(node.label) follows; expected Softmax at the end only"))
    }
    var tail = data.tail
    for step in lowered.steps {
      steps.append(step)
      parents.append(tail)
      tail = steps.count - 1
    }
    elementType = elementType.narrower(lowered.elementType)
    return DataValue(
      shape: lowered.shape, batchAxis: lowered.batchAxis, elementType: lowered.elementType,
      origin: "after '\(node.name)'", tail: tail,
      softmax: lowered.softmax)
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

extension ChainBuilder.Value {
  var dependsOnInput: Bool {
    switch self {
    case .constant: false
    case .data, .label: true
    case .unknown(let dependsOnInput): dependsOnInput
    }
  }

  var isKnown: Bool {
    if case .unknown = self { false } else { true }
  }

  var constant: Constant? {
    if case .constant(let constant) = self { constant } else { nil }
  }
}

extension Node {
  /// The node as notes and messages write it: `'fc1' (Gemm)`.
  var label: String { "'\(name)' (\(operatorType))" }
}

extension ElementType {
  /// The type with fewer digits.
  func narrower(_ other: ElementType) -> ElementType {
    let order: [ElementType] = [.bfloat16, .float16, .float32, .float64]
    let own = order.firstIndex(of: self) ?? order.count
    return own <= order.firstIndex(of: other) ?? order.count ? self : other
  }
}
