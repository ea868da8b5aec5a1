import ProofRecords

// How bounds of layers come about, and what is claimed of them.
extension Auditor {
  /// One end of a unit's pre-activation: a bound from below of it, or of its negative.
  private typealias UnitEnd = (unit: Int, isUpper: Bool, value: N)

  /// The relaxations of a proof, one after the other, each held to its claims.
  func relaxations(
    _ proof: ExampleProof, _ ball: AuditBall<N>
  ) throws(AuditFault) -> [AuditLayers<N>] {
    var made: [AuditLayers<N>] = []
    for claimed in proof.relaxations {
      switch claimed.origin {
      case .algorithm1:
        made.append(try algorithm1(ball, claimed, rows: isThorough ? .every : .open))
      case .tightened(let parent, let rows):
        made.append(try tightened(claimed, made, parent, rows))
      case .narrowed(let parent, let rival, let splits, let rows):
        let own = proof.specificationClass
        made.append(try narrowed(claimed, made, parent, own, rival, splits, rows))
      }
    }
    return made
  }

  private func known(
    _ number: Int, _ made: [AuditLayers<N>]
  ) throws(AuditFault) -> AuditLayers<N> {
    guard made.indices.contains(number) else {
      throw fault("relaxation \(made.count)", "made of relaxation \(number), which is not known")
    }
    return made[number]
  }

  /// Rows with lines of their own, each over the layers below in the new relaxation.
  private func tightened(
    _ claimed: RelaxationProof, _ made: [AuditLayers<N>], _ parent: Int, _ rows: [UnitRow]
  ) throws(AuditFault) -> AuditLayers<N> {
    let parent = try known(parent, made)
    for row in rows where !parent.isEmpty { try check(row.layer, row.unit, parent) }
    let byLayer = Dictionary(grouping: rows, by: \.layer)
    return try derive(from: parent, claimed) {
      layer, layers throws(AuditFault) in
      var ends: [UnitEnd] = []
      for row in byLayer[layer] ?? [] {
        let choices = RowChoices(slopes: try self.slopes(row.lines, layers))
        let start = self.unitRow(row.unit, of: layer, row.isUpper ? -1 : 1)
        let end = self.network.bound(start, from: layer, on: layers, choices).deployedLower
        ends.append((row.unit, row.isUpper, end))
      }
      return ends
    }
  }

  /// Rows from the logits over the parent, on that part of the ball where the rival does not lose and the
  /// splits hold.
  ///
  /// Every point of it is one of the parent's, as that knows of no other rival and no other splits; so the
  /// parent's bounds hold at it, and with them what a row leaves that takes off nothing but multiples of
  /// these sides. On other sides nothing is known: whoever uses the bounds must be behind the same splits.
  private func narrowed(
    _ claimed: RelaxationProof, _ made: [AuditLayers<N>], _ parent: Int, _ own: Int, _ rival: Int,
    _ splits: [SplitSide], _ rows: [GuideRow]
  ) throws(AuditFault) -> AuditLayers<N> {
    var (parent, place) = (try known(parent, made), "relaxation \(made.count)")
    guard parent.hypothesis ?? rival == rival, rival != own,
      (0..<network.classCount).contains(rival)
    else { throw fault(place, "holds for rival \(rival), and stands on another's") }
    guard Set(parent.splits).isSubset(of: splits) else {
      throw fault(place, "stands on bounds behind a split that it does not have")
    }
    guard Set(splits.map { [$0.layer, $0.unit] }).count == splits.count else {
      throw fault(place, "splits a unit twice")
    }
    (parent.hypothesis, parent.splits) = (rival, splits)
    if parent.isEmpty { return parent }
    for split in splits { try check(split.layer, split.unit, parent) }
    var byLayer: [Int: [UnitEnd]] = [:]
    for row in rows {
      // Behind a split a bound holds on one side alone.
      guard let target = row.target, Set(row.splits.map(\.side)).isSubset(of: splits) else {
        throw fault(place, "a row that bounds no unit, or only behind a split of its own")
      }
      let choices = try choices(row, parent)
      let end = bound(own, rival, choices, parent, weight: N(row.weight)).deployedLower
      byLayer[target.layer, default: []].append((target.unit, target.isUpper, end))
    }
    return try derive(from: parent, claimed) { layer, _ in byLayer[layer] ?? [] }
  }

  /// Algorithm 1 of the paper, of the auditor's own, held to claims where there are any.
  ///
  /// - Parameter rows: which units get one; any choice is a proof.
  func algorithm1(
    _ ball: AuditBall<N>, _ claimed: RelaxationProof? = nil, rows: UnitRows
  ) throws(AuditFault) -> AuditLayers<N> {
    var layers = AuditLayers(ball)
    if let claimed, claimed.layers.count != network.hidden {
      throw fault("", "\(claimed.layers.count) layers claimed; expected \(network.hidden)")
    }
    for layer in 0..<network.hidden {
      guard let own = network.intervals(layer, on: &layers) else { throw overflow(layer) }
      var (lower, upper) = (own.lower, own.upper)
      let leads = leads(layer)
      let bindsUnits = ball.radius != .zero && leads
      // Where bounds are claimed nothing comes of these but the comparison: the tighter, the better.
      let named = Set(claimed?.layers[layer]?.units ?? [])
      // Where every unit has a row, rows alone count.
      let intersects =
        rows == .every || claimed != nil
        || !question.rowsForAll && (leads || network.compares(layer))
      for unit in lower.indices {
        let size = max(lower[unit].magnitude, upper[unit].magnitude)
        let hair = rows == .nearlyOpen ? N(0x1p-40) * size : .zero
        let isOpen = lower[unit] < hair && upper[unit] > -hair
        guard
          isOpen || question.rowsForAll || rows == .every || bindsUnits || named.contains(unit)
        else { continue }
        let found = network.bound(
          unitRow(unit, of: layer, 1), from: layer, on: layers, bothWays: true)
        guard found.deployedLower.isSafe, found.deployedUpper.isSafe else { throw overflow(layer) }
        let near = N(2) * (layers.charges[layer].last?[unit].deployed ?? .zero) - hair
        func keeps(_ end: N) -> Bool { intersects || !question.rowsForAll && end <= near }
        let (l, u) = (found.deployedLower, found.deployedUpper)
        lower[unit] = keeps(-lower[unit]) ? max(lower[unit], l) : l
        upper[unit] = keeps(upper[unit]) ? min(upper[unit], u) : u
        if own.isCarried[unit] { lower[unit] = max(lower[unit], .zero) }
      }
      try hold(claimed, layer, &lower, &upper)
      layers.add(lower, upper)
    }
    return try withLogits(layers)
  }

  /// Bounds of the layers once more, each the intersection of the parent's, of intervals and of rows, on the
  /// part that the parent names. Where none of its points is left, it is empty.
  private func derive(
    from parent: AuditLayers<N>, _ claimed: RelaxationProof,
    _ ends: (Int, AuditLayers<N>) throws(AuditFault) -> [UnitEnd]
  ) throws(AuditFault) -> AuditLayers<N> {
    if parent.isEmpty { return parent }
    let start = claimed.layers.firstIndex { $0 != nil } ?? claimed.layers.count
    guard start <= network.hidden else {
      throw fault("", "\(claimed.layers.count) layers claimed; expected \(network.hidden)")
    }
    var layers = parent.below(start)
    for layer in start..<network.hidden {
      guard let own = network.intervals(layer, on: &layers) else { throw overflow(layer) }
      var lower = zip(own.lower, parent.lower[layer]).map { max($0, $1) }
      var upper = zip(own.upper, parent.upper[layer]).map { min($0, $1) }
      for end in try ends(layer, layers) where end.value.isSafe {
        if end.isUpper {
          upper[end.unit] = min(upper[end.unit], -end.value)
        } else {
          lower[end.unit] = max(lower[end.unit], end.value)
        }
      }
      let isBeyond = layers.splits.contains {
        $0.layer == layer && ($0.isActive ? upper[$0.unit] < .zero : lower[$0.unit] > .zero)
      }
      if layers.hypothesis != nil, isBeyond || zip(lower, upper).contains(where: { $0 > $1 }) {
        layers.isEmpty = true
        return layers
      }
      guard layer < claimed.layers.count else {
        throw fault("layer \(layer + 1)", "claimed to contradict itself, and does not")
      }
      if claimed.layers[layer] != nil { try hold(claimed, layer, &lower, &upper) }
      layers.add(lower, upper)
    }
    return try withLogits(layers)
  }

  /// What rows from the logits pay there.
  private func withLogits(_ layers: AuditLayers<N>) throws(AuditFault) -> AuditLayers<N> {
    var layers = layers
    guard network.intervals(network.hidden, on: &layers) != nil else {
      throw overflow(network.hidden)
    }
    return layers
  }

  private func unitRow(_ unit: Int, of layer: Int, _ sign: Double) -> [N] {
    var row = [N](
      repeating: .zero, count: network.stages[layer].last?.statement.outputCount ?? 0)
    row[unit] = N(sign)
    return row
  }

  /// Compares claims with what was derived, and takes the looser of both: all other units must be stable.
  ///
  /// The auditor's own rounding costs other amounts than the engine's. Where that is all by which a claim
  /// is not derived, what is derived counts in its place.
  private func hold(
    _ claimed: RelaxationProof?, _ layer: Int, _ lower: inout [N], _ upper: inout [N]
  ) throws(AuditFault) {
    guard let claimed else { return }
    guard let claimed = claimed.layers[layer] else {
      throw fault("layer \(layer + 1)", "no bounds; expected those of every layer")
    }
    var next = 0
    let largest = zip(lower, upper).reduce(N.zero) { max($0, $1.0.magnitude, $1.1.magnitude) }
    // About 2^-40 of it; nothing in rational numbers.
    let hair = N.gamma(1 << 13) * largest
    for unit in lower.indices {
      let place = "layer \(layer + 1), unit \(unit)"
      let (low, high) = (lower[unit], upper[unit])
      guard next < claimed.units.count, claimed.units[next] == unit else {
        guard low >= -hair || high <= hair else {
          throw fault(place, "claimed to be stable, [\(low.shown), \(high.shown)] derived")
        }
        continue
      }
      let (l, u) = (claimed.lower[next], claimed.upper[next])
      guard l.isFinite, u.isFinite else {
        throw fault(place, "bounds \(l) and \(u) claimed; expected numbers")
      }
      guard N(l) <= low + hair else {
        throw fault(place, "lower bound \(l) claimed, \(low.shown) derived")
      }
      guard N(u) >= high - hair else {
        throw fault(place, "upper bound \(u) claimed, \(high.shown) derived")
      }
      // What is derived may be known to be stable; looser claims are bounds all the same.
      (lower[unit], upper[unit]) = (min(N(l), low), max(N(u), high))
      next += 1
    }
    guard next == claimed.units.count else { throw noUnit(layer, claimed.units[next]) }
  }
}

/// Which units get a row. Tighter bounds of units may make looser margins: an interval that closes a unit by a
/// hair takes its row's other end from it, and slopes follow from the ends.
enum UnitRows: CaseIterable {
  /// Those that intervals leave open.
  case open
  /// All of them, and each the tighter of both bounds.
  case every
  /// Those that intervals close by a hair, too.
  case nearlyOpen
}
