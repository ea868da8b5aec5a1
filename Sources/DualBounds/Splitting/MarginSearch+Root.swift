// A part of the ball as a whole: its row, the bounds of units on it under the hypothesis that the margin is not
// above 0, and, of the ball itself, whether a search leads anywhere at all.
extension MarginSearch {
  /// The row of a part, which may prove it.
  func bound(_ part: inout Node) -> SplitOutcome.End? {
    part.bound = row.climb(&part.choice, .init(passes: 30))
    part.proved = workspace.bounds(of: [guide(part.choice)], on: relaxation)[0]
    if part.proved > 0 {
      keep(guide(part.choice), part, on: relaxation)
      return .proved
    }
    if part.proved.isFinite { note(cost: max(0, part.bound - part.proved), of: &part) }
    return look() ? .falsified : nil
  }

  private func note(cost: Double, of part: inout Node) {
    part.overhead = cost
    guard part.depth == 0 else {
      leastOverhead = min(leastOverhead, cost)
      return
    }
    (leastOverhead, outcome.bound) = (cost, max(outcome.bound, part.proved))
  }

  /// Narrows the bounds of the ball itself.
  ///
  /// Where a dive saw no proof every round has to gain its share of the gap, and not much less than the one before:
  /// on deep networks rounds gain more and more until nothing is left, on those trained to be certified each gains a
  /// third of the last.
  func narrow(root: inout Node, _ prospect: Prospect) -> SplitOutcome.End? {
    let (gap, isDoubtful) = (-root.proved, prospect == .doubtful)
    func isFar() -> Bool { !(-root.proved < Self.hopeless * gap) }
    var leastGain = Self.doubtfulShare * gap
    for _ in 0..<Self.narrowings where isDoubtful && isFar() {
      let before = root.proved
      if let end = narrow(&root, rounds: 1) { return end }
      let gain = root.proved - before
      guard gain >= leastGain || !isFar() else { return .budget }
      leastGain = max(leastGain, Self.doubtfulPace * gain)
    }
    return narrow(&root, rounds: Self.narrowings)
  }

  /// Bounds units again under the hypothesis that the margin is not above 0, while that helps.
  ///
  /// - Parameter rounds: the most.
  func narrow(_ part: inout Node, rounds: Int) -> SplitOutcome.End? {
    for _ in 0..<rounds where !network.units.isEmpty && !isSpent {
      let before = (bound: part.proved, count: network.units.count)
      let (bounds, guides) = hypothesisBounds(part.choice)
      guard !bounds.isEmpty else { return nil }
      switch workspace.narrowed(relaxation, by: bounds, behind: part.path) {
      case .empty(let layers):
        keep(nil, part, on: narrowed(layers, guides, part))
        return .proved
      case .unknown: return nil
      case .relaxation(let made):
        let made = narrowed(made.layers, guides, part)
        guard let folded = FoldedNetwork(made, own: own, other: other, workspace) else {
          return .budget
        }
        workOfParts += folded.foldingWork
        part.choice = folded.carry(part.choice, from: network, behind: part.path)
        stand(on: made, folded)
      }
      if let end = bound(&part) { return end }
      let gained = part.proved - before.bound >= 0.03 * part.proved.magnitude
      if !gained, Double(network.units.count) > 0.95 * Double(before.count) { return nil }
    }
    return nil
  }

  /// Deep networks gain for long, and by more from round to round.
  static let narrowings = 30

  /// Narrowed layers with what they rest on.
  private func narrowed(
    _ layers: [LayerRelaxation], _ guides: [RowGuide], _ part: Node
  ) -> Relaxation {
    var made = Relaxation(
      problem: relaxation.problem, layers: layers, normPart: relaxation.normPart,
      isKnown: relaxation.isKnown)
    if workspace.keepsOrigins {
      made.origin = .narrowed(relaxation, other: other, splits: part.path, guides: guides)
    }
    return made
  }

  /// What a look ahead says of a search.
  enum Prospect {
    case bright, doubtful, counterexample
  }

  /// Splits the worst part again and again: where it is still far from a proof then, splits lead nowhere, and to
  /// know it costs less than the first bounds under a hypothesis do.
  func dive(_ root: Node) -> Prospect {
    let bound = row.bound(root.choice)
    var node = root
    node.bound = bound
    let visitor = NodeVisitor(network: network, row: row)
    row.forgetPoints()
    for _ in 0..<Self.divedSplits {
      node.bound = row.climb(
        &node.choice, .init(passes: 16, target: node.overhead, endsEarly: true))
      guard node.bound <= node.overhead, let unit = visitor.choose(node) else { return .bright }
      guard let worse = visitor.children(of: node, unit).last else { return .bright }
      if look() { return .counterexample }
      node = worse
    }
    return node.bound < Self.hopeless * bound ? .doubtful : .bright
  }

  private static let divedSplits = 16
  /// With more nodes than this nothing is given up early.
  static let patience = 20_000
  /// The share of the gap that may be left at its end.
  private static let hopeless = 0.3
  /// What a round gains of the gap at least, and of what the last one gained, where a dive saw no proof.
  private static let (doubtfulShare, doubtfulPace) = (0.04, 0.5)

  func guide(_ choice: FoldedChoice) -> RowGuide {
    RowGuide(
      own: own, other: other, sides: choice.sides, slopes: choice.slopes,
      multipliers: choice.multipliers)
  }
}
