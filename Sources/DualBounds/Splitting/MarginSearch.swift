extension BoundWorkspace {
  /// The relaxations that a search keeps at most, the one that it makes among them.
  package static let searchedRelaxations = 2 + MarginSearch.mostRegions

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
  ///
  /// - Parameter narrowsAtOnce: whether no part is searched before it is narrowed.
  package func provedSearch(
    _ known: Relaxation, own: Int, other: Int, budget: Int, work: Int? = nil,
    narrowsAtOnce: Bool = false, isOver: @escaping () -> Bool = { false }, probe: SplitProbe
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
      search.narrowsAtOnce = narrowsAtOnce
      let outcome = search.run()
      return (outcome, outcome.end == .proved ? search.proof : nil)
    }
  }
}

/// One search for one margin: depth first, the side that is further from a proof first, so that memory is
/// bounded by the depth of the tree.
///
/// A part is searched on the bounds that there are for about what it would cost to narrow them behind its splits.
/// If it is not decided then that was in vain: it is split once, and each of its sides narrowed and searched in
/// this way. So neither trees of cheap nodes nor parts that have to be narrowed cost a multiple of what they
/// must, as far as what is read tells what it costs.
final class MarginSearch {
  let workspace: BoundWorkspace
  /// Logits, by the kernels' numbers.
  let own: Int
  let other: Int
  /// Bounds that hold on the whole ball.
  private let given: Relaxation
  /// Bounds that hold on the part that is looked at, where the margin is not above 0.
  private(set) var relaxation: Relaxation
  private(set) var network: FoldedNetwork
  private(set) var row: FoldedRow
  var outcome = SplitOutcome()
  private let budget: Int
  /// The most parts that wait, and regions.
  let mostOpen: Int
  /// Whether nothing is given up early.
  var isPatient = false
  fileprivate var mostWork = Int.max
  /// Whether no part is searched before it is narrowed.
  var narrowsAtOnce = false
  let isOver: () -> Bool
  let probe: SplitProbe
  var points = SearchedPoints()
  /// What a proof rests on, where the workspace keeps that.
  private(set) var proof: SplitProof?

  /// Numbers read by the rows before this one, and for what may be done ahead, by whatever row.
  var (workBefore, workOfParts) = (0, 0)
  var work: Int { workBefore + workOfParts + row.work }

  /// The least by which a row was seen to prove less than the folded network promises.
  var leastOverhead = Double.infinity
  /// Visits in trees, and what they read.
  var (visits, workOfVisits) = (0, 0)
  /// The nodes that could have been visited for what narrowed the bounds of parts.
  var narrowingNodes = 0
  /// Splits of the tree whose leaves are kept: in the end one less than there are leaves.
  var splits = 0
  private var isTried = false
  /// Whether a part with nothing left to split was not proved.
  private var isStuck = false
  /// Nodes whose rows are to be proved.
  private var pending: [Node] = []

  /// A part of the ball.
  struct Node {
    var choice: FoldedChoice
    var depth = 0
    /// The splits on the way from the whole.
    var path: [SplitSide] = []
    /// The folded network's.
    var bound = -Double.infinity
    /// What a row proved of it.
    var proved = -Double.infinity
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
    (self.workspace, self.own, self.other) = (workspace, own, other)
    (given, self.relaxation) = (relaxation, relaxation)
    (self.budget, self.isOver, self.probe) = (budget, isOver, probe)
    guard let folded = FoldedNetwork(relaxation, own: own, other: other, workspace) else {
      return nil
    }
    network = folded
    mostOpen = Self.mostOpen(of: folded.units.count)
    row = FoldedRow(folded)
  }

  func run() -> SplitOutcome {
    var root = Node(choice: network.choiceByArea())
    outcome.nodes = 1
    if let end = start(&root) {
      outcome.end = end
    } else {
      outcome.end = grow(from: root)
      if isStuck, points.smallestMargin >= leastOverhead { outcome.end = searchAgain() }
      if outcome.end == .budget, points.smallestMargin < leastOverhead { outcome.end = .rounding }
    }
    outcome.work = work
    return outcome
  }

  private func start(_ root: inout Node) -> SplitOutcome.End? {
    if let end = bound(&root) { return end }
    let prospect = isPatient ? .bright : dive(root)
    return prospect == .counterexample ? .falsified : narrow(root: &root, prospect)
  }

  /// Goes on on other bounds.
  func stand(on relaxation: Relaxation, _ network: FoldedNetwork) {
    workBefore += row.work
    (self.relaxation, self.network, row) = (relaxation, network, FoldedRow(network))
  }

  /// Searches a part on the bounds that there are.
  ///
  /// - Parameter limit: what may have been read in all.
  /// - Returns: nil where that did not decide it.
  func search(_ part: Node, until limit: Int) -> SplitOutcome.End? {
    let (known, kept, splitBefore) = (outcome, proof, splits)
    let tree = SearchTree(part, network, workspace.crew)
    let end = tree.shared { grow(tree, until: limit) }
    pending = []
    guard end == nil else { return end }
    (outcome.leaves, outcome.depth, outcome.share) = (known.leaves, known.depth, known.share)
    (proof, splits) = (kept, splitBefore)
    return nil
  }

  /// Searches the ball on the bounds that were given, where no part is left to split on narrower ones: those say what
  /// a unit is at points that the margin is not above 0 at, and a row whose units all have sides knows that of units
  /// with a side alone. On the given bounds every other unit is linear on all of the ball.
  private func searchAgain() -> SplitOutcome.End {
    guard relaxation.layers.last !== given.layers.last, stands(on: given) else { return .budget }
    (outcome.leaves, outcome.depth, outcome.share) = (0, 0, 0)
    (proof, splits) = (nil, 0)
    let end = search(Node(choice: network.choiceByArea()), until: .max) ?? .budget
    return end == .proved && outcome.leaves != splits + 1 ? .budget : end
  }

  /// - Returns: nil where the limit was reached.
  private func grow(_ tree: SearchTree, until limit: Int) -> SplitOutcome.End? {
    while let part = tree.pop() {
      guard !isExhausted, tree.count < mostOpen, !isOver() else { return .budget }
      guard work < limit else { return nil }
      if let end = visit(part, tree) { return end }
      // What is not proved waits again.
      if pending.count >= Self.provedTogether || tree.count == 0, let end = prove(tree) {
        return end
      }
    }
    return .proved
  }

  /// Whether nothing more is to be tried. What narrows bounds counts as the nodes that could be visited for it.
  var isExhausted: Bool {
    let nodes = outcome.nodes + narrowingNodes
    if nodes >= Self.trialNodes, !isTried {
      isTried = true
      if !isPatient, !isPromising { return true }
    }
    return nodes >= budget || isSpent
  }

  /// Whether more nodes may decide what so many did not: some share is proved, and no point is known whose
  /// margin no row reaches.
  private var isPromising: Bool {
    outcome.share > Self.leastShare && points.smallestMargin >= leastOverhead
  }

  private static let (trialNodes, leastShare) = (2000, 0x1p-9)

  static let provedTogether = 16

  /// The most parts that wait: no tree of that depth leads anywhere. Of many units, each of which every part
  /// has a number for, they are fewer, so that a search takes no more memory.
  static func mostOpen(of units: Int) -> Int {
    512 * unitsOfMostOpen / max(units, unitsOfMostOpen)
  }
  static let unitsOfMostOpen = 2048

  /// Whether all work is done that was allowed.
  var isSpent: Bool { work >= mostWork }

  /// Takes note of a part that is proved, by a row or, with none, by bounds that contradict each other.
  func keep(_ guide: RowGuide?, _ part: Node, on relaxation: Relaxation) {
    outcome.leaves += 1
    outcome.depth = max(outcome.depth, part.depth)
    outcome.share += Double(sign: .plus, exponent: -part.depth, significand: 1)
    guard workspace.keepsOrigins else { return }
    if proof == nil { proof = SplitProof() }
    proof?.add(guide, part.path, on: relaxation)
  }
}

extension MarginSearch {
  private func visit(_ part: SearchPart, _ tree: SearchTree) -> SplitOutcome.End? {
    outcome.nodes += 1
    let visit = tree.visit(part, row, keepsMean: isLookedAt)
    workOfParts += visit.work
    visits += 1
    workOfVisits += visit.work
    if visit.isPromised {
      pending.append(visit.node)
      return nil
    }
    if isLookedAt, look(from: visit.meanPoint) { return .falsified }
    if outcome.nodes > Self.roundingNodes, points.smallestMargin < 0.7 * leastOverhead {
      return .rounding
    }
    if visit.children.isEmpty {
      if let lowest = visit.lowest, show(network.clamped(lowest)) { return .falsified }
      var node = visit.node
      node.isLast = true
      pending.append(node)
      return nil
    }
    splits += 1
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
      if bound.isFinite { leastOverhead = min(leastOverhead, max(0, node.bound - bound)) }
      guard bound > 0 else {
        if node.isLast {
          isStuck = true
          return .budget
        }
        var again = node
        again.overhead = bound.isFinite ? node.bound - bound : .infinity
        tree.push([SearchPart(again)])
        continue
      }
      keep(guide(node.choice), node, on: relaxation)
    }
    return nil
  }
}
