/// The nodes that the outputs need, in an order in which each stands behind what it reads.
public struct GraphOrder: Sendable {
  /// Positions in `Graph.nodes`, sources first; nodes on or behind a cycle are left out.
  public var order: [Int]
  /// Nodes that no output needs.
  public var dead: [Int]
  /// Nodes that lie on a cycle, in the file's order.
  public var cyclic: [Int]
  /// The node that writes each value.
  public var producers: [String: Int]
  /// The nodes of `order` that read each value, in that order.
  public var readers: [String: [Int]] = [:]
  /// Nodes that write a value which another node, an input or an initialiser provides already.
  public var duplicates: [(node: Int, value: String)]

  /// Sorts a graph; O(nodes + edges).
  public init(_ graph: Graph) {
    let (producers, duplicates) = Self.producers(of: graph)
    (self.producers, self.duplicates) = (producers, duplicates)
    let live = Self.live(graph, producers)
    dead = graph.nodes.indices.filter { !live[$0] }
    var waiting = [Int](repeating: 0, count: graph.nodes.count)
    var followers = [[Int]](repeating: [], count: graph.nodes.count)
    for index in graph.nodes.indices where live[index] {
      for source in Set(graph.nodes[index].reads.compactMap({ producers[$0] })) {
        waiting[index] += 1
        followers[source].append(index)
      }
    }
    var order = graph.nodes.indices.filter { live[$0] && waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for reader in followers[order[next]] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { order.append(reader) }
      }
      next += 1
    }
    self.order = order
    for index in order {
      for name in Set(graph.nodes[index].reads) { readers[name, default: []].append(index) }
    }
    let stuck = graph.nodes.indices.filter { live[$0] && waiting[$0] > 0 }
    cyclic = Self.withoutTails(stuck, followers)
  }

  private static func producers(
    of graph: Graph
  ) -> ([String: Int], [(node: Int, value: String)]) {
    var producers: [String: Int] = [:]
    var duplicates: [(node: Int, value: String)] = []
    let given = Set(graph.inputs.map(\.name)).union(graph.initializers.keys)
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        if given.contains(output) || producers[output] != nil {
          duplicates.append((index, output))
        } else {
          producers[output] = index
        }
      }
    }
    return (producers, duplicates)
  }

  private static func live(_ graph: Graph, _ producers: [String: Int]) -> [Bool] {
    var live = [Bool](repeating: false, count: graph.nodes.count)
    var open = graph.outputs.compactMap { producers[$0.name] }
    while let index = open.popLast() {
      guard !live[index] else { continue }
      live[index] = true
      open += graph.nodes[index].reads.compactMap { producers[$0] }
    }
    return live
  }

  /// The nodes of `stuck` that lie on a cycle or between two, not merely behind one.
  private static func withoutTails(_ stuck: [Int], _ readers: [[Int]]) -> [Int] {
    var rest = Set(stuck)
    var outgoing: [Int: Int] = [:]
    var sources: [Int: [Int]] = [:]
    for index in stuck {
      let onward = readers[index].filter(rest.contains)
      outgoing[index] = onward.count
      for reader in onward { sources[reader, default: []].append(index) }
    }
    var open = stuck.filter { outgoing[$0] == 0 }
    while let index = open.popLast() {
      rest.remove(index)
      for source in sources[index] ?? [] where rest.contains(source) {
        let count = (outgoing[source] ?? 0) - 1
        outgoing[source] = count
        if count == 0 { open.append(source) }
      }
    }
    return rest.sorted()
  }
}
