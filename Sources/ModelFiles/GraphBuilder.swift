import NetworkGraph

/// Builds the graph of a format that lists layers in order: each node reads what the one before
/// it wrote.
struct GraphBuilder {
  private var nodes: [Node] = []
  private var initializers: [String: Tensor] = [:]
  private let input: ValueInfo
  private var current: String
  private let elementType: ElementType

  /// Starts with the network's input.
  ///
  /// - Parameter shape: The shape of one example; a batch dimension is put in front.
  init(inputShape shape: [Int], elementType: ElementType) {
    input = ValueInfo(
      name: "input", elementType: elementType,
      dimensions: [.symbolic("batch")] + shape.map { .fixed($0) })
    current = input.name
    self.elementType = elementType
  }

  /// Appends a node.
  ///
  /// - Parameters:
  ///   - name: The node's name: the place in the file that it stands for.
  ///   - output: The name of what it writes; `output of NAME` unless given.
  ///   - constants: The inputs after the first, each with the name that messages give it.
  mutating func add(
    _ operatorType: String, name: String, output: String? = nil,
    constants: [(name: String, tensor: Tensor)] = [], attributes: [String: Attribute] = [:]
  ) {
    for constant in constants { initializers[constant.name] = constant.tensor }
    let output = output ?? "output of \(name)"
    nodes.append(
      Node(
        name: name, operatorType: operatorType, inputs: [current] + constants.map(\.name),
        outputs: [output], attributes: attributes))
    current = output
  }

  /// The graph of the nodes so far, in the terms of ONNX's operator set 13.
  func graph(name: String) -> Graph {
    let output = ValueInfo(name: current, elementType: elementType, dimensions: nil)
    return Graph(
      name: name, inputs: [input], outputs: [output], initializers: initializers, nodes: nodes,
      opsetVersion: 13)
  }
}
