import ProofRecords

// What a proof proposes, in the auditor's terms; and whether the leaves of a search cover the ball.
extension Auditor {
  /// Refuses a unit that is not there.
  func check(_ layer: Int, _ unit: Int, _ layers: AuditLayers<N>) throws(AuditFault) {
    guard layers.lower.indices.contains(layer), layers.lower[layer].indices.contains(unit) else {
      throw noUnit(layer, unit)
    }
  }

  /// Slopes by unit.
  func slopes(_ lines: RowLines, _ layers: AuditLayers<N>) throws(AuditFault) -> [[N]] {
    var slopes = layers.lower.map { [N](repeating: .zero, count: $0.count) }
    for (layer, list) in lines.layers.enumerated() {
      for line in list {
        try check(layer, line.unit, layers)
        guard line.slope >= 0, line.slope <= 1 else {
          throw fault(
            "layer \(layer + 1), unit \(line.unit)", "slope \(line.slope); expected 0 to 1")
        }
        slopes[layer][line.unit] = N(line.slope)
      }
    }
    return slopes
  }

  /// Everything that a guided row has given.
  func choices(_ row: GuideRow, _ layers: AuditLayers<N>) throws(AuditFault) -> RowChoices<N> {
    var choices = RowChoices<N>(slopes: try slopes(row.lines, layers))
    choices.sides = layers.lower.map { _ in [:] }
    for split in row.splits {
      try check(split.layer, split.unit, layers)
      let place = "layer \(split.layer + 1), unit \(split.unit)"
      guard split.multiplier >= 0, split.multiplier.isFinite else {
        throw fault(place, "multiplier \(split.multiplier); expected a number of at least 0")
      }
      guard choices.sides[split.layer][split.unit] == nil else {
        throw fault(place, "split twice on the way to one part")
      }
      choices.sides[split.layer][split.unit] = (split.isActive, N(split.multiplier))
    }
    guard row.weight >= 0, row.weight.isFinite else {
      throw fault("", "weight \(row.weight) of a margin; expected a number of at least 0")
    }
    if let target = row.target {
      try check(target.layer, target.unit, layers)
      choices.target = (target.layer, target.unit, N(target.isUpper ? -1 : 1))
    }
    return choices
  }

  /// A row of the difference of two logits.
  func bound(
    _ own: Int, _ rival: Int, _ choices: RowChoices<N>, _ layers: AuditLayers<N>, weight: N = N(1)
  ) -> RowBounds<N> {
    var row = [N](repeating: .zero, count: network.classCount)
    (row[own], row[rival]) = (weight, -weight)
    return network.bound(row, from: network.hidden, on: layers, choices)
  }

  /// The parts of the ball on which a search proves that the rival loses.
  ///
  /// A leaf stands for the part where all of its splits hold. At a point of it where the rival did not lose, the
  /// relaxation's bounds would hold, as its splits are among the leaf's, and with them a margin above 0.
  func parts(
    _ search: SearchProof, _ own: Int, _ made: [AuditLayers<N>]
  ) throws(AuditFault) -> [[SplitSide]] {
    let place = "search against class \(search.rival)"
    guard (0..<network.classCount).contains(search.rival), search.rival != own,
      made.indices.contains(search.relaxation)
    else { throw fault(place, "names a class or a relaxation that is not there") }
    let layers = made[search.relaxation]
    guard layers.hypothesis ?? search.rival == search.rival else {
      throw fault(place, "stands on bounds that hold for another class")
    }
    if layers.isEmpty { return [layers.splits] }
    for (number, leaf) in search.leaves.enumerated() {
      let place = "\(place), leaf \(number)"
      guard leaf.target == nil, leaf.weight == 1 else {
        throw fault(place, "bounds something else than the margin")
      }
      guard Set(layers.splits).isSubset(of: leaf.splits.map(\.side)) else {
        throw fault(place, "stands on bounds behind a split that it does not have")
      }
      let end = bound(own, search.rival, try choices(leaf, layers), layers).deployedLower
      guard end > .zero else {
        throw fault(place, "a margin above 0 claimed, \(end.shown) derived")
      }
    }
    return search.leaves.map { $0.splits.map(\.side) }
  }

  /// Whether parts cover the whole: one without splits does; else both sides of a split of the first must be
  /// covered by those that do not lie on the other.
  func cover(
    _ parts: [[SplitSide]], _ path: [SplitSide], _ place: String
  ) throws(AuditFault) {
    if parts.contains(where: \.isEmpty) { return }
    guard let side = parts.first?.first else {
      let words = path.map {
        "layer \($0.layer + 1) unit \($0.unit) \($0.isActive ? ">=" : "<=") 0"
      }
      throw fault(place, "no leaf covers the part with \(words.joined(separator: ", "))")
    }
    let other = SplitSide(layer: side.layer, unit: side.unit, isActive: !side.isActive)
    for (here, there) in [(side, other), (other, side)] {
      let inside = parts.filter { !$0.contains(there) }
      try cover(inside.map { $0.filter { $0 != here } }, path + [here], place)
    }
  }
}
