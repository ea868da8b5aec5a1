import NetworkGraph

/// What is known of an input's dimensions that the file names instead of counting them.
struct OpenDimensions {
  /// The shape of one example of the data; nil where none is at hand.
  var example: [Int]?
  /// The number of features that the first weights ask for, and the node whose weights these are.
  var features: (count: Int, node: String)?

  static let remedy =
    "expected a number; give it to the file (onnx.tools.update_model_dims), or certify data of that shape"

  /// Looks at the nodes that read the input.
  init(_ graph: Graph, _ order: GraphOrder, input: String, example: [Int]?) {
    self.example = example
    features = Self.features(graph, order, input)
  }

  /// The dimensions with numbers wherever something tells them, and what a person should know of it.
  func filled(_ declared: [Dimension]) -> ([Dimension], note: String?) {
    // A column `[784, N]` has its batch behind the features.
    if declared.count == 2, case .fixed(let rows) = declared[0], rows > 1 { return (declared, nil) }
    let open = declared.indices.dropFirst().filter { !declared[$0].isFixed }
    guard !open.isEmpty else { return (declared, nil) }
    func text(_ axes: [Int]) -> String {
      axes.map { axis in
        if case .symbolic(let name) = declared[axis] { "'\(name)'" } else { "\(axis)" }
      }.joined(separator: ", ")
    }
    if let sizes = fitting(declared, open) {
      var result = declared
      for (axis, size) in zip(open, sizes) { result[axis] = .fixed(size) }
      return (
        result,
        "dimension \(text(open)) is \(sizes.map { "\($0)" }.joined(separator: ", ")), as in the data"
      )
    }
    if let features, declared.count == 2 {
      return (
        [declared[0], .fixed(features.count)],
        "dimension \(text(open)) is \(features.count), as '\(features.node)' has it"
      )
    }
    return (declared, nil)
  }

  /// The sizes of the open axes that make one example of the data; nil where none do.
  private func fitting(_ declared: [Dimension], _ open: [Int]) -> [Int]? {
    guard let example else { return nil }
    let rest = Array(declared.dropFirst())
    if rest.count == example.count {
      let fits = zip(rest, example).allSatisfy { !$0.isFixed || $0 == .fixed($1) }
      if fits { return open.map { example[$0 - 1] } }
    }
    guard open.count == 1 else { return nil }
    var known = 1
    for case .fixed(let size) in rest where size > 0 { known *= size }
    let count = example.reduce(1, *)
    return count > 0 && count % known == 0 ? [count / known] : nil
  }

  /// Follows the input through operators of one element at a time to the first that has weights.
  private static func features(
    _ graph: Graph, _ order: GraphOrder, _ input: String
  ) -> (count: Int, node: String)? {
    var name = input
    for _ in 0..<16 {
      let readers = order.order.map { graph.nodes[$0] }.filter { $0.inputs.contains(name) }
      guard let node = readers.first, readers.count == 1 else { return nil }
      let shapes = node.inputs.map { graph.initializers[$0]?.shape ?? [] }
      switch node.operatorType {
      case "Gemm" where node.inputs.first == name && shapes.count > 1 && shapes[1].count == 2:
        let isTransposed = node.attributes["transB"] == .int(1)
        return (shapes[1][isTransposed ? 1 : 0], node.name)
      case "MatMul" where node.inputs.first == name && shapes.count > 1 && shapes[1].count == 2:
        return (shapes[1][0], node.name)
      case "BatchNormalization":
        guard shapes.count > 1, let count = shapes[1].first else { return nil }
        return (count, node.name)
      case "Add", "Sub", "Mul", "Div":
        if let count = shapes.compactMap(\.last).max(), count > 1 { return (count, node.name) }
      case "Cast", "Identity", "Dropout", "Flatten", "Relu", "Neg": break
      default: return nil
      }
      guard let next = node.outputs.first else { return nil }
      name = next
    }
    return nil
  }
}

extension Dimension {
  /// Whether the file counts it.
  var isFixed: Bool { if case .fixed(let size) = self { size > 0 } else { false } }
}
