import CKernels

// Algorithm 1 and the margins with rows that have lower lines of their own.
extension BoundWorkspace {
  /// The margins with slopes up to `slopes`, the best of every row: `parallel` first, the others
  /// only if asked for.
  ///
  /// - Parameters:
  ///   - untilCertified: stops as soon as every margin is positive, and climbs only rows that are not.
  public func margins(
    over ball: Ball, specificationClass: Int, slopes: Slopes, untilCertified: Bool,
    effort: AscentEffort = AscentEffort()
  ) -> MarginBounds {
    var result = margins(over: ball, specificationClass: specificationClass)
    for level in [Slopes.adaptive, .optimized] where level <= slopes {
      if untilCertified && result.smallest > 0 { break }
      tighten(&result, level, untilCertified: untilCertified, effort: effort)
    }
    return result
  }

  /// Goes over the ball of the last call once more, with bounds that are never looser.
  private func tighten(
    _ result: inout MarginBounds, _ level: Slopes, untilCertified: Bool, effort: AscentEffort
  ) {
    let tight = tightRows ?? TightRows(self)
    tightRows = tight
    let passes = level == .optimized ? effort.hiddenPasses : 1
    isKnown = isKnown && boundLayersTightly(tight, passes: passes)
    guard isKnown else { return }
    result.unstable.removeAll()
    for (layer, state) in zip(problem.layers, states) where layer.isReLU {
      result.unstable.append(state.unstable)
    }
    let others = result.margins.indices.filter {
      $0 != result.specificationClass && !(untilCertified && result.margins[$0] > 0)
    }
    var first = 0
    while first < others.count {
      let end = min(first + rowsPerBlock, others.count)
      specify(
        Array(others[first..<end]), tight, level, &result,
        passes: level == .optimized ? effort.marginPasses : 1, untilCertified: untilCertified)
      first = end
    }
  }

  /// - Returns: false where a number left its range; the bounds of the last pass are gone then.
  package func boundLayersTightly(_ tight: TightRows, passes: Int) -> Bool {
    var isFirst = true
    tight.prepare(0)
    for index in 1..<states.count {
      let layer = problem.layers[index]
      // What lies before the first ReLU knows no lines.
      if !isFirst {
        guard boundLayerTightly(index, tight, passes: passes) else {
          states[index...].forEach { $0.forget() }
          return false
        }
      }
      if layer.isReLU { isFirst = false }
      tight.prepare(index)
    }
    return true
  }

  private func boundLayerTightly(_ index: Int, _ tight: TightRows, passes: Int) -> Bool {
    let state = states[index]
    let known = (0..<state.count).map { (state.bounds.lower[$0], state.bounds.upper[$0]) }
    forward(to: index)
    guard boundByIntervals(index) else { return false }
    guard problem.layers[index].isReLU else {
      kernels.pass_layer(state.live, state.forward, state.bounds)
      return true
    }
    for (unit, bounds) in known.enumerated() {
      state.bounds.lower[unit] = max(state.bounds.lower[unit], bounds.0)
      state.bounds.upper[unit] = min(state.bounds.upper[unit], bounds.1)
    }
    // What a row of parallel slopes has closed needs no tighter one, whoever got such a row.
    let open = listOpenUnits(at: index, everyUnit: false)
    boundOpenRowsTightly(open, at: index, tight, passes: passes)
    state.unstable = Int(kernels.relax_layer(state.live, state.forward, state.bounds))
    return true
  }

  private func boundOpenRowsTightly(
    _ count: Int, at index: Int, _ tight: TightRows, passes: Int
  ) {
    let layer = problem.layers[index]
    var first = 0
    while first < count {
      let end = blockEnd(first, count, layer.layout, most: rowsPerBlock / 2)
      let units = (first..<end).map { open[$0] }
      bound(units, at: index, tight, passes: passes)
      first = end
    }
  }

  private func bound(_ units: [Int32], at index: Int, _ tight: TightRows, passes: Int) {
    let state = states[index]
    tight.rows.removeAll(keepingCapacity: true)
    for unit in units.map({ Int($0) }) {
      let cost = state.bounds.own_charge[unit] + state.bounds.deployed_charge[unit]
      let midpoint = state.forward.midpoint[unit]
      tight.rows.append(TightRows.Row(midpoint: midpoint, cost: cost))
      tight.rows.append(TightRows.Row(midpoint: -midpoint, cost: cost))
    }
    let doubled = units.flatMap { [$0, $0] }
    guard let first = units.first, let last = units.last else { return }
    let window = window(from: first, through: last, at: index)
    tight.bound(
      from: index - 1, window: inputWindow(window, at: index), passes: passes,
      begin: { $0.start(doubled, at: index) },
      finish: { rows in
        for row in stride(from: 0, to: rows.count, by: 2)
        where rows[row].deployed >= 0 || rows[row + 1].deployed >= 0 {
          (rows[row].isDone, rows[row + 1].isDone) = (true, true)
        }
      })
    for (place, unit) in units.map({ Int($0) }).enumerated() {
      state.bounds.lower[unit] = max(state.bounds.lower[unit], tight.rows[2 * place].deployed)
      state.bounds.upper[unit] = min(state.bounds.upper[unit], -tight.rows[2 * place + 1].deployed)
    }
  }

  private func inputWindow(_ window: cm_window, at index: Int) -> cm_window {
    switch problem.layers[index].compiled?.map {
    case .convolution(var op): cm_input_window(&op, window)
    case .sparse(_, let keepsWindow): keepsWindow ? window : states[index - 1].everything
    case nil: window
    }
  }

  private func specify(
    _ others: [Int], _ tight: TightRows, _ level: Slopes, _ result: inout MarginBounds,
    passes: Int, untilCertified: Bool
  ) {
    let top = states.count - 1
    let logits = states[top]
    let layout = problem.layers[top].layout
    let own = layout.physical(result.specificationClass)
    let units = others.map(layout.physical)
    tight.rows = units.map { unit in
      let budget = logits.bounds.deployed_charge[own] + logits.bounds.deployed_charge[unit]
      let charge = logits.bounds.own_charge[own] + logits.bounds.own_charge[unit]
      return TightRows.Row(
        midpoint: logits.forward.midpoint[own] - logits.forward.midpoint[unit],
        cost: budget + charge, budget: budget)
    }
    tight.bound(
      from: top, window: logits.everything, passes: passes,
      begin: { $0.specify(own, against: units, at: top) },
      finish: { rows in
        for row in rows.indices where untilCertified && rows[row].deployed > 0 {
          rows[row].isDone = true
        }
      })
    for (row, other) in zip(tight.rows, others) {
      result.improve(other, deployed: row.deployed, real: row.real, by: level)
    }
  }
}
