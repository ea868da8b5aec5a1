import Threads

/// What a look at one part of the ball comes to: a function of the part and the folded network, whoever makes it
/// and whenever.
struct NodeVisit {
  /// The part, with the best choice that was found for it.
  var node: MarginSearch.Node
  /// Whether the folded network promises a proof.
  var isPromised = false
  /// Both sides of a split, the one that is further from a proof last; empty where nothing is left to split.
  var children: [SearchPart] = []
  /// Where nothing is left to split, the way to where the margin is smallest, if that is known.
  var lowest: [Double]?
  /// The mean of the worst points of all passes, as the way from the centre; empty where nobody asked.
  var meanPoint: [Double] = []
  /// The numbers of the network that were read.
  var work = 0
}

/// A part of the ball in the tree of a search, and the visit to it.
final class SearchPart: Sendable {
  let node: MarginSearch.Node
  let visit = Ahead<NodeVisit>()

  init(_ node: MarginSearch.Node) { self.node = node }
}

/// Visits parts, with one row as its scratch.
struct NodeVisitor {
  let network: FoldedNetwork
  let row: FoldedRow

  /// - Parameter keepsMean: whether the mean of the worst points is asked for.
  func visit(_ node: MarginSearch.Node, keepsMean: Bool) -> NodeVisit {
    var (visit, work) = row.counting { visited(node, keepsMean) }
    visit.work = work
    return visit
  }

  private func visited(_ node: MarginSearch.Node, _ keepsMean: Bool) -> NodeVisit {
    var visit = NodeVisit(node: node)
    row.forgetPoints()
    visit.node.bound = row.climb(
      &visit.node.choice, .init(passes: 60, target: node.overhead, endsEarly: true))
    visit.isPromised = visit.node.bound > node.overhead
    guard !visit.isPromised else { return visit }
    let unit = choose(visit.node)
    if keepsMean, row.pointCount > 0 { visit.meanPoint = row.takeMeanPoint() }
    if let unit {
      visit.children = children(of: visit.node, unit).map { SearchPart($0) }
    } else {
      visit.lowest = finish(&visit.node)
    }
    return visit
  }

  /// Both sides of a split, the one that is further from a proof last.
  func children(of node: MarginSearch.Node, _ unit: Int) -> [MarginSearch.Node] {
    let sides: [Int8] = [1, -1]
    let (layer, number) = network.units[unit]
    let both = sides.map { side in
      var child = node
      child.choice.sides[unit] = side
      // Both sides share what they do not change.
      if child.choice.multipliers[unit] != 0 { child.choice.multipliers[unit] = 0 }
      child.depth += 1
      child.path.append(SplitSide(layer: layer, unit: number, isActive: side > 0))
      // What is fixed costs less; a row that fails says what it costs.
      child.overhead *= 0.8
      child.bound = row.bound(child.choice)
      return child
    }
    return both[0].bound < both[1].bound ? both.reversed() : both
  }

  /// The unit to split: of those that lose most at the worst point of the last pass, the one whose worse
  /// side gains most at once. nil where none is free.
  func choose(_ node: MarginSearch.Node) -> Int? {
    var losses: [(loss: Double, unit: Int)] = []
    for unit in network.units.indices where node.choice.sides[unit] == 0 {
      let (coefficient, value) = (row.coefficient(unit), row.value(unit))
      let line = network.line(unit, coefficient, lower: node.choice.slopes[unit], at: value)
      losses.append((coefficient.magnitude * (line - max(value, 0)).magnitude, unit))
    }
    losses.sort { ($0.loss, $1.unit) > ($1.loss, $0.unit) }
    var best: (gain: Double, unit: Int)?
    for (_, unit) in losses.prefix(Self.lookAhead) {
      var choice = node.choice
      choice.sides[unit] = 1
      let active = min(row.bound(choice), node.overhead)
      choice.sides[unit] = -1
      let inactive = min(row.bound(choice), node.overhead)
      let gain = 0.8 * min(active, inactive) + 0.2 * max(active, inactive)
      if best.map({ gain > $0.gain }) ?? true { best = (gain, unit) }
    }
    return best?.unit
  }

  private static let lookAhead = 12
}
