import NumberSupport

/// A graph evaluated node by node, straight from ONNX's definitions.
public struct GraphEvaluator<System: NumberSystem> {
  /// A tensor of the system.
  public typealias Tensor = Values<System.Number>

  /// The graph.
  public let graph: OracleGraph
  /// The numbers.
  public var system: System
  /// The values that do not depend on the input, by name.
  private var constants: [String: Tensor] = [:]
  private let dataNodes: [OracleNode]

  /// Evaluates the constants.
  public init(_ graph: OracleGraph, _ system: System) {
    let names = graph.dataNames
    self.graph = graph
    self.system = system
    dataNodes = graph.nodes.filter { !names.isDisjoint(with: $0.outputs) }
    for (name, tensor) in graph.initializers {
      constants[name] = Tensor(
        tensor.shape, tensor.type, isData: false,
        tensor.values.map { system.initial($0, tensor.type) })
    }
    var run = NodeEvaluator(system: system, opset: graph.opset, values: constants)
    run.inputShape = graph.inputShape
    for node in graph.nodes where names.isDisjoint(with: node.outputs) { run.evaluate(node) }
    (constants, self.system) = (run.values, run.system)
  }

  /// Takes constants that were evaluated by another system.
  public init(_ graph: OracleGraph, _ system: System, constants: [String: Tensor]) {
    let names = graph.dataNames
    (self.graph, self.system, self.constants) = (graph, system, constants)
    dataNodes = graph.nodes.filter { !names.isDisjoint(with: $0.outputs) }
  }

  /// The constants, converted to another system's numbers.
  public func constants<Other: Sendable>(
    _ change: (System.Number) -> Other
  ) -> [String: Values<Other>] {
    constants.mapValues { $0.mapped(change) }
  }

  /// A constant, for whoever builds graphs.
  public func constant(_ name: String) -> Tensor? { constants[name] }

  /// The result at one point.
  public mutating func result(at point: [System.Number]) -> Tensor {
    var run = NodeEvaluator(system: system, opset: graph.opset, values: constants)
    run.values[OracleGraph.input] = Tensor(graph.inputShape, graph.inputType, isData: true, point)
    for node in dataNodes { run.evaluate(node) }
    system = run.system
    return run.value(graph.output)
  }

  /// The elements of the result at one point.
  public mutating func logits(at point: [System.Number]) -> [System.Number] {
    result(at: point).numbers
  }
}

/// One walk over nodes.
struct NodeEvaluator<System: NumberSystem> {
  typealias Number = System.Number
  typealias Tensor = Values<Number>

  var system: System
  let opset: Int
  var values: [String: Tensor]
  /// What Shape says of the input where constants are evaluated ahead of it.
  var inputShape: [Int] = []

  func value(_ name: String) -> Tensor {
    guard let value = values[name] else { preconditionFailure("nothing wrote '\(name)'") }
    return value
  }

  func input(_ node: OracleNode, _ index: Int) -> Tensor? {
    node.inputs.indices.contains(index) && !node.inputs[index].isEmpty
      ? value(node.inputs[index]) : nil
  }

  func required(_ node: OracleNode, _ index: Int) -> Tensor {
    guard let value = input(node, index) else {
      preconditionFailure("\(node.op) lacks its input \(index)")
    }
    return value
  }

  /// A list of integers from an input, or from an attribute of earlier versions.
  func integers(_ node: OracleNode, input index: Int, _ attribute: String) -> [Int]? {
    input(node, index).map { $0.numbers.map { system.integer($0) } } ?? node.ints(attribute)
  }

  /// The operands of an operation; constants are loaded where it computes with the data.
  mutating func operands(_ node: OracleNode) -> (tensors: [Tensor], isData: Bool) {
    var tensors = node.inputs.filter { !$0.isEmpty }.map { value($0) }
    let isData = tensors.contains(where: \.isData)
    guard isData else { return (tensors, false) }
    for index in tensors.indices { tensors[index] = loaded(tensors[index]) }
    return (tensors, true)
  }

  mutating func loaded(_ tensor: Tensor) -> Tensor {
    guard !tensor.isData, tensor.type.format != nil else { return tensor }
    var numbers: [Number] = []
    for number in tensor.numbers { numbers.append(system.loaded(number)) }
    return tensor.with(tensor.shape, numbers)
  }

  mutating func evaluate(_ node: OracleNode) {
    system.isFolding = node.isFolding
    if node.op == "Split" {
      for (name, part) in zip(node.outputs, split(node)) { values[name] = part }
      return
    }
    values[node.outputs[0]] = result(of: node)
  }

  private mutating func result(of node: OracleNode) -> Tensor {
    switch node.op {
    case "Abs" where required(node, 0).isData: bent(node)
    case "Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Min", "Pow", "Mod": elementwise(node)
    case "Neg", "Sqrt", "Reciprocal", "Abs", "Sign", "Floor", "Ceil", "Round", "Relu", "Exp", "Log",
      "Not":
      unary(node)
    case "Clip": clip(node)
    case "LeakyRelu", "PRelu", "ThresholdedRelu": bent(node)
    case "HardSigmoid": hardSigmoid(node)
    case "Shrink": shrunk(node)
    case "CumSum": cumulated(node)
    case "LinearRegressor": regression(node)
    case "Scaler": scaled(node)
    case "DequantizeLinear": dequantised(node)
    case "MaxPool", "GlobalMaxPool": maxPooling(node)
    case "Cast": cast(node)
    case "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor":
      comparison(node)
    case "Where": choice(node)
    case "MatMul": matrixProduct(node)
    case "Einsum": contraction(node)
    case "Gemm": gemm(node)
    case "Conv": convolution(node)
    case "ConvTranspose": transposedConvolution(node)
    case "AveragePool", "GlobalAveragePool": pooling(node)
    case "BatchNormalization": normalization(node)
    case "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
      "ReduceSumSquare":
      reduction(node)
    default: rearranged(node)
    }
  }
}
