import NetworkGraph
import ReLUChain
import TestSupport

/// Builds small graphs by hand: nodes in a row, each reading what the last one wrote.
struct NetworkMaker {
  var graph: Graph
  /// The value that the last node wrote.
  var last = "x"
  private var counter = 0

  init(_ dimensions: [Dimension], type: ElementType? = .float32, opset: Int = 17) {
    graph = Graph(
      name: "", inputs: [ValueInfo(name: "x", elementType: type, dimensions: dimensions)],
      outputs: [], initializers: [:], nodes: [], opsetVersion: opset)
  }

  init(_ shape: [Int], type: ElementType? = .float32, opset: Int = 17) {
    self.init(shape.map { .fixed($0) }, type: type, opset: opset)
  }

  /// Stores a float32 constant and gives its name.
  mutating func floats(_ shape: [Int], _ values: [Double], name: String? = nil) -> String {
    store(
      Tensor(shape: shape, elementType: .float32, elements: .float(values.map(Float.init))), name)
  }

  /// Stores a float64 constant and gives its name.
  mutating func doubles(_ shape: [Int], _ values: [Double], name: String? = nil) -> String {
    store(Tensor(shape: shape, elementType: .float64, elements: .double(values)), name)
  }

  /// Stores a list of integers and gives its name.
  mutating func integers(_ values: [Int], name: String? = nil) -> String {
    store(
      Tensor(
        shape: [values.count], elementType: .int64, elements: .integer(values.map(Int64.init))),
      name)
  }

  mutating func store(_ tensor: Tensor, _ name: String? = nil) -> String {
    counter += 1
    let name = name ?? "c\(counter)"
    graph.initializers[name] = tensor
    return name
  }

  /// Appends a node; `inputs` are all it reads. Gives the name of what it writes.
  @discardableResult
  mutating func node(
    _ type: String, _ inputs: [String], _ attributes: [String: Attribute] = [:],
    name: String? = nil, domain: String = ""
  ) -> String {
    counter += 1
    let output = "v\(counter)"
    graph.nodes.append(
      Node(
        name: name ?? "n\(counter)", operatorType: type, domain: domain, inputs: inputs,
        outputs: [output], attributes: attributes))
    return output
  }

  /// Appends a node to the data's path: it reads the last value first, then `rest`.
  mutating func then(
    _ type: String, _ rest: [String] = [], _ attributes: [String: Attribute] = [:],
    name: String? = nil
  ) {
    last = node(type, [last] + rest, attributes, name: name)
  }

  /// The graph with the last value as its output.
  var finished: Graph {
    var result = graph
    result.outputs = [ValueInfo(name: last, elementType: nil, dimensions: nil)]
    return result
  }

  /// The chain whose logits are the last value, whatever its shape: a Reshape to `[1, -1]` follows.
  func flatChain() throws -> ReLUChain {
    var copy = self
    let target = copy.integers([1, -1])
    copy.then("Reshape", [target])
    return try ReLUChain(validating: copy.finished)
  }

  /// The chain whose logits are the last value.
  func chain() throws -> ReLUChain {
    try ReLUChain(validating: finished)
  }

  /// The reasons against the graph, one line each; empty where there are none.
  var refusals: [String] {
    do {
      _ = try chain()
      return []
    } catch {
      return (error as? ChainRefusals)?.reasons.map(\.description) ?? ["\(error)"]
    }
  }
}

extension SeededGenerator {
  /// Small integers: every product and sum of a test is exact, so that equality is exact.
  mutating func draw(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Int.random(in: -9...9, using: &self)) }
  }

  mutating func draw(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }
}

/// An array addressed by its indices, for computations written from an operator's definition.
struct Grid {
  var shape: [Int]
  var values: [Double]

  subscript(_ index: [Int]) -> Double {
    zip(index, shape).contains { $0 < 0 || $0 >= $1 } ? 0 : values[place(index)]
  }

  func place(_ index: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// All indices, in row-major order.
  var indices: [[Int]] {
    shape.reduce([[]]) { partial, size in
      partial.flatMap { head in (0..<size).map { head + [$0] } }
    }
  }
}
