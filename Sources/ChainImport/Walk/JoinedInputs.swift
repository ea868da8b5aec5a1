import NetworkGraph
import ReLUChain

/// A network with one input for each column of a table, `[N, 1]` each, as skl2onnx writes pipelines behind pandas: read
/// as a network with one input, the row of all columns.
///
/// The columns lie in the order in which the file declares them, which is that of the table. Where one node joins all
/// of them in another order, only data that name their columns are taken, so that nobody can pair them wrongly.
struct JoinedInputs {
  /// The network over the row, which a Gather for each column takes apart.
  private(set) var graph: Graph
  /// The columns in the row's order.
  let columns: InputColumns
  /// What a person should know of it.
  let note: String

  /// nil for a network whose inputs are no such columns.
  init?(_ graph: Graph) {
    let declared = graph.inputs.filter { graph.initializers[$0.name] == nil }
    let reads = graph.nodes.map { Set($0.reads) }
    let used = declared.filter { input in reads.contains { $0.contains(input.name) } }
    guard used.count > 1, let first = used.first, let type = first.elementType,
      type.isFloatingPoint, let batch = first.dimensions?.first,
      declared.allSatisfy({ Self.isColumn($0, of: type, batch) }),
      Set(declared.map(\.name)).isDisjoint(with: graph.outputs.map(\.name))
    else { return nil }
    self.graph = graph
    let names = declared.map(\.name)
    let other = Self.otherOrder(graph, used.map(\.name))
    columns = InputColumns(names: names, needsNames: other != nil)
    note =
      "\(names.count) inputs read as the columns of one row, in this order: "
      + names.prefix(32).map { "'\($0)'" }.joined(separator: ", ")
      + (names.count > 32 ? ", ..." : "")
      + (other.map { ", which is that of the file's inputs; \($0.label) joins them in another" }
        ?? "")
    let row = Self.unusedName(graph, names)
    self.graph.inputs = [
      ValueInfo(name: row, elementType: type, dimensions: [batch, .fixed(names.count)])
    ]
    var parts: [Node] = []
    for input in used {
      let index = "\(row), '\(input.name)'"
      let place = names.firstIndex(of: input.name) ?? 0
      self.graph.initializers[index] = Tensor(
        shape: [1], elementType: .int64, elements: .integer([Int64(place)]))
      parts.append(
        Node(
          name: input.name, operatorType: "Gather", inputs: [row, index], outputs: [input.name],
          attributes: ["axis": .int(1)]))
    }
    self.graph.nodes = parts + graph.nodes
  }

  private static func isColumn(
    _ input: ValueInfo, of type: ElementType, _ batch: Dimension
  ) -> Bool {
    guard let sizes = input.dimensions, sizes.count == 2, sizes[1] == .fixed(1) else {
      return false
    }
    // A name of its own for each open batch, or none, is still the batch.
    return input.elementType == type && (sizes[0] == batch || !sizes[0].isFixed && !batch.isFixed)
  }

  /// A node that joins all columns in another order.
  private static func otherOrder(_ graph: Graph, _ used: [String]) -> Node? {
    graph.nodes.first { node in
      ["Concat", "FeatureVectorizer"].contains(node.operatorType) && node.inputs != used
        && node.inputs.count == used.count && Set(node.inputs) == Set(used)
    }
  }

  /// A name that no value has: another one than all names that the file mentions.
  private static func unusedName(_ graph: Graph, _ columns: [String]) -> String {
    let taken = Set(
      columns + graph.initializers.keys + graph.nodes.flatMap { $0.reads + $0.outputs })
    var name = "row of \(columns.count) columns"
    while taken.contains(where: { $0.hasPrefix(name) }) { name += "'" }
    return name
  }
}
