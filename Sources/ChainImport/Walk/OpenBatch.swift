import NetworkGraph
import ReLUChain

/// Whether a network whose file leaves the size of a batch open treats its examples one by one.
///
/// A mean over the first axis changes nothing where there is one example, and that one is certified; in a
/// batch of several it is another function. So the graph is walked once more with a batch of several, where
/// a node may reach across its axis at all.
struct OpenBatch {
  let graph: Graph
  let order: GraphOrder
  let input: ValueInfo
  let reading: InputReading
  let limits: ChainLimits
  /// The nodes on the data's paths.
  let nodes: [Node]

  /// Hardly ever the size of another dimension, which could be taken for the batch.
  private static let size = 13

  /// What a person should know of a network that works across the examples of a batch. nil for any other, for one
  /// that takes no batch of several, and behind branches that are written as one path, which is not done for several.
  func note() -> String? {
    guard let batched = reading.with(batchSize: Self.size), mayMix else { return nil }
    var builder = ChainBuilder(
      graph, order: order, input: input, reading: batched, limits: limits, deployed: nil)
    builder.walk()
    return builder.mixers.first.map {
      "\($0.label) works across the examples of a batch; what is certified is a batch of one example"
    }
  }

  /// Whether a node is there that may reach across the first axis. Most networks have none, and large ones
  /// are not read twice.
  private var mayMix: Bool { nodes.contains(where: mayMix) }

  private func mayMix(_ node: Node) -> Bool {
    switch node.operatorType {
    case "Gemm": node.attributes["transA"].map { $0 != .int(0) } ?? false
    case "MatMul": graph.initializers[node.inputs.first ?? ""] != nil
    case "Transpose":
      if case .ints(let order)? = node.attributes["perm"] { order.first != 0 } else { true }
    case "ReduceL1", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum":
      if case .ints(let axes)? = node.attributes["axes"] { axes.contains { $0 <= 0 } } else { true }
    case "Compress", "CumSum", "Einsum", "Gather", "GatherElements", "GatherND", "ReverseSequence",
      "ScatterElements", "ScatterND", "Slice", "Split", "Squeeze", "Trilu":
      true
    default: false
    }
  }
}
