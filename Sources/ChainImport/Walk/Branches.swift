import NetworkGraph

extension ChainBuilder {
  /// If: the branch that a condition takes which does not depend on the data, in the node's place.
  mutating func choose(_ node: Node) {
    do throws(NodeRefusal) {
      guard let branch = try takenBranch(of: node) else {
        return node.outputs.forEach { set(.unknown(dependsOnInput: true), named: $0) }
      }
      guard branch.outputs.count == node.outputs.count else {
        throw NodeRefusal(
          "its branch has \(branch.outputs.count) outputs; expected \(node.outputs.count)")
      }
      let results = walk(branch)
      for (name, result) in zip(node.outputs, results) { set(result, named: name) }
    } catch {
      refuse(node, error)
      node.outputs.forEach { set(.unknown(dependsOnInput: true), named: $0) }
    }
  }

  /// The branch; nil where the condition comes from a refused node, whose reason is enough.
  private mutating func takenBranch(of node: Node) throws(NodeRefusal) -> Graph? {
    let condition = node.inputs.first.flatMap { value($0) }
    switch condition {
    case .unknown(dependsOnInput: false): return nil
    case .constant(let constant):
      guard let flag = constant.integers?.first, constant.count == 1 else {
        throw NodeRefusal(
          "its condition is \(constant.elementType.rawValue) \(shapeText(constant.shape)); expected"
            + " one bool")
      }
      let name = flag != 0 ? "then_branch" : "else_branch"
      guard let branch = node.branches[name] else {
        throw NodeRefusal("its \(name) is missing; expected a graph")
      }
      note("\(node.label): \(name) taken, as the shapes of one example decide")
      return branch
    case nil:
      throw NodeRefusal("its condition is missing; expected one that the shapes decide")
    default:
      throw NodeRefusal(
        "its condition depends on the network's input; expected one that the shapes decide")
    }
  }

  /// Visits a branch's nodes; gives its outputs' values.
  ///
  /// What a branch names is its own: another branch may use the same name for something else.
  private mutating func walk(_ branch: Graph) -> [Value] {
    let order = GraphOrder(branch)
    if let first = order.cyclic.first {
      refuse(branch.nodes[first], NodeRefusal("lies on a cycle of \(order.cyclic.count) nodes"))
    }
    for (index, value) in order.duplicates {
      refuse(branch.nodes[index], NodeRefusal.secondValue(value))
    }
    let outside = enter(branch, order)
    for index in order.order { visit(branch.nodes[index]) }
    let results = branch.outputs.map { value($0.name) ?? .unknown(dependsOnInput: true) }
    leave(to: outside)
    return results
  }
}
