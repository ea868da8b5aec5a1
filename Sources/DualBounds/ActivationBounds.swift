import CKernels

// Algorithm 1: bounds of every layer, each from the bounds before it.
extension BoundWorkspace {
  /// - Returns: false where a magnitude left the range in which the rounding charges hold, or could
  ///   overflow in the deployed network: nothing is known then.
  func boundLayers(over ball: Ball) -> Bool {
    normPart = NormPart(ball)
    guard enter(ball) else {
      states.forEach { $0.forget() }
      return false
    }
    columns?.enter(ball, states[0])
    for index in 1..<states.count where !boundLayer(index) {
      states[index...].forEach { $0.forget() }
      return false
    }
    return true
  }

  /// The input layer: every feature is live, its cost is its radius.
  private func enter(_ ball: Ball) -> Bool {
    precondition(ball.center.count == problem.inputCount, "ball does not fit the network")
    let state = states[0]
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
      state.live.pointee.values[4 * unit + 1] = ball.center[feature]
      state.live.pointee.values[4 * unit + 2] = ball.radius[feature]
    }
    return largest <= greatestDeployed
  }

  /// One round: the bounds of layer `index`, and its relaxation.
  private func boundLayer(_ index: Int) -> Bool {
    forward(to: index)
    guard boundByIntervals(index), widenByNorm(at: index) else { return false }
    raise(problem.layers[index].nonNegative, at: index)
    let state = states[index]
    let open = listOpenUnits(
      at: index, everyUnit: problem.computesEveryRow || normBindsUnits(at: index))
    let ascended = columns?.ascend(self, to: index, open: open) ?? false
    guard problem.layers[index].isReLU else {
      kernels.pass_layer(state.live, state.forward, state.bounds)
      columns?.settle(state)
      return true
    }
    guard ascended || boundOpenRows(open, at: index) else { return false }
    raise(problem.layers[index].nonNegative, at: index)
    state.unstable = Int(kernels.relax_layer(state.live, state.forward, state.bounds))
    columns?.settle(state)
    return true
  }

  /// Units that cannot be negative are never below 0, whatever rounding makes of their bounds.
  private func raise(_ units: [Int], at index: Int) {
    let bounds = states[index].bounds
    for unit in units where bounds.lower[unit] < 0 { bounds.lower[unit] = 0 }
  }

  /// One forward step of the midpoint network, the intervals and the magnitudes.
  func forward(to index: Int) {
    guard let compiled = problem.layers[index].compiled else { return }
    switch compiled.map {
    case .convolution(var op):
      kernels.forward_convolution(&op, states[index - 1].live, states[index].forward)
    case .sparse(var op, _):
      cm_forward_sparse(&op, states[index - 1].live, states[index].forward)
    }
  }

  /// `C -+ (R + q)` with `q = kappa A + tiny` (see `RoundingCharge`): sound for every unit, the row's
  /// bound or looser.
  func boundByIntervals(_ index: Int) -> Bool {
    guard let compiled = problem.layers[index].compiled else { return false }
    let charge = compiled.charge
    let state = states[index]
    let deployed = charge.deployed
    let reached = reachedMagnitude(charge, below: states[index - 1])
    let absolute = deployed.absolute + reached.deployed
    let ownAbsolute = charge.ownAbsolute + reached.own
    var largest = 0.0
    let sum = kernels.interval_bounds(
      Int32(state.count), state.forward,
      cm_charge(
        own: charge.own, own_absolute: ownAbsolute, deployed: deployed.relative,
        deployed_absolute: absolute),
      state.bounds, &largest)
    let most = (largest * (1 + charge.own) + (absolute + ownAbsolute)) * (1 + deployed.reach)
    // The sum is NaN where a magnitude is, and then false.
    return sum < RoundingCharge.magnitudeLimit
      && most * (1 + 0x1p-40) < min(greatestDeployed, compiled.outputLimit)
  }

  /// What is charged on the sum of the input's magnitudes, or on the largest of them.
  private func reachedMagnitude(
    _ charge: RoundingCharge, below: LayerState
  ) -> (own: Double, deployed: Double) {
    guard charge.ownPerInput > 0 || charge.deployed.absolutePerInput > 0 else { return (0, 0) }
    let size = (charge.readsOneInput ? below.largestMagnitude() : below.totalMagnitude()) * 1.0001
    return (charge.ownPerInput * size, charge.deployed.absolutePerInput * size)
  }

  /// What a deployed value must stay below, or it may be an infinity.
  private var greatestDeployed: Double { problem.arithmetic.format?.safelyHeld ?? .infinity }

  /// Lists the units that intervals leave open, or every unit; none where intervals are exact and
  /// not every unit is asked for, or no ReLU asks.
  func listOpenUnits(at index: Int, everyUnit: Bool) -> Int {
    let layer = problem.layers[index]
    let bounds = states[index].bounds
    let isExact = layer.intervalIsExact && !normBindsUnits(at: index)
    if !layer.isReLU || isExact && !everyUnit { return 0 }
    let list = open.pointer
    var count = 0
    for unit in 0..<states[index].count {
      list[count] = Int32(truncatingIfNeeded: unit)
      let isOpen = bounds.lower[unit] < 0 && bounds.upper[unit] > 0
      count += everyUnit || isOpen ? 1 : 0
    }
    return count
  }

  /// Rows for the listed units; false where one overflows.
  private func boundOpenRows(_ count: Int, at index: Int) -> Bool {
    let layer = problem.layers[index]
    var first = 0
    while first < count {
      let end = blockEnd(first, count, layer.layout, most: rowsPerBlock)
      let rows = UnsafeBufferPointer(start: open.pointer + first, count: end - first)
      guard boundRows(rows, at: index) else { return false }
      first = end
    }
    return true
  }

  /// Where the block of rows that starts at an entry of the list of open units ends: one grid
  /// position a block, so that all rows share one window; neighbours on a grid row together while
  /// they fit one vector.
  func blockEnd(_ first: Int, _ count: Int, _ layout: UnitLayout, most: Int) -> Int {
    let position = Int(open[first]) / layout.channels
    let row = position / layout.width
    var end = first + 1
    while end < count, end - first < most {
      let next = Int(open[end]) / layout.channels
      let fitsVector = next / layout.width == row && end - first < Int(CM_CHANNEL_QUANTUM)
      if next != position && !fitsVector { break }
      end += 1
    }
    return end
  }

  /// The bounds of a block of units of one layer, by their rows; false where one overflows.
  private func boundRows(_ rows: UnsafeBufferPointer<Int32>, at index: Int) -> Bool {
    guard let first = rows.first, let last = rows.last else { return true }
    let padded = paddedRows(rows.count)
    let state = states[index]
    let intersects = normBindsUnits(at: index)
    for (row, unit) in rows.enumerated() {
      cost[row] = state.bounds.own_charge[Int(unit)] + state.bounds.deployed_charge[Int(unit)]
    }
    for row in rows.count..<padded { cost[row] = 0 }
    start(
      rows, padded: padded, window: window(from: first, through: last, at: index), at: index,
      keepsInput: normPart != nil)
    descend(from: index - 1, padded: padded)
    var isFinite = true
    for (row, unit) in rows.enumerated() {
      let half = cost[row] * problem.rowInflation + problem.rowSlack
      isFinite = isFinite && half < RoundingCharge.magnitudeLimit
      let midpoint = state.forward.midpoint[Int(unit)]
      settle(Int(unit), midpoint, half, intersects: intersects, at: state)
    }
    return isFinite
  }

  /// The positions of the units of a block, which lie on one row of the grid.
  func window(from first: Int32, through last: Int32, at index: Int) -> cm_window {
    let (channels, width) = (states[index].live.pointee.channels, states[index].live.pointee.width)
    return cm_window(
      y0: first / channels / width, y1: last / channels / width + 1,
      x0: first / channels % width, x1: last / channels % width + 1)
  }

  /// Takes a row's bounds `midpoint -+ half` for a unit.
  ///
  /// An interval is a bound too, now and then a tighter one, but then the other kind of numbers: it
  /// decides stability only. Where the deployed network's rounding alone keeps it from doing so (a
  /// few charges beyond 0), its end is kept: the unit is stable in exact arithmetic, and a row
  /// that knows less would move every margin by more than a rounding, up or down.
  ///
  /// - Parameter intersects: both kinds count, where rows stand for intervals that would be exact.
  private func settle(
    _ unit: Int, _ midpoint: Double, _ half: Double, intersects: Bool, at state: LayerState
  ) {
    let (lower, upper) = (state.bounds.lower[unit], state.bounds.upper[unit])
    let near = intersects ? .infinity : 2 * state.bounds.deployed_charge[unit]
    let slack = problem.computesEveryRow ? -.infinity : near
    state.bounds.lower[unit] = -lower <= slack ? max(lower, midpoint - half) : midpoint - half
    state.bounds.upper[unit] = upper <= slack ? min(upper, midpoint + half) : midpoint + half
  }
}
