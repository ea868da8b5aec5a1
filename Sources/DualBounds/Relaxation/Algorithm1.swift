import CKernels

// Algorithm 1: bounds of every layer, each from the bounds before it.
extension BoundWorkspace {
  /// The relaxation of the network over a ball, with parallel slopes (eq. 8).
  ///
  /// - Complexity: one forward pass, and one row for every unit that intervals leave open.
  public func relaxation(over ball: Ball) -> Relaxation {
    let part = NormPart(ball)
    var layers = [store.layer(0)]
    layers.reserveCapacity(problem.layers.count)
    var isKnown = enter(ball, layers[0])
    if isKnown { columns?.enter(ball, layers[0]) } else { layers[0].forget() }
    for index in 1..<problem.layers.count {
      let layer = store.layer(index)
      isKnown = isKnown && bound(layer, index, on: layers, part)
      if !isKnown { layer.forget() }
      layers.append(layer)
    }
    return Relaxation(problem: problem, layers: layers, normPart: part, isKnown: isKnown)
  }

  /// The input layer: every feature is live, its cost is its radius.
  ///
  /// - Returns: false where a magnitude left the range in which the rounding charges hold, or could
  ///   overflow in the deployed network: nothing is known then.
  private func enter(_ ball: Ball, _ state: LayerRelaxation) -> Bool {
    precondition(ball.center.count == problem.inputCount, "ball does not fit the network")
    let layout = problem.layers[0].layout
    var largest = 0.0
    // Negative radii and NaN must end here, not shrink the ball.
    guard ball.extent >= 0 else { return false }
    for unit in 0..<state.count {
      let feature = layout.logical(unit)
      let (center, radius) = (ball.center[feature], ball.radius[feature])
      let magnitude = (center.magnitude + radius + ball.extent) * (1 + 0x1p-50) + 0x1p-1000
      guard radius >= 0, magnitude < RoundingCharge.magnitudeLimit else { return false }
      largest = max(largest, magnitude)
      state.forward.midpoint[unit] = center
      state.forward.magnitude[unit] = magnitude
      state.bounds.lower[unit] = -magnitude
      state.bounds.upper[unit] = magnitude
    }
    kernels.pass_layer(state.live, state.forward, state.bounds)
    for unit in 0..<state.count {
      let feature = layout.logical(unit)
      state.live.pointee.cost[unit] = ball.radius[feature]
      state.live.pointee.stable_cost[unit] = ball.radius[feature]
      state.live.pointee.values[4 * unit + 1] = ball.center[feature]
      state.live.pointee.values[4 * unit + 2] = ball.radius[feature]
    }
    return largest <= greatestDeployed
  }

  /// One round: the bounds of a layer, and its relaxation; false where nothing is known of it.
  private func bound(
    _ layer: LayerRelaxation, _ index: Int, on below: [LayerRelaxation], _ part: NormPart?
  ) -> Bool {
    let facts = problem.layers[index]
    guard boundByIntervals(layer, index, on: below, part),
      widenByNorm(layer, index, on: below, part)
    else { return false }
    raise(facts.nonNegative, layer)
    takeMaxima(layer, index, on: below)
    let bindsUnits = normBindsUnits(part, at: index)
    let open = listOpenUnits(
      layer, index, everyUnit: problem.computesEveryRow || bindsUnits, bindsUnits)
    let ascended = ascendColumns(to: layer, index, on: below, open: open)
    guard facts.isReLU else {
      pass(layer)
      columns?.settle(layer)
      return true
    }
    guard ascended || boundOpenRows(open, layer, index, on: below, part) else { return false }
    raise(facts.nonNegative, layer)
    // Where every unit gets a row, its numbers are the row's; elsewhere both count already.
    if problem.computesEveryRow { takeMaxima(layer, index, on: below, signsOnly: true) }
    relax(layer)
    columns?.settle(layer)
    return true
  }

  private func ascendColumns(
    to layer: LayerRelaxation, _ index: Int, on below: [LayerRelaxation], open count: Int
  ) -> Bool {
    guard let columns else { return false }
    let units = UnsafeBufferPointer(start: UnsafePointer(open.pointer), count: count)
    return columns.ascend(
      from: below[index - 1], seen: rows.view(below[index - 1], index - 1), to: layer, index,
      kernels, open: units)
  }

  /// The relaxation of a layer whose bounds are known.
  func relax(_ layer: LayerRelaxation) {
    kernels.relax_layer(layer.live, layer.forward, layer.bounds)
    layer.unstable = Int(layer.live.pointee.unstable_count)
  }

  /// A layer without an activation.
  func pass(_ layer: LayerRelaxation) {
    kernels.pass_layer(layer.live, layer.forward, layer.bounds)
    layer.unstable = 0
  }

  /// Units that cannot be negative are never below 0, whatever rounding makes of their bounds.
  private func raise(_ units: [Int], _ layer: LayerRelaxation) {
    guard let lower = layer.bounds.lower else { return }
    for unit in units where lower[unit] < 0 { lower[unit] = 0 }
  }

  /// Takes what bounds of the layers below say of a rewriting's maxima and differences.
  func takeMaxima(
    _ layer: LayerRelaxation, _ index: Int, on below: [LayerRelaxation], signsOnly: Bool = false
  ) {
    let facts = problem.layers[index]
    facts.maxima?.tighten(layer, isReLU: facts.isReLU, on: below, signsOnly: signsOnly)
  }

  /// One forward step of the midpoint network, the intervals and the magnitudes, and of what they say:
  /// `C -+ (R + q)` with `q = kappa A + tiny` (see `RoundingCharge`): sound for every unit, the row's
  /// bound or looser.
  func boundByIntervals(
    _ layer: LayerRelaxation, _ index: Int, on layers: [LayerRelaxation], _ part: NormPart?
  ) -> Bool {
    let producer = problem.producer(index)
    producer.forward(kernels, from: layers[index - 1].live, to: layer.forward)
    let charge = producer.charge
    let deployed = charge.deployed
    let reached = reachedMagnitude(charge, below: layers[index - 1])
    let absolute = deployed.absolute + reached.deployed
    let ownAbsolute = charge.ownAbsolute + reached.own
    var largest = 0.0
    let sum = kernels.interval_bounds(
      Int32(layer.count), layer.forward,
      cm_charge(
        own: charge.own, own_absolute: ownAbsolute, deployed: deployed.relative,
        deployed_absolute: absolute),
      layer.bounds, &largest)
    // Up to the first ReLU intervals do not know the norm.
    let knowsIntervals = part == nil || index > problem.firstReLU ?? .max
    sharpen(layer, index, on: layers, absolute: absolute, knowsIntervals: knowsIntervals)
    let most = (largest * (1 + charge.own) + (absolute + ownAbsolute)) * (1 + deployed.reach)
    // The sum is NaN where a magnitude is, and then false.
    return sum < RoundingCharge.magnitudeLimit
      && most * (1 + 0x1p-40) < min(greatestDeployed, producer.outputLimit)
  }

  /// Takes what a plain sum costs a deployed network where that is less (`PlainSum`).
  private func sharpen(
    _ layer: LayerRelaxation, _ index: Int, on layers: [LayerRelaxation], absolute: Double,
    knowsIntervals: Bool
  ) {
    guard let sum = problem.producer(index).charge.deployed.sum else { return }
    let first = index - sum.behind
    problem.producer(first).countTerms(reading: layers[first - 1].live.pointee, terms.pointer)
    let (forward, bounds) = (layer.forward, layer.bounds)
    for unit in 0..<layer.count {
      let (center, radius) = (forward.center[unit], forward.radius[unit])
      let charge =
        sum.charge(
          terms: Int(terms[unit]), magnitude: forward.magnitude[unit],
          signed: knowsIntervals ? center.magnitude + radius : .infinity) + absolute
      guard charge < bounds.deployed_charge[unit] else { continue }
      bounds.deployed_charge[unit] = charge
      let half = radius + (bounds.own_charge[unit] + charge)
      bounds.lower[unit] = center - half
      bounds.upper[unit] = center + half
    }
  }

  /// What is charged on the sum of the input's magnitudes, or on the largest of them.
  private func reachedMagnitude(
    _ charge: RoundingCharge, below: LayerRelaxation
  ) -> (own: Double, deployed: Double) {
    guard charge.ownPerInput > 0 || charge.deployed.absolutePerInput > 0 else { return (0, 0) }
    let size = (charge.readsOneInput ? below.largestMagnitude() : below.totalMagnitude()) * 1.0001
    return (charge.ownPerInput * size, charge.deployed.absolutePerInput * size)
  }

  /// What a deployed value must stay below, or it may be an infinity.
  private var greatestDeployed: Double { problem.arithmetic.format?.safelyHeld ?? .infinity }

  /// Lists the units that intervals leave open, or every unit; none where intervals are exact and
  /// not every unit is asked for, or no ReLU asks.
  ///
  /// - Returns: how many are listed.
  func listOpenUnits(
    _ layer: LayerRelaxation, _ index: Int, everyUnit: Bool, _ bindsUnits: Bool
  ) -> Int {
    let facts = problem.layers[index]
    let bounds = layer.bounds
    let isExact = facts.intervalIsExact && !bindsUnits
    if !facts.isReLU || isExact && !everyUnit { return 0 }
    let list = open.pointer
    var count = 0
    for unit in 0..<layer.count {
      list[count] = Int32(truncatingIfNeeded: unit)
      let isOpen = bounds.lower[unit] < 0 && bounds.upper[unit] > 0
      count += everyUnit || isOpen ? 1 : 0
    }
    return count
  }

  /// Rows for the listed units; false where one overflows.
  private func boundOpenRows(
    _ count: Int, _ layer: LayerRelaxation, _ index: Int, on below: [LayerRelaxation],
    _ part: NormPart?
  ) -> Bool {
    let intersects = normBindsUnits(part, at: index) || problem.layers[index].readsMaxima
    return blocks(of: count, at: index, most: rows.most) { units, window in
      let first = rows.rows
      for (place, unit) in units.enumerated() { first[place] = row(of: Int(unit), layer) }
      rows.bound(
        .units(units, of: index, window: window, bothWays: false), on: below, part,
        lines: .parallel, budgeted: false)
      var isFinite = true
      let found = rows.rows
      for (row, unit) in units.enumerated() {
        // Equal slopes: what is paid is half the distance of both bounds.
        let half = found[row].paid
        isFinite = isFinite && half < RoundingCharge.magnitudeLimit
        settle(Int(unit), half, intersects: intersects, layer)
      }
      return isFinite
    }
  }

  /// The row of one unit, before any step.
  func row(of unit: Int, _ layer: LayerRelaxation) -> RowPass.Row {
    RowPass.Row(
      midpoint: layer.forward.midpoint[unit],
      cost: layer.bounds.own_charge[unit] + layer.bounds.deployed_charge[unit])
  }

  /// Takes a row's bounds `midpoint -+ half` for a unit.
  ///
  /// An interval is a bound too, now and then a tighter one, but then the other kind of numbers: it
  /// decides stability only. Where the deployed network's rounding alone keeps it from doing so (a
  /// few charges beyond 0), its end is kept: the unit is stable in exact arithmetic, and a row
  /// that knows less would move every margin by more than a rounding, up or down.
  ///
  /// - Parameter intersects: both kinds count, where rows stand for intervals that would be exact, and
  ///   where intervals stand on maxima: there rows often know less.
  private func settle(
    _ unit: Int, _ half: Double, intersects: Bool, _ layer: LayerRelaxation
  ) {
    let bounds = layer.bounds
    let midpoint = layer.forward.midpoint[unit]
    let (lower, upper) = (bounds.lower[unit], bounds.upper[unit])
    let near = intersects ? .infinity : 2 * bounds.deployed_charge[unit]
    let slack = problem.computesEveryRow ? -.infinity : near
    bounds.lower[unit] = -lower <= slack ? max(lower, midpoint - half) : midpoint - half
    bounds.upper[unit] = upper <= slack ? min(upper, midpoint + half) : midpoint + half
  }
}
