import NetworkGraph

/// Writes the operators that onnxruntime joins where it saves an optimised network as those that they
/// were made of.
///
/// onnxruntime, `docs/ContribOperators.md`, domain `com.microsoft`: FusedConv and FusedGemm are Conv and
/// Gemm with an activation behind them, FusedMatMul is the scaled product of sides that may be
/// transposed. Each computes what its parts do, rounded no more often. What is not known to the last
/// attribute is left as it stands, so that it is refused by its own name.
struct FusedOperators {
  /// The names of all values of the file, which those between the parts must not have.
  private var taken: Set<String>
  /// The constants that the parts read.
  private var constants: [String: Tensor] = [:]
  /// The operators that were taken apart.
  private(set) var found: Set<String> = []

  /// What FusedGemm may have behind its product.
  private static let activations: Set = [
    "Elu", "HardSigmoid", "LeakyRelu", "Relu", "Selu", "Sigmoid", "Softplus", "Softsign", "Tanh",
    "ThresholdedRelu",
  ]

  init(names: Set<String>) { taken = names }

  /// The parts of a node; the node itself where it is none of these.
  ///
  /// - Parameter known: The graph's own constants; a transposed side must be one of them.
  mutating func parts(
    of node: Node, known: [String: Tensor], opsetVersion: Int
  ) -> [Node] {
    guard node.domain == "com.microsoft", node.outputs.count == 1 else { return [node] }
    let parts: [Node]? =
      switch node.operatorType {
      case "FusedConv": activated(node, as: "Conv", Self.listed(node), opsetVersion)
      case "FusedGemm": activated(node, as: "Gemm", Self.named(node), opsetVersion)
      case "FusedMatMul": product(node, known)
      default: nil
      }
    if parts != nil { found.insert(node.operatorType) }
    return parts ?? [node]
  }

  /// The constants that the parts made since the last time read, by name.
  mutating func takeConstants() -> [String: Tensor] {
    defer { constants = [:] }
    return constants
  }

  /// FusedConv lists its activation's numbers in the order of the operator's attributes.
  private static func listed(_ node: Node) -> [String: Double]? {
    let own = node.attributes.keys.filter { $0.hasPrefix("activation") }
    guard case .string(let activation)? = node.attributes["activation"],
      Set(own).isSubset(of: ["activation", "activation_params"])
    else { return nil }
    let order: [String: [String]] = [
      "Clip": ["min", "max"], "LeakyRelu": ["alpha"], "HardSigmoid": ["alpha", "beta"],
      "Relu": [], "Sigmoid": [], "Tanh": [],
    ]
    var values: [Double] = []
    switch node.attributes["activation_params"] {
    case nil: break
    case .floats(let numbers)?: values = numbers
    default: return nil
    }
    guard let names = order[activation], names.count == values.count else { return nil }
    return Dictionary(uniqueKeysWithValues: zip(names, values))
  }

  /// FusedGemm names them, `activation_alpha` and so on.
  private static func named(_ node: Node) -> [String: Double]? {
    guard case .string(let activation)? = node.attributes["activation"],
      activations.contains(activation)
    else { return nil }
    var values: [String: Double] = [:]
    for (name, value) in node.attributes where name.hasPrefix("activation_") {
      guard case .float(let number) = value else { return nil }
      values[String(name.dropFirst("activation_".count))] = number
    }
    return values
  }

  /// A linear operator and its activation.
  ///
  /// - Parameter parameters: The activation's numbers; nil where they are not those it has.
  private mutating func activated(
    _ node: Node, as operatorType: String, _ parameters: [String: Double]?, _ opsetVersion: Int
  ) -> [Node]? {
    // A fourth input is added to the sum, in whatever order: no sum of its own.
    guard node.inputs.count <= 3, let parameters,
      case .string(let activation)? = node.attributes["activation"]
    else { return nil }
    var linear = node
    (linear.operatorType, linear.domain) = (operatorType, "")
    linear.attributes = node.attributes.filter { !$0.key.hasPrefix("activation") }
    linear.outputs = [name(for: node.outputs[0], "before \(activation)")]
    var bend = Node(
      name: node.name, operatorType: activation, inputs: linear.outputs, outputs: node.outputs)
    if activation == "Clip", opsetVersion >= 11 {
      for end in ["min", "max"] {
        bend.inputs.append(constant(parameters[end] ?? 0, .float32, for: node.outputs[0], end))
      }
    } else {
      bend.attributes = parameters.mapValues { .float($0) }
    }
    return [linear, bend]
  }

  /// MatMul of its sides, the transposed ones moved first, and the product with `alpha`.
  private mutating func product(_ node: Node, _ known: [String: Tensor]) -> [Node]? {
    let flags: Set = ["transA", "transB", "transBatchA", "transBatchB"]
    guard node.inputs.count == 2,
      node.attributes.keys.allSatisfy({ flags.contains($0) || $0 == "alpha" })
    else { return nil }
    func isSet(_ flag: String) -> Bool? {
      switch node.attributes[flag] {
      case nil, .int(0)?: false
      case .int(1)?: true
      default: nil
      }
    }
    guard isSet("transBatchA") == false, isSet("transBatchB") == false,
      let isTransposed = isSet("transA").flatMap({ first in isSet("transB").map { [first, $0] } })
    else { return nil }
    var alpha = 1.0
    switch node.attributes["alpha"] {
    case nil: break
    case .float(let number)?: alpha = number
    default: return nil
    }
    let weight = node.inputs.lazy.compactMap { known[$0] }.first
    guard alpha == 1 || weight != nil else { return nil }
    var parts: [Node] = []
    var result = node
    (result.operatorType, result.domain, result.attributes) = ("MatMul", "", [:])
    for side in 0..<2 where isTransposed[side] {
      // Of data the rank is not known here.
      guard let rank = known[node.inputs[side]]?.shape.count, rank >= 2 else { return nil }
      let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
      result.inputs[side] = name(for: node.outputs[0], "transposed side \(side)")
      parts.append(
        Node(
          name: node.name, operatorType: "Transpose", inputs: [node.inputs[side]],
          outputs: [result.inputs[side]], attributes: ["perm": .ints(order.map(Int64.init))]))
    }
    parts.append(result)
    if alpha != 1, let weight {
      parts[parts.count - 1].outputs = [name(for: node.outputs[0], "before alpha")]
      let factor = constant(alpha, weight.elementType, for: node.outputs[0], "alpha")
      parts.append(
        Node(
          name: node.name, operatorType: "Mul",
          inputs: [parts[parts.count - 1].outputs[0], factor], outputs: node.outputs))
    }
    return parts
  }

  private mutating func constant(
    _ value: Double, _ type: ElementType, for output: String, _ role: String
  ) -> String {
    let name = name(for: output, role)
    constants[name] = Tensor(
      shape: [], elementType: type,
      elements: type == .float64 ? .double([value]) : .float([Float(value)]))
    return name
  }

  /// A name that no value of the file has.
  private mutating func name(for output: String, _ role: String) -> String {
    var name = "\(output) (\(role))"
    while !taken.insert(name).inserted { name += "'" }
    return name
  }
}

extension OnnxGraph {
  /// The names of all values, those of the graphs inside its nodes included.
  var valueNames: Set<String> {
    var names = Set(inputs.map(\.name) + initializers.map(\.name))
    for node in nodes {
      names.formUnion(node.outputs)
      for branch in node.branches { names.formUnion(branch.graph.valueNames) }
    }
    return names
  }
}
