// The whole of the ball: its row, the bounds of units under the hypothesis that the margin is not above 0, and
// whether a search leads anywhere at all.
extension MarginSearch {
  /// The margin's own row.
  func boundRoot(_ choice: inout FoldedChoice) -> SplitOutcome.End? {
    outcome.nodes = 1
    let bound = row.climb(.margin, &choice, .init(passes: 30))
    let proved = workspace.bounds(of: [guide(choice)], on: relaxation)[0]
    if proved > 0 {
      keep(choice)
      return proveWhole()
    }
    if proved.isFinite {
      outcome.bound = max(outcome.bound, proved)
      overhead = (max(0, bound - proved), max(0, bound - proved))
    }
    return look() ? .falsified : nil
  }

  /// Bounds units again under the hypothesis that the margin is not above 0, while that helps.
  func narrowRoot(_ choice: inout FoldedChoice) -> SplitOutcome.End? {
    if !isPatient, let end = dive(choice) { return end }
    for _ in 0..<Self.narrowings where !network.units.isEmpty && !isSpent {
      let before = (bound: outcome.bound, count: network.units.count)
      let (bounds, guides) = hypothesisBounds(choice)
      switch workspace.narrowed(relaxation, by: bounds) {
      case .empty(let layers):
        if workspace.keepsOrigins { proof = SplitProof(relaxation: origin(layers, guides)) }
        return proveWhole()
      case .unknown: return nil
      case .relaxation(var narrowed):
        if workspace.keepsOrigins, !bounds.isEmpty { narrowed = origin(narrowed.layers, guides) }
        relaxation = narrowed
        guard let folded = FoldedNetwork(narrowed, own: own, other: other, workspace) else {
          return .budget
        }
        choice = folded.carry(choice, from: network)
        network = folded
        workBefore += row.work
        row = FoldedRow(folded)
      }
      if let end = boundRoot(&choice) { return end }
      let gained = outcome.bound - before.bound >= 0.03 * outcome.bound.magnitude
      if !gained, Double(network.units.count) > 0.95 * Double(before.count) { break }
    }
    return nil
  }

  /// Deep networks gain for long, and by more from round to round.
  private static let narrowings = 30

  /// Narrowed layers with what they rest on.
  private func origin(_ layers: [LayerRelaxation], _ guides: [RowGuide]) -> Relaxation {
    Relaxation(
      problem: relaxation.problem, layers: layers, normPart: relaxation.normPart,
      isKnown: relaxation.isKnown,
      origin: .narrowed(relaxation, other: other, guides: guides))
  }

  /// Splits the worst part again and again: where it is still far from a proof then, no search gets there,
  /// and to know it costs less than the first bounds under a hypothesis do.
  private func dive(_ choice: FoldedChoice) -> SplitOutcome.End? {
    let root = row.bound(.margin, choice)
    var node = Node(choice: choice, bound: root, overhead: overhead.root)
    let visitor = NodeVisitor(network: network, row: row, keepsPaths: workspace.keepsOrigins)
    row.forgetPoints()
    for _ in 0..<Self.divedSplits {
      node.bound = row.climb(
        .margin, &node.choice, .init(passes: 16, target: node.overhead, endsEarly: true))
      guard node.bound <= node.overhead, let unit = visitor.choose(node) else { return nil }
      guard let worse = visitor.children(of: node, unit).last else { return nil }
      node = worse
    }
    if look() { return .falsified }
    return node.bound < Self.hopeless * root ? .budget : nil
  }

  private static let divedSplits = 16
  /// With more nodes than this nothing is given up early.
  static let patience = 20_000
  /// The share of the gap that may be left at its end.
  private static let hopeless = 0.3

  func guide(_ choice: FoldedChoice) -> RowGuide {
    RowGuide(
      own: own, other: other, sides: choice.sides, slopes: choice.slopes,
      multipliers: choice.multipliers)
  }
}
