import NetworkGraph

/// Nodes that together may be a function of one number: branches that part at one value and join again, by
/// operators that treat every unit for itself.
struct UnitRegions {
  struct Region: Equatable {
    /// The value that the nodes are a function of.
    var base: String
    /// Their positions, in the graph's order; the last one makes the result.
    var nodes: [Int]
  }

  /// By their last nodes.
  private(set) var regions: [Int: Region] = [:]
  /// Nodes that nothing outside their region reads.
  private(set) var inner: Set<Int> = []

  private let graph: Graph
  private let order: GraphOrder
  private var places: [Int: Int] = [:]
  private var dependent: Set<String> = []

  /// The most nodes of one region.
  private static let mostNodes = 64

  init(_ graph: Graph, _ order: GraphOrder, input: String) {
    (self.graph, self.order) = (graph, order)
    for (place, index) in order.order.enumerated() { places[index] = place }
    dependent = [input]
    for index in order.order {
      let node = graph.nodes[index]
      if node.operatorType == "Shape" || node.operatorType == "Size" { continue }
      if node.reads.contains(where: dependent.contains) { dependent.formUnion(node.outputs) }
    }
    var taken: Set<Int> = []
    // From the end: the largest regions.
    for index in order.order.reversed() where !taken.contains(index) {
      guard let region = region(endingAt: index) else { continue }
      regions[index] = region
      taken.formUnion(region.nodes)
      inner.formUnion(innerNodes(of: region))
    }
  }

  private func dataInputs(of index: Int) -> Set<String> {
    Set(graph.nodes[index].inputs.filter(dependent.contains))
  }

  private func isUnitwise(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    return node.domain.isEmpty && node.outputs.count == 1 && node.branches.isEmpty
      && UnitEvaluation.operators.contains(node.operatorType)
  }

  private func region(endingAt last: Int) -> Region? {
    guard isUnitwise(last) else { return nil }
    var open = dataInputs(of: last)
    guard open.count > 1 || graph.nodes[last].operatorType == "Shrink" else { return nil }
    var nodes = [last]
    while open.count > 1 {
      guard let latest = open.max(by: { place(of: $0) < place(of: $1) }),
        let index = order.producers[latest], isUnitwise(index), nodes.count < Self.mostNodes
      else { return nil }
      nodes.append(index)
      open.remove(latest)
      open.formUnion(dataInputs(of: index))
    }
    guard let base = open.first else { return nil }
    return Region(
      base: base, nodes: nodes.sorted { places[$0, default: 0] < places[$1, default: 0] })
  }

  private func place(of name: String) -> Int {
    order.producers[name].flatMap { places[$0] } ?? -1
  }

  /// The nodes that nobody needs but the region: whatever a node is made of that is read outside is needed there,
  /// too.
  private func innerNodes(of region: Region) -> Set<Int> {
    let outputs = Set(graph.outputs.map(\.name))
    guard let last = region.nodes.last else { return [] }
    var inner: Set<Int> = []
    for index in region.nodes.dropLast().reversed() {
      let isInner = graph.nodes[index].outputs.allSatisfy { name in
        !outputs.contains(name)
          && (order.readers[name] ?? []).allSatisfy { $0 == last || inner.contains($0) }
      }
      if isInner { inner.insert(index) }
    }
    return inner
  }
}
