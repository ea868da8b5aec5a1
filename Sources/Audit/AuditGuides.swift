import ProofRecords

// What a proof proposes, in the auditor's terms; and whether the leaves of a search cover the ball.
extension Auditor {
  /// Slopes by unit.
  func slopes(_ lines: RowLines, _ layers: AuditLayers<N>) throws(AuditFault) -> [[N]] {
    var slopes = layers.lower.map { [N](repeating: .zero, count: $0.count) }
    for (layer, list) in lines.layers.enumerated() where !list.isEmpty {
      guard slopes.indices.contains(layer) else {
        throw fault("layer \(layer + 1)", "slopes of a layer above the row")
      }
      for line in list {
        guard slopes[layer].indices.contains(line.unit) else { throw noUnit(layer, line.unit) }
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
    var choices = RowChoices<N>()
    choices.slopes = try slopes(row.lines, layers)
    choices.sides = layers.lower.map { _ in [:] }
    func check(_ layer: Int, _ unit: Int) throws(AuditFault) {
      guard layers.lower.indices.contains(layer), layers.lower[layer].indices.contains(unit) else {
        throw noUnit(layer, unit)
      }
    }
    for split in row.splits {
      try check(split.layer, split.unit)
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
      try check(target.layer, target.unit)
      choices.target = (target.layer, target.unit, N(target.isUpper ? -1 : 1))
    }
    return choices
  }

  /// The lower end of a guided row, for the network as deployed.
  func guided(
    _ weight: Double, _ own: Int, _ rival: Int, _ choices: RowChoices<N>, _ layers: AuditLayers<N>
  ) -> N {
    bound(own, rival, choices, layers, weight: N(weight)).deployedLower
  }

  /// A row of the difference of two logits.
  func bound(
    _ own: Int, _ rival: Int, _ choices: RowChoices<N>, _ layers: AuditLayers<N>, weight: N = N(1)
  ) -> RowBounds<N> {
    var row = [N](repeating: .zero, count: network.classCount)
    (row[own], row[rival]) = (weight, -weight)
    return network.bound(row, from: network.hidden, on: layers, choices)
  }

  /// Holds a search to its word: every leaf is proved, and together they cover the ball.
  func check(
    _ search: SearchProof, _ own: Int, _ made: [AuditLayers<N>]
  ) throws(AuditFault) {
    let place = "search against class \(search.rival)"
    guard (0..<network.classCount).contains(search.rival), search.rival != own,
      made.indices.contains(search.relaxation)
    else { throw fault(place, "names a class or a relaxation that is not there") }
    let layers = made[search.relaxation]
    guard layers.hypothesis ?? search.rival == search.rival else {
      throw fault(place, "stands on bounds that hold for another class")
    }
    if layers.isEmpty { return }
    for (number, leaf) in search.leaves.enumerated() {
      guard leaf.target == nil, leaf.weight == 1 else {
        throw fault("\(place), leaf \(number)", "bounds something else than the margin")
      }
      let end = guided(1, own, search.rival, try choices(leaf, layers), layers)
      guard end > .zero else {
        throw fault("\(place), leaf \(number)", "a margin above 0 claimed, \(end.shown) derived")
      }
    }
    try cover(search.leaves.map(\.splits)[...], [], place)
  }

  /// Whether parts cover the whole: one without splits does; else both sides of a split of the first must be
  /// covered by those that do not lie on the other.
  private func cover(
    _ parts: ArraySlice<[GuideRow.Split]>, _ path: [GuideRow.Split], _ place: String
  ) throws(AuditFault) {
    guard let first = parts.first else {
      let words = path.map {
        "layer \($0.layer + 1) unit \($0.unit) \($0.isActive ? ">=" : "<=") 0"
      }
      throw fault(place, "no leaf covers the part with \(words.joined(separator: ", "))")
    }
    if parts.contains(where: \.isEmpty) { return }
    for isActive in [true, false] {
      var side = first[0]
      side.isActive = isActive
      let inside = parts.compactMap { part -> [GuideRow.Split]? in
        guard let index = part.firstIndex(where: { $0.layer == side.layer && $0.unit == side.unit })
        else { return part }
        guard part[index].isActive == isActive else { return nil }
        var rest = part
        rest.remove(at: index)
        return rest
      }
      try cover(inside[...], path + [side], place)
    }
  }
}
