import ProofRecords

// How bounds of layers come about, and what is claimed of them.
extension Auditor {
  /// The relaxations of a proof, one after the other, each held to its claims.
  func relaxations(
    _ proof: ExampleProof, _ ball: AuditBall<N>
  ) throws(AuditFault) -> [AuditLayers<N>] {
    var made: [AuditLayers<N>] = []
    for relaxation in proof.relaxations {
      made.append(try self.relaxation(relaxation, made, proof, ball))
    }
    return made
  }

  private func relaxation(
    _ claimed: RelaxationProof, _ made: [AuditLayers<N>], _ proof: ExampleProof,
    _ ball: AuditBall<N>
  ) throws(AuditFault) -> AuditLayers<N> {
    func parent(_ number: Int) throws(AuditFault) -> AuditLayers<N> {
      guard made.indices.contains(number), !made[number].isEmpty else {
        throw fault("relaxation \(made.count)", "made of relaxation \(number), which is not known")
      }
      return made[number]
    }
    switch claimed.origin {
    case .algorithm1: return try algorithm1(ball, claimed)
    case .tightened(let number, let rows):
      let parent = try parent(number)
      if let row = rows.first(where: { !(0..<network.hidden).contains($0.layer) }) {
        throw noUnit(row.layer, row.unit)
      }
      var byLayer = [Int: [UnitRow]](grouping: rows, by: \.layer)
      return try derive(from: parent, parent.hypothesis, claimed) {
        layer, layers, lower, upper throws(AuditFault) in
        for row in byLayer.removeValue(forKey: layer) ?? [] {
          try self.tighten(row, on: layers, &lower, &upper)
        }
      }
    case .narrowed(let number, let rival, let rows):
      let parent = try parent(number)
      guard parent.hypothesis ?? rival == rival, rival != proof.specificationClass,
        (0..<network.classCount).contains(rival)
      else {
        throw fault("relaxation \(made.count)", "holds for rival \(rival), and stands on another's")
      }
      var byLayer: [Int: [(Int, Bool, N)]] = [:]
      for row in rows {
        // Behind a split a bound holds on one side alone.
        guard let target = row.target, row.splits.isEmpty else {
          throw fault(
            "relaxation \(made.count)", "a row that bounds no unit, or only behind a split")
        }
        let choices = try choices(row, parent)
        let end = guided(row.weight, proof.specificationClass, rival, choices, parent)
        let unit = choices.target?.unit ?? 0
        byLayer[target.layer, default: []].append((unit, target.isUpper, end))
      }
      return try derive(from: parent, rival, claimed) { layer, _, lower, upper throws(AuditFault) in
        for (unit, isUpper, end) in byLayer[layer] ?? [] where end.isSafe {
          if isUpper {
            upper[unit] = min(upper[unit], -end)
          } else {
            lower[unit] = max(lower[unit], end)
          }
        }
      }
    }
  }

  /// Algorithm 1 of the paper, of the auditor's own, held to claims where there are any.
  func algorithm1(
    _ ball: AuditBall<N>, _ claimed: RelaxationProof? = nil
  ) throws(AuditFault) -> AuditLayers<N> {
    var layers = AuditLayers(ball)
    if let claimed, claimed.layers.count != network.hidden {
      throw fault("", "\(claimed.layers.count) layers claimed; expected \(network.hidden)")
    }
    for layer in 0..<network.hidden {
      guard var (lower, upper) = network.intervals(layer, on: &layers) else {
        throw overflow(layer)
      }
      // A norm binds units together, of which intervals know nothing.
      let bindsUnits = ball.extent != .zero && layer <= firstMixing
      for unit in lower.indices
      where question.rowsForAll || isThorough || bindsUnits
        || lower[unit] < .zero && upper[unit] > .zero
      {
        var row = [N](repeating: .zero, count: lower.count)
        row[unit] = N(1)
        let found = network.bound(row, from: layer, on: layers, bothWays: true)
        guard found.deployedLower.isSafe, found.deployedUpper.isSafe else { throw overflow(layer) }
        let intersects = isThorough || bindsUnits || layer == 0 || network.compares(layer)
        let near = N(2) * (layers.charges[layer].last?.deployed[unit] ?? .zero)
        func keeps(_ end: N) -> Bool { intersects || !question.rowsForAll && end <= near }
        lower[unit] =
          keeps(-lower[unit]) ? max(lower[unit], found.deployedLower) : found.deployedLower
        upper[unit] =
          keeps(upper[unit]) ? min(upper[unit], found.deployedUpper) : found.deployedUpper
      }
      if let units = claimed?.layers[layer] {
        try hold(units, layer, &lower, &upper)
      } else if claimed != nil {
        throw fault("layer \(layer + 1)", "no bounds; expected those of every layer")
      }
      layers.add(lower, upper)
    }
    guard network.intervals(network.hidden, on: &layers) != nil else {
      throw overflow(network.hidden)
    }
    return layers
  }

  /// Bounds of the layers once more, each the intersection of the parent's, of intervals and of rows.
  private func derive(
    from parent: AuditLayers<N>, _ hypothesis: Int?, _ claimed: RelaxationProof,
    _ rows: (Int, AuditLayers<N>, inout [N], inout [N]) throws(AuditFault) -> Void
  ) throws(AuditFault) -> AuditLayers<N> {
    var start = 0
    while start < claimed.layers.count, claimed.layers[start] == nil { start += 1 }
    guard start <= network.hidden else {
      throw fault("", "\(claimed.layers.count) layers claimed; expected \(network.hidden)")
    }
    var layers = parent.below(start)
    layers.hypothesis = hypothesis
    for layer in start..<network.hidden {
      guard let own = network.intervals(layer, on: &layers) else { throw overflow(layer) }
      var lower = zip(own.lower, parent.lower[layer]).map { max($0, $1) }
      var upper = zip(own.upper, parent.upper[layer]).map { min($0, $1) }
      try rows(layer, layers, &lower, &upper)
      if hypothesis != nil, zip(lower, upper).contains(where: { $0 > $1 }) {
        layers.isEmpty = true
        return layers
      }
      guard layer < claimed.layers.count else {
        throw fault("layer \(layer + 1)", "claimed to contradict itself, and does not")
      }
      if let units = claimed.layers[layer] {
        try hold(units, layer, &lower, &upper)
      }
      layers.add(lower, upper)
    }
    guard network.intervals(network.hidden, on: &layers) != nil else {
      throw overflow(network.hidden)
    }
    return layers
  }

  private func tighten(
    _ row: UnitRow, on layers: AuditLayers<N>, _ lower: inout [N], _ upper: inout [N]
  ) throws(AuditFault) {
    guard lower.indices.contains(row.unit) else { throw noUnit(row.layer, row.unit) }
    var start = [N](repeating: .zero, count: lower.count)
    start[row.unit] = N(row.isUpper ? -1 : 1)
    var choices = RowChoices<N>()
    choices.slopes = try slopes(row.lines, layers)
    let end = network.bound(start, from: row.layer, on: layers, choices).deployedLower
    guard end.isSafe else { return }
    if row.isUpper {
      upper[row.unit] = min(upper[row.unit], -end)
    } else {
      lower[row.unit] = max(lower[row.unit], end)
    }
  }

  /// Compares claims with what was derived, and takes them: all other units must be stable.
  private func hold(
    _ claimed: UnstableUnits, _ layer: Int, _ lower: inout [N], _ upper: inout [N]
  ) throws(AuditFault) {
    var next = 0
    for unit in lower.indices {
      let place = "layer \(layer + 1), unit \(unit)"
      guard next < claimed.units.count, claimed.units[next] == unit else {
        guard lower[unit] >= .zero || upper[unit] <= .zero else {
          throw fault(
            place, "claimed to be stable, [\(lower[unit].shown), \(upper[unit].shown)] derived")
        }
        continue
      }
      let (l, u) = (claimed.lower[next], claimed.upper[next])
      guard l.isFinite, u.isFinite else {
        throw fault(place, "bounds \(l) and \(u) claimed; expected numbers")
      }
      guard N(l) <= lower[unit] else {
        throw fault(place, "lower bound \(l) claimed, \(lower[unit].shown) derived")
      }
      guard N(u) >= upper[unit] else {
        throw fault(place, "upper bound \(u) claimed, \(upper[unit].shown) derived")
      }
      // What is derived may be known to be stable; the claims are bounds all the same.
      (lower[unit], upper[unit]) = (N(l), N(u))
      next += 1
    }
    guard next == claimed.units.count else { throw noUnit(layer, claimed.units[next]) }
  }
}

extension Dictionary where Key == Int {
  fileprivate init<Element>(grouping list: [Element], by layer: KeyPath<Element, Int>)
  where Value == [Element] {
    self = [:]
    for element in list { self[element[keyPath: layer], default: []].append(element) }
  }
}
