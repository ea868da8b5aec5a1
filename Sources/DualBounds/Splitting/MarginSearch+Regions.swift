// Parts whose bounds are narrowed again, one behind the other.
extension MarginSearch {
  /// Bounds, and parts that are to be narrowed from there.
  fileprivate struct Region {
    var relaxation: Relaxation
    var waiting: [Node]
  }

  /// Decides the ball, whose bounds are narrowed.
  func grow(from root: Node) -> SplitOutcome.End {
    // A search that may give up is first one on the bounds that there are: most end in it.
    let first = isPatient ? 0 : Self.firstVisits * visitWork
    var (part, cost, regions) = (root, first, [Region]())
    while true {
      let limit = work + max(cost, Self.leastVisits * visitWork)
      switch search(part, until: narrowsAtOnce ? work : limit) {
      case .proved: break
      case let end?: return end
      case nil:
        let sides = sides(of: part)
        if sides.isEmpty {
          let end = search(part, until: .max)
          guard end == .proved else { return end ?? .budget }
          break
        }
        guard regions.count < mostOpen else { return .budget }
        // Beyond so many relaxations those behind stand on the last again.
        let known =
          regions.count < Self.mostRegions
          ? relaxation : regions[Self.mostRegions - 1].relaxation
        regions.append(Region(relaxation: known, waiting: sides))
      }
      repeat {
        guard let (region, next) = next(&regions) else {
          // A tree with a leaf missing proves nothing.
          return outcome.leaves == splits + 1 ? .proved : .budget
        }
        guard stands(on: region.relaxation) else { return .budget }
        part = next
        // What the margin's row was climbed to, its multipliers above all, is where units' rows begin, and no
        // good place for them.
        part.choice = network.choiceByArea(behind: part.path)
        let before = work
        switch narrow(&part, rounds: Self.narrowingsOfParts) {
        case .proved: part.proved = .infinity
        case let end?: return end
        case nil: break
        }
        cost = work - before
        narrowingNodes += cost / visitWork
        if isExhausted || isOver() { return .budget }
      } while part.proved > 0
    }
  }

  private func next(_ regions: inout [Region]) -> (Region, part: Node)? {
    while let region = regions.last {
      if let part = regions[regions.count - 1].waiting.popLast() { return (region, part) }
      regions.removeLast()
    }
    return nil
  }

  /// Goes on on these bounds; false where there would be too many units.
  func stands(on known: Relaxation) -> Bool {
    guard relaxation.layers.last !== known.layers.last else { return true }
    guard let folded = FoldedNetwork(known, own: own, other: other, workspace) else { return false }
    stand(on: known, folded)
    return true
  }

  /// Both sides of a part that is split once, the one that is further from a proof last; none where nothing is
  /// left to split.
  private func sides(of part: Node) -> [Node] {
    var undecided = part
    // Whatever the folded network promises of it.
    undecided.overhead = .infinity
    let visit = NodeVisitor(network: network, row: row).visit(undecided, keepsMean: false)
    workOfParts += visit.work
    splits += visit.children.isEmpty ? 0 : 1
    return visit.children.map { child in
      var side = child.node
      side.overhead = 0.8 * part.overhead
      return side
    }
  }

  private static let narrowingsOfParts = 3
  /// So many relaxations are kept one behind the other.
  static let mostRegions = 8

  /// The visits of a search that may give up before anything is narrowed.
  private static let firstVisits = 200
  /// Whatever narrowing costs, so many nodes are visited before it.
  private static let leastVisits = 16
  /// What a visit reads, on average; before there were any about as much.
  private var visitWork: Int {
    max(1, visits > 0 ? workOfVisits / visits : 50 * network.work)
  }
}
