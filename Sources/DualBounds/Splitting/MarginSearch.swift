extension BoundWorkspace {
  /// Searches a proof that `z_own - z_other > 0` on the whole ball: branch and bound on the signs of
  /// unstable units. What makes its rows proofs is said at `RowGuide`; everything else only chooses.
  ///
  /// The result depends on the arguments alone.
  ///
  /// - Parameters:
  ///   - known: the tightest relaxation there is.
  ///   - budget: the most nodes.
  ///   - work: for a search that does not give up where the worst part is still far from a proof after the
  ///     first splits: the most numbers of the folded network that it reads, over all passes.
  ///   - isOver: whether the time is over: asked before every node.
  ///   - probe: is shown points, and says whether one is a counterexample.
  public func search(
    _ known: Relaxation, own: Int, other: Int, budget: Int, work: Int? = nil,
    isOver: @escaping () -> Bool = { false }, probe: SplitProbe
  ) -> SplitOutcome {
    provedSearch(
      known, own: own, other: other, budget: budget, work: work, isOver: isOver, probe: probe
    ).outcome
  }

  /// The same, with what it rests on where it proved the margin and the workspace keeps that.
  package func provedSearch(
    _ known: Relaxation, own: Int, other: Int, budget: Int, work: Int? = nil,
    isOver: @escaping () -> Bool = { false }, probe: SplitProbe
  ) -> (outcome: SplitOutcome, proof: SplitProof?) {
    guard known.isKnown, budget > 0 else { return (SplitOutcome(), nil) }
    let logits = problem.layers[problem.layers.count - 1].layout
    return withoutActuallyEscaping(probe) { probe in
      let search = MarginSearch(
        self, known, own: logits.physical(own), other: logits.physical(other), budget: budget,
        isOver: isOver, probe: probe)
      guard let search else { return (SplitOutcome(), nil) }
      search.isPatient = work != nil || budget > MarginSearch.patience
      search.mostWork = work ?? .max
      let outcome = search.run()
      return (outcome, outcome.end == .proved ? search.proof : nil)
    }
  }
}

/// One search for one margin: depth first, the side that is further from a proof first, so that memory is
/// bounded by the depth of the tree.
final class MarginSearch {
  let workspace: BoundWorkspace
  /// Logits, by the kernels' numbers.
  let own: Int
  let other: Int
  /// Bounds that hold where the margin is not above 0: all that has to be looked at.
  var relaxation: Relaxation
  var network: FoldedNetwork
  var row: FoldedRow
  var outcome = SplitOutcome()
  private let budget: Int
  /// Whether nothing is given up early.
  var isPatient = false
  fileprivate var mostWork = Int.max
  private let isOver: () -> Bool
  let probe: SplitProbe
  var points = SearchedPoints()
  /// What a proof rests on, where the workspace keeps that.
  var proof: SplitProof?

  /// Numbers read by the rows before this one, and for what may be done ahead, by whatever row.
  var (workBefore, workOfParts) = (0, 0)
  private var work: Int { workBefore + workOfParts + row.work }

  /// By how much a row proves less than the folded network promises: at the root, and the least seen.
  var overhead = (root: 0.0, least: Double.infinity)
  /// Nodes whose rows are to be proved.
  private var pending: [Node] = []

  /// A part of the ball.
  struct Node {
    var choice: FoldedChoice
    var depth = 0
    /// The units that were split, on the way from the whole; where that is kept.
    var path: [Int] = []
    /// The folded network's.
    var bound = -Double.infinity
    /// By how much a row is thought to prove less.
    var overhead = 0.0
    /// Whether nothing is left to split.
    var isLast = false
  }

  /// - Returns: nil where the folded network would be too large.
  init?(
    _ workspace: BoundWorkspace, _ relaxation: Relaxation, own: Int, other: Int, budget: Int,
    isOver: @escaping () -> Bool, probe: @escaping SplitProbe
  ) {
    (self.workspace, self.relaxation, self.own, self.other) = (workspace, relaxation, own, other)
    (self.budget, self.isOver, self.probe) = (budget, isOver, probe)
    guard let folded = FoldedNetwork(relaxation, own: own, other: other, workspace) else {
      return nil
    }
    network = folded
    row = FoldedRow(folded)
  }

  func run() -> SplitOutcome {
    var choice = network.choiceByArea()
    if let end = boundRoot(&choice) ?? narrowRoot(&choice) {
      (outcome.end, outcome.work) = (end, work)
      return outcome
    }
    let tree = SearchTree(
      Node(choice: choice, overhead: overhead.root), network, keepsPaths: workspace.keepsOrigins,
      workspace.crew)
    outcome.end = tree.shared { grow(tree) }
    outcome.work = work
    if outcome.end == .budget, points.smallestMargin < overhead.least { outcome.end = .rounding }
    return outcome
  }

  private func grow(_ tree: SearchTree) -> SplitOutcome.End {
    while let part = tree.pop() {
      guard outcome.nodes < budget, !isSpent, tree.count < Self.mostOpen, !isOver() else {
        return .budget
      }
      if outcome.nodes == Self.trialNodes, !isPatient, !isPromising { return .budget }
      if let end = visit(part, tree) { return end }
      // What is not proved waits again.
      if pending.count >= Self.provedTogether || tree.count == 0, let end = prove(tree) {
        return end
      }
    }
    return .proved
  }

  /// Whether more nodes may decide what so many did not: some share is proved, and no point is known whose
  /// margin no row reaches.
  private var isPromising: Bool {
    outcome.share > Self.leastShare && points.smallestMargin >= overhead.least
  }

  private static let (trialNodes, leastShare) = (2000, 0x1p-9)

  static let provedTogether = 16
  /// The most parts that wait: no tree of that depth leads anywhere.
  static let mostOpen = 512

  /// Whether all work is done that was allowed.
  var isSpent: Bool { work >= mostWork }

  /// The whole of the tree is one proved part.
  func proveWhole() -> SplitOutcome.End {
    (outcome.leaves, outcome.share) = (1, 1)
    return .proved
  }

  func keep(_ choice: FoldedChoice, _ path: [Int] = []) {
    guard workspace.keepsOrigins else { return }
    if proof == nil { proof = SplitProof(relaxation: relaxation) }
    proof?.leaves.append((guide(choice), path))
  }
}

extension MarginSearch {
  private func visit(_ part: SearchPart, _ tree: SearchTree) -> SplitOutcome.End? {
    outcome.nodes += 1
    let visit = tree.visit(part, row, keepsMean: isLookedAt)
    workOfParts += visit.work
    if visit.isPromised {
      pending.append(visit.node)
      return nil
    }
    if isLookedAt, look(from: visit.meanPoint) { return .falsified }
    if outcome.nodes > Self.roundingNodes, points.smallestMargin < 0.7 * overhead.least {
      return .rounding
    }
    if visit.children.isEmpty {
      if let lowest = visit.lowest, show(network.clamped(lowest)) { return .falsified }
      var node = visit.node
      node.isLast = true
      pending.append(node)
      return nil
    }
    tree.push(visit.children)
    return nil
  }

  /// Whether points are tried: what many nodes have not shown, every single one hardly does.
  private var isLookedAt: Bool {
    outcome.nodes <= Self.roundingNodes || outcome.nodes % Self.nodesPerLook == 0
  }

  private static let nodesPerLook = 8

  /// Nodes after which a point whose margin lies within what rounding costs ends the search.
  private static let roundingNodes = 200

  /// Proves what the folded network promises; a part that no row proves is looked at again.
  private func prove(_ tree: SearchTree) -> SplitOutcome.End? {
    let proved = workspace.bounds(of: pending.map { guide($0.choice) }, on: relaxation)
    defer { pending = [] }
    for (node, bound) in zip(pending, proved) {
      if bound.isFinite { overhead.least = min(overhead.least, max(0, node.bound - bound)) }
      guard bound > 0 else {
        if node.isLast { return .budget }
        var again = node
        again.overhead = bound.isFinite ? node.bound - bound : .infinity
        tree.push([SearchPart(again)])
        continue
      }
      keep(node.choice, node.path)
      outcome.leaves += 1
      outcome.depth = max(outcome.depth, node.depth)
      outcome.share += Double(sign: .plus, exponent: -node.depth, significand: 1)
    }
    return nil
  }
}
