import NumberSupport

/// What runtimes do to a graph before it runs: linear operators next to each other become one, with
/// constants computed in the constants' types.
extension OracleGraph {
  /// The graph with some of its neighbours folded into each other; nil where there are none.
  public func folded(using random: inout SeededGenerator) -> OracleGraph? {
    var folder = RuntimeFolder(graph: self)
    var changes = 0
    for _ in 0..<4 {
      if folder.foldOnce(using: &random) { changes += 1 } else { break }
      if random.chance(0.3) { break }
    }
    return changes > 0 ? folder.graph.pruned : nil
  }
}

private struct RuntimeFolder {
  var graph: OracleGraph
  private var counter = 0

  init(graph: OracleGraph) { self.graph = graph }

  /// The shapes of all values.
  private var shapes: [String: [Int]] { graph.shapes }

  private mutating func constant(
    _ op: String, _ inputs: [String], _ attributes: [String: OracleAttribute] = [:],
    into nodes: inout [OracleNode]
  ) -> String {
    counter += 1
    let name = "f\(counter)"
    nodes.append(OracleNode(op, inputs, [name], attributes, isFolding: true))
    return name
  }

  private mutating func shaped(
    _ name: String, _ shape: [Int], into nodes: inout [OracleNode]
  ) -> String {
    counter += 1
    let list = "s\(counter)"
    graph.initializers[list] = OracleTensor([shape.count], .int64, shape.map(Double.init))
    return constant("Reshape", [name, list], into: &nodes)
  }

  /// Folds one pair of neighbours; false where there is none left.
  mutating func foldOnce(using random: inout SeededGenerator) -> Bool {
    let names = graph.dataNames
    let shapes = shapes
    for place in graph.nodes.indices.shuffled(using: &random) {
      let second = graph.nodes[place]
      guard let data = second.inputs.first(where: { names.contains($0) }),
        let before = graph.nodes.firstIndex(where: { $0.outputs == [data] }),
        graph.nodes.count(where: { $0.inputs.contains(data) }) == 1, data != graph.output
      else { continue }
      let first = graph.nodes[before]
      let pair = Pair(first: first, second: second, data: data, names: names, shapes: shapes)
      guard let replacement = folded(pair) else { continue }
      graph.nodes[place] = replacement.last ?? second
      graph.nodes.insert(contentsOf: replacement.dropLast(), at: place)
      graph.nodes.remove(at: before)
      return true
    }
    return false
  }

  struct Pair {
    var first, second: OracleNode
    var data: String
    var names: Set<String>
    var shapes: [String: [Int]]

    func shape(_ name: String) -> [Int] { shapes[name] ?? [] }
    /// The constant operand of an elementwise node.
    func operand(_ node: OracleNode) -> String {
      node.inputs.first { !names.contains($0) } ?? ""
    }
    func isFirst(_ node: OracleNode) -> Bool {
      names.contains(node.inputs[0])
    }
  }

  /// The nodes that take both nodes' place; the last one writes the result.
  private mutating func folded(_ pair: Pair) -> [OracleNode]? {
    let (first, second) = (pair.first, pair.second)
    let isProduct = ["Gemm", "Conv"].contains(first.op)
    let isPlainGemm =
      first.op != "Gemm" || first.float("alpha", 1) == 1 && first.float("beta", 1) == 1
    if isProduct, isPlainGemm {
      switch second.op {
      case "BatchNormalization": return normalized(pair)
      case "Add", "Sub", "Mul", "Div": return behind(pair)
      default: return nil
      }
    }
    if second.op == "Gemm", ["Add", "Sub", "Mul", "Div"].contains(first.op) { return before(pair) }
    return nil
  }

  /// The shape in which a factor a output channel meets the weights.
  private func outputShape(_ pair: Pair, _ count: Int) -> [Int] {
    let weight = pair.shape(pair.first.inputs[1])
    if pair.first.op == "Conv" { return [count] + weight.dropFirst().map { _ in 1 } }
    return pair.first.int("transB", 0) == 1 ? [count, 1] : [1, count]
  }

  private func outputs(_ pair: Pair) -> Int { pair.shape(pair.data)[1] }

  /// Batch-norm behind a convolution or Gemm.
  private mutating func normalized(_ pair: Pair) -> [OracleNode]? {
    let (first, second) = (pair.first, pair.second)
    guard pair.isFirst(first) else { return nil }
    var nodes: [OracleNode] = []
    counter += 1
    let epsilon = "e\(counter)"
    graph.initializers[epsilon] = OracleTensor(
      [], type(of: second.inputs[4]), [second.float("epsilon", 1e-5)])
    let sum = constant("Add", [second.inputs[4], epsilon], into: &nodes)
    let root = constant("Sqrt", [sum], into: &nodes)
    let alpha = constant("Div", [second.inputs[1], root], into: &nodes)
    var bias = constant("Neg", [second.inputs[3]], into: &nodes)
    if first.inputs.count > 2, let flat = flatBias(pair, into: &nodes) {
      bias = constant("Sub", [flat, second.inputs[3]], into: &nodes)
    }
    bias = constant("Mul", [bias, alpha], into: &nodes)
    bias = constant("Add", [bias, second.inputs[2]], into: &nodes)
    return product(pair, factor: alpha, bias: bias, nodes)
  }

  /// The bias as one number a channel.
  private mutating func flatBias(_ pair: Pair, into nodes: inout [OracleNode]) -> String? {
    guard pair.first.inputs.count > 2 else { return nil }
    let count = outputs(pair)
    let name = pair.first.inputs[2]
    if pair.shape(name).reduce(1, *) == count { return shaped(name, [count], into: &nodes) }
    counter += 1
    let list = "s\(counter)"
    graph.initializers[list] = OracleTensor([1], .int64, [Double(count)])
    return constant("Expand", [shaped(name, [1], into: &nodes), list], into: &nodes)
  }

  private mutating func product(
    _ pair: Pair, factor: String, bias: String?, _ more: [OracleNode]
  ) -> [OracleNode] {
    var nodes = more
    let count = outputs(pair)
    let spread = shaped(factor, outputShape(pair, count), into: &nodes)
    let weight = constant("Mul", [pair.first.inputs[1], spread], into: &nodes)
    let inputs = [pair.first.inputs[0], weight] + (bias.map { [$0] } ?? [])
    return nodes
      + [OracleNode(pair.first.op, inputs, pair.second.outputs, pair.first.attributes)]
  }

  /// Add, Sub, Mul or Div by one number a channel behind a product.
  private mutating func behind(_ pair: Pair) -> [OracleNode]? {
    let operand = pair.operand(pair.second)
    guard pair.isFirst(pair.first), !operand.isEmpty else { return nil }
    guard pair.isFirst(pair.second) || ["Add", "Mul"].contains(pair.second.op) else { return nil }
    var nodes: [OracleNode] = []
    guard let numbers = channelwise(operand, pair, into: &nodes) else { return nil }
    let flat = flatBias(pair, into: &nodes)
    switch pair.second.op {
    case "Add", "Sub":
      var bias = numbers
      if let flat {
        bias = constant(pair.second.op, [flat, numbers], into: &nodes)
      } else if pair.second.op == "Sub" {
        bias = constant("Neg", [numbers], into: &nodes)
      }
      let inputs = Array(pair.first.inputs.prefix(2)) + [bias]
      return nodes
        + [OracleNode(pair.first.op, inputs, pair.second.outputs, pair.first.attributes)]
    default:
      var factor = numbers
      if pair.second.op == "Div" { factor = constant("Reciprocal", [numbers], into: &nodes) }
      let bias = flat.map { constant("Mul", [$0, factor], into: &nodes) }
      return product(pair, factor: factor, bias: bias, nodes)
    }
  }

  /// A constant operand as `[channels]`; nil where it differs within a channel.
  private mutating func channelwise(
    _ name: String, _ pair: Pair, into nodes: inout [OracleNode]
  ) -> String? {
    let (shape, result) = (pair.shape(name), pair.shape(pair.data))
    let count = outputs(pair)
    if shape.reduce(1, *) == 1 {
      counter += 1
      let list = "s\(counter)"
      graph.initializers[list] = OracleTensor([1], .int64, [Double(count)])
      return constant("Expand", [shaped(name, [1], into: &nodes), list], into: &nodes)
    }
    let full = [Int](repeating: 1, count: max(0, result.count - shape.count)) + shape
    guard full.count == result.count, full[1] == count,
      full.enumerated().allSatisfy({ $0 == 1 || $1 == 1 })
    else { return nil }
    return shaped(name, [count], into: &nodes)
  }

  /// Add, Sub, Mul or Div by one number a feature in front of a Gemm.
  private mutating func before(_ pair: Pair) -> [OracleNode]? {
    let (first, second) = (pair.first, pair.second)
    let operand = pair.operand(first)
    let source = first.inputs.first { pair.names.contains($0) } ?? ""
    guard !operand.isEmpty, pair.names.contains(second.inputs[0]),
      pair.isFirst(first) || ["Add", "Mul"].contains(first.op),
      second.float("alpha", 1) == 1, second.float("beta", 1) == 1,
      pair.shape(source) == pair.shape(pair.data)
    else { return nil }
    let inputs = pair.shape(pair.data)[1]
    var nodes: [OracleNode] = []
    var numbers = operand
    if pair.shape(operand).reduce(1, *) == 1 {
      counter += 1
      graph.initializers["s\(counter)"] = OracleTensor([1], .int64, [Double(inputs)])
      let list = "s\(counter)"
      numbers = constant("Expand", [shaped(operand, [1], into: &nodes), list], into: &nodes)
    } else if pair.shape(operand).reduce(1, *) != inputs {
      return nil
    }
    let isTransposed = second.int("transB", 0) == 1
    if first.op == "Mul" || first.op == "Div" {
      if first.op == "Div" { numbers = constant("Reciprocal", [numbers], into: &nodes) }
      let spread = shaped(numbers, isTransposed ? [1, inputs] : [inputs, 1], into: &nodes)
      let weight = constant("Mul", [second.inputs[1], spread], into: &nodes)
      return nodes
        + [
          OracleNode(
            "Gemm", [source, weight] + second.inputs.dropFirst(2), second.outputs,
            second.attributes)
        ]
    }
    if first.op == "Sub" { numbers = constant("Neg", [numbers], into: &nodes) }
    let row = shaped(numbers, [1, inputs], into: &nodes)
    let rest = Array(second.inputs.dropFirst())
    let bias = constant("Gemm", [row] + rest, second.attributes, into: &nodes)
    return nodes
      + [OracleNode("Gemm", [source, rest[0], bias], second.outputs, second.attributes)]
  }

  private func type(of name: String) -> OracleType { graph.types[name] ?? .float32 }
}

extension OracleGraph {
  /// The shape and type of every value, found by evaluating the graph at zero.
  private var evaluated: [String: Values<Double>] {
    let system = DeployedNumbers(
      Deployment(data: .binary64, summed: .binary64), random: SeededGenerator(state: 0))
    var run = NodeEvaluator(system: system, opset: opset, values: [:])
    run.inputShape = inputShape
    for (name, tensor) in initializers {
      run.values[name] = Values(tensor.shape, tensor.type, isData: false, tensor.values)
    }
    let count = inputShape.reduce(1, *)
    run.values[OracleGraph.input] = Values(
      inputShape, inputType, isData: true, [Double](repeating: 0, count: count))
    for node in nodes { run.evaluate(node) }
    return run.values
  }

  /// The shape of every value.
  public var shapes: [String: [Int]] { evaluated.mapValues(\.shape) }
  /// The type of every value.
  public var types: [String: OracleType] { evaluated.mapValues(\.type) }
}
