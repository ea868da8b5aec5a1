import ChainImport
import NetworkGraph
import ReLUChain

/// Builds small graphs by hand: nodes in a row, each reading what the last one wrote.
public struct NetworkMaker {
  /// What has been built so far.
  public var graph: Graph
  /// The value that the last node wrote.
  public var last = "x"
  private var counter = 0

  /// Starts a graph with one input `x`.
  public init(_ dimensions: [Dimension], type: ElementType? = .float32, opset: Int = 17) {
    graph = Graph(
      name: "", inputs: [ValueInfo(name: "x", elementType: type, dimensions: dimensions)],
      outputs: [], initializers: [:], nodes: [], opsetVersion: opset)
  }

  /// Starts a graph with one input `x` of fixed dimensions.
  public init(_ shape: [Int], type: ElementType? = .float32, opset: Int = 17) {
    self.init(shape.map { .fixed($0) }, type: type, opset: opset)
  }

  /// Stores a float32 constant and gives its name.
  public mutating func floats(_ shape: [Int], _ values: [Double], name: String? = nil) -> String {
    store(
      Tensor(shape: shape, elementType: .float32, elements: .float(values.map(Float.init))), name)
  }

  /// Stores a float64 constant and gives its name.
  public mutating func doubles(_ shape: [Int], _ values: [Double], name: String? = nil) -> String {
    store(Tensor(shape: shape, elementType: .float64, elements: .double(values)), name)
  }

  /// Stores a constant of the input's type and gives its name.
  public mutating func numbers(_ shape: [Int], _ values: [Double]) -> String {
    let type = graph.inputs.first?.elementType ?? .float32
    let elements: Tensor.Elements =
      type == .float64 ? .double(values) : .float(values.map(Float.init))
    return store(Tensor(shape: shape, elementType: type, elements: elements))
  }

  /// Stores a list of integers and gives its name.
  public mutating func integers(_ values: [Int], name: String? = nil) -> String {
    store(
      Tensor(
        shape: [values.count], elementType: .int64, elements: .integer(values.map(Int64.init))),
      name)
  }

  /// Stores a constant and gives its name.
  public mutating func store(_ tensor: Tensor, _ name: String? = nil) -> String {
    counter += 1
    let name = name ?? "c\(counter)"
    graph.initializers[name] = tensor
    return name
  }

  /// Appends a node; `inputs` are all it reads. Gives the name of what it writes.
  @discardableResult
  public mutating func node(
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
  public mutating func then(
    _ type: String, _ rest: [String] = [], _ attributes: [String: Attribute] = [:],
    name: String? = nil
  ) {
    last = node(type, [last] + rest, attributes, name: name)
  }

  /// The graph with the last value as its output.
  public var finished: Graph {
    var result = graph
    result.outputs = [ValueInfo(name: last, elementType: nil, dimensions: nil)]
    return result
  }

  /// The chain whose logits are the last value, whatever its shape: a Reshape to `[1, -1]` follows.
  public func flatChain() throws -> ReLUChain {
    var copy = self
    let target = copy.integers([1, -1])
    copy.then("Reshape", [target])
    return try ReLUChain(validating: copy.finished)
  }

  /// The chain whose logits are the last value.
  public func chain() throws -> ReLUChain {
    try ReLUChain(validating: finished)
  }

  /// The reasons against the graph, one line each; empty where there are none.
  public var refusals: [String] {
    do {
      _ = try chain()
      return []
    } catch {
      return (error as? ChainRefusals)?.reasons.map(\.description) ?? ["\(error)"]
    }
  }
}
