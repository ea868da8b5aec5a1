import NetworkGraph
import ReLUChain

/// One walk over a graph's nodes, in an order in which each stands behind what it reads.
///
/// Constants are folded at once, the data's path becomes a list of steps. A refused node's result is
/// unknown, and unknown values pass on quietly, so that one cause gives one reason.
struct ChainBuilder {
  /// What is known of a value.
  enum Value {
    case constant(Constant)
    case data(DataValue)
    /// Made of the data behind its logits by a node.
    case label(ClassLabel)
    /// Part of a pattern of several nodes.
    case piece(DataValue, Piece, by: Node)
    /// The result of a refused node.
    case unknown(dependsOnInput: Bool)
  }

  let graph: Graph
  let order: GraphOrder
  let reading: InputReading
  let limits: ChainLimits
  let budget: ElementBudget
  /// The format of the network's deployment; nil for the file's own types.
  let deployed: FloatFormat?

  /// Nodes to be read as functions of one number; nil where every node stands for itself.
  let regions: UnitRegions?
  /// Whether branches that join again are written as one path.
  var joinsBranches: Bool { regions != nil }

  private var values: [String: Value] = [:]
  /// The constants of the branches that are being walked.
  private var branchConstants: [String: Tensor] = [:]
  /// The graph and the branches that are being walked, outermost first.
  private(set) var scopes: [(graph: Graph, order: GraphOrder)]
  /// What constants are that are no tensors of numbers, by name.
  private(set) var unusableConstants: [String: String]
  /// The texts of those that hold texts.
  private(set) var texts: [String: [String]]
  /// The steps of all paths; `parents` says which step each one follows.
  private(set) var steps: [Step] = []
  private(set) var parents: [Int] = []
  private(set) var reasons: [ChainRefusal] = []
  private(set) var notes: [String] = []
  /// The nodes that are refused only because they mix what was taken for the examples of a batch.
  private(set) var mixers: [Node] = []
  /// Whether there are any.
  var mixesBatch: Bool { !mixers.isEmpty }
  /// The nodes on the data's paths.
  private(set) var nodesOnData: [Node] = []

  /// The steps that end in scores of which the larger is not the class that their node says, with that node.
  var reversedScores: [Int: Node] = [:]

  /// Whether nodes are a function that jumps.
  var foundJump = false
  /// Whether the output is a probability of which nothing says where class 1 begins.
  var foundProbability = false
  /// Whether branches that could be one path are too large for it.
  var foundLargeBranches = false

  /// The narrowest type of the data path.
  private(set) var elementType: ElementType
  /// Whether a Cast on the data path rounds.
  private(set) var narrowsData = false
  /// The finest format in which a computed constant was charged; nil where there is none.
  private(set) var constantFormat: FloatFormat?
  /// The values on the data's path.
  private(set) var named: [NamedStep] = []
  private var remainingReaders: [String: Int] = [:]

  /// Makes the inputs' values.
  ///
  /// - Parameters:
  ///   - input: The network's input; nil where it has been refused already, so that the walk only looks
  ///     for further reasons.
  ///   - regions: Nodes to be read as functions of one number; nil for the quick walk, which takes every
  ///     node for itself and refuses branches.
  init(
    _ graph: Graph, order: GraphOrder, input: ValueInfo?, reading: InputReading,
    limits: ChainLimits, deployed: FloatFormat?, regions: UnitRegions? = nil
  ) {
    (self.graph, self.order, self.reading, self.limits) = (graph, order, reading, limits)
    (self.deployed, self.regions) = (deployed, regions)
    (unusableConstants, texts) = (graph.unusableConstants, graph.texts)
    scopes = [(graph, order)]
    budget = ElementBudget(for: graph, allowance: limits.extraElements)
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
      for name in graph.nodes[index].reads { remainingReaders[name, default: 0] += 1 }
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
      refuse(graph.nodes[index], NodeRefusal.secondValue(value))
    }
    for index in order.order {
      let node = graph.nodes[index]
      if let regions {
        if let region = regions.regions[index] {
          visit(region)
        } else if !regions.inner.contains(index) {
          visit(node)
        }
        continue
      }
      visit(node)
      for name in node.reads {
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
    if refusal.mixesBatch { mixers.append(node) }
    reasons.append(
      ChainRefusal(.node(node.name, operatorType: node.operatorType), refusal.reason))
  }

  mutating func refuse(_ refusal: ChainRefusal) {
    reasons.append(refusal)
  }

  /// Appends a step behind another one; gives its position.
  mutating func append(_ step: Step, after parent: Int) -> Int {
    steps.append(step)
    parents.append(parent)
    return steps.count - 1
  }

  /// Notes the element type of a value on the data path.
  mutating func pass(_ type: ElementType, from previous: ElementType) {
    elementType = elementType.narrower(type)
    let rounds = previous.isFloatingPoint && previous.narrower(type) != previous
    narrowsData = narrowsData || rounds
  }

  /// Notes the format in which a constant was computed.
  mutating func charge(_ format: FloatFormat) {
    constantFormat = format.finer(constantFormat)
  }

  mutating func note(_ text: String) {
    notes.append(text)
  }

  /// The value of a name: a constant is taken from the file when it is first read.
  func value(_ name: String) -> Value? {
    if let value = values[name] { return value }
    let tensor = branchConstants[name] ?? graph.initializers[name]
    return tensor.map { .constant(Constant(name: name, tensor: $0)) }
  }

  /// What the names of a branch hide for as long as it is walked.
  struct Outside {
    fileprivate var values: [String: Value]
    fileprivate var constants: [String: Tensor]
    fileprivate var unusable: [String: String]
    fileprivate var texts: [String: [String]]
    fileprivate var namedCount: Int
  }

  /// Makes the constants of a branch known, and frees the names that it gives values of its own.
  mutating func enter(_ branch: Graph, _ order: GraphOrder) -> Outside {
    let outside = Outside(
      values: values, constants: branchConstants, unusable: unusableConstants,
      texts: texts, namedCount: named.count)
    for name in [String](branch.initializers.keys) + branch.nodes.flatMap(\.outputs) {
      values[name] = nil
      branchConstants[name] = nil
    }
    branchConstants.merge(branch.initializers) { _, own in own }
    for name in branch.unusableConstants.keys { texts[name] = nil }
    unusableConstants.merge(branch.unusableConstants) { _, own in own }
    texts.merge(branch.texts) { _, own in own }
    scopes.append((branch, order))
    return outside
  }

  /// Ends a branch: its names are forgotten.
  mutating func leave(to outside: Outside) {
    (values, branchConstants) = (outside.values, outside.constants)
    (unusableConstants, texts) = (outside.unusable, outside.texts)
    named.removeLast(named.count - outside.namedCount)
    scopes.removeLast()
  }

  /// The nodes that read a value, in the graph and the branches that are being walked.
  func readers(of name: String) -> [Node] {
    scopes.flatMap { graph, order in
      (order.readers[name] ?? []).map { graph.nodes[$0] }
    }
  }

  /// Whether a value is an output of the graph, or of a branch that is being walked.
  func isOutput(_ name: String) -> Bool {
    scopes.contains { scope in scope.graph.outputs.contains { $0.name == name } }
  }

  /// Sets a value by its name, where that has none yet.
  mutating func set(_ value: Value, named name: String) {
    if !name.isEmpty, values[name] == nil { values[name] = value }
  }

  mutating func set(_ node: Node, _ value: Value) {
    if case .data = value { nodesOnData.append(node) }
    for (position, name) in node.outputs.enumerated() where !name.isEmpty {
      guard values[name] == nil else { continue }
      if position == 0 {
        values[name] = value
        if case .data(let data) = value, data.tail >= 0, data.softmax == nil, !data.isRewritten {
          named.append(NamedStep(name, node, tail: data.tail))
        }
      } else if case .constant = value {
        values[name] = .unknown(dependsOnInput: false)
      } else {
        values[name] = .unknown(dependsOnInput: true)
      }
    }
  }
}

/// A value on the data's path, and the last step before it.
struct NamedStep {
  let value: NamedValue
  let tail: Int

  init(_ name: String, _ node: Node, tail: Int) {
    value = NamedValue(name: name, node: node.name, operatorType: node.operatorType)
    self.tail = tail
  }
}

extension ChainBuilder.Value {
  var dependsOnInput: Bool {
    switch self {
    case .constant: false
    case .data, .label, .piece: true
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
