import CMachine

/// The margins of one ball, and what was learned on the way.
public struct MarginBounds: Sendable, Equatable {
  /// Lower bounds of `z_y - z_j` over the ball for the problem's arithmetic, 0 at
  /// `specificationClass`; -infinity where nothing is known. Rounded down.
  public var margins: [Double]
  /// The same for the network in exact arithmetic.
  public var realMargins: [Double]
  /// The class `y`.
  public var specificationClass: Int
  /// The number of unstable units per ReLU layer; every unit of a layer of which nothing is known.
  public var unstable: [Int]

  /// The smallest margin against another class; -infinity where nothing is known.
  public var smallest: Double { Self.smallest(margins, besides: specificationClass) }
  /// The same for the network in exact arithmetic.
  public var smallestReal: Double { Self.smallest(realMargins, besides: specificationClass) }

  private static func smallest(_ margins: [Double], besides own: Int) -> Double {
    var least = Double.infinity
    for (index, margin) in margins.enumerated() where index != own {
      // Anything that is not a number above `least` lowers it, NaN to "nothing known".
      if !(margin >= least) { least = margin.isNaN ? -.infinity : margin }
    }
    return least
  }
}

/// One worker's scratch memory, and the algorithm itself.
///
/// Sign convention: margins are lower bounds of `z_y - z_j`; larger is better; coefficient rows start
/// at `c = e_y - e_j` (the paper's nu is their negative).
public final class BoundWorkspace {
  let problem: BoundProblem
  let states: [LayerState]
  private let offsets: [WeightOffsets]
  private let kernels: UnsafePointer<cm_kernels>
  /// The most rows of one block.
  let rowsPerBlock: Int
  private let blocks: [Buffer<Double>.Owner]
  private let cost = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let budget = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))

  /// Allocates scratch for one worker.
  ///
  /// - Parameters:
  ///   - kernels: "avx512", "avx2" or "portable"; the best the processor has where nil or absent.
  ///   - blockBytes: about how much memory two blocks of rows may take.
  public init(_ problem: BoundProblem, kernels name: String? = nil, blockBytes: Int = 1 << 28) {
    self.problem = problem
    kernels = name.flatMap { cm_named_kernels($0) } ?? cm_best_kernels()
    let layers = problem.layers
    states = layers.map { LayerState($0.layout) }
    offsets = layers.indices.map { index in
      WeightOffsets(
        layout: layers[index].layout, producer: layers[index].compiled,
        consumer: index + 1 < layers.count ? layers[index + 1].compiled : nil)
    }
    let widest = layers.map(\.layout.count).max() ?? 0
    let quantum = Int(CM_ROW_QUANTUM)
    let affordable = blockBytes / max(1, widest * 16) / quantum * quantum
    rowsPerBlock = min(Int(CM_MAX_ROWS), max(quantum, affordable))
    let size = widest * rowsPerBlock
    blocks = [Buffer<Double>.Owner(repeating: 0, count: size), .init(repeating: 0, count: size)]
  }

  /// Computes Algorithm 1 and the dual pass for the rows `e_y - e_j`.
  ///
  /// - Complexity: one forward pass, and one row for every unit that intervals leave open.
  public func margins(over ball: Ball, specificationClass: Int) -> MarginBounds {
    precondition((0..<problem.classCount).contains(specificationClass), "no such class")
    let known = boundLayers(over: ball)
    var result = nothingKnown(specificationClass)
    result.unstable = zip(problem.layers, states).filter(\.0.isReLU).map(\.1.unstable)
    if known { specify(&result) }
    return result
  }

  /// The class with the largest midpoint logit of the last ball; lowest index on a tie.
  public func largestMidpointLogit() -> Int {
    let logits = states[states.count - 1]
    let layout = problem.layers[states.count - 1].layout
    var best = 0
    for candidate in 1..<max(1, problem.classCount)
    where logits.forward.midpoint[layout.physical(candidate)]
      > logits.forward.midpoint[layout.physical(best)]
    {
      best = candidate
    }
    return best
  }

  /// The bounds of every ReLU layer that the last call of `margins` used, in the file's order of
  /// units.
  public func preActivationBounds() -> [PreActivationBounds] {
    zip(problem.layers, states).filter(\.0.isReLU).map { layer, state in
      let units = (0..<layer.layout.count).map(layer.layout.physical)
      return PreActivationBounds(
        lower: units.map { state.lower[$0] }, upper: units.map { state.upper[$0] })
    }
  }

  private func nothingKnown(_ own: Int) -> MarginBounds {
    var margins = [Double](repeating: -.infinity, count: problem.classCount)
    margins[own] = 0
    return MarginBounds(
      margins: margins, realMargins: margins, specificationClass: own,
      unstable: [])
  }
}

// MARK: - Algorithm 1

extension BoundWorkspace {
  /// Algorithm 1: bounds of every layer, each from the bounds before it.
  ///
  /// - Returns: false where a magnitude left the range in which the rounding charges hold, or could
  ///   overflow in the deployed network: nothing is known then.
  private func boundLayers(over ball: Ball) -> Bool {
    guard enter(ball) else {
      states.forEach { $0.forget() }
      return false
    }
    for index in 1..<states.count where !boundLayer(index) {
      states[index...].forEach { $0.forget() }
      return false
    }
    return true
  }

  /// One round of Algorithm 1: the bounds of layer `index`, and its relaxation.
  private func boundLayer(_ index: Int) -> Bool {
    forward(to: index)
    guard chargeRounding(at: index) else { return false }
    intervalBounds(at: index)
    guard problem.layers[index].isReLU else {
      states[index].passThrough(offsets[index])
      return true
    }
    tightenOpenUnits(at: index)
    return states[index].relax(offsets[index])
  }

  /// The input layer: every feature is live, its cost is its radius.
  private func enter(_ ball: Ball) -> Bool {
    precondition(ball.center.count == problem.inputCount, "ball does not fit the network")
    let state = states[0]
    let layout = problem.layers[0].layout
    var largest = 0.0
    for unit in 0..<state.count {
      let feature = layout.logical(unit)
      let (center, radius) = (ball.center[feature], ball.radius[feature])
      let magnitude = (center.magnitude + radius) * (1 + 0x1p-50) + 0x1p-1000
      // Negative radii and NaN must end here, not shrink the ball.
      guard radius >= 0, magnitude < RoundingCharge.magnitudeLimit else { return false }
      largest = max(largest, magnitude)
      state.append(
        unit: unit, at: unit, offsets: offsets[0], slope: 1, cost: radius,
        values: (center, center, radius, magnitude))
    }
    state.fillStarts()
    return largest <= problem.arithmetic.greatestFinite
  }

  /// One forward step of the midpoint network, the intervals and the magnitudes.
  private func forward(to index: Int) {
    guard let compiled = problem.layers[index].compiled else { return }
    switch compiled.map {
    case .convolution(var op):
      kernels.pointee.forward_convolution(&op, &states[index - 1].live, states[index].forward)
    case .sparse(var op, _):
      cm_forward_sparse(&op, &states[index - 1].live, states[index].forward)
    }
  }

  /// `q = kappa A + tiny` for every unit; see `RoundingCharge`.
  private func chargeRounding(at index: Int) -> Bool {
    guard let charge = problem.layers[index].compiled?.charge else { return false }
    let state = states[index]
    var largest = 0.0
    for unit in 0..<state.count {
      let magnitude = state.forward.magnitude[unit]
      state.ownCharge[unit] = charge.own * magnitude + charge.ownAbsolute
      state.deployedCharge[unit] = charge.deployed * magnitude + charge.deployedAbsolute
      // NaN must not be lost in the maximum.
      if !(magnitude <= largest) { largest = magnitude }
    }
    return largest < RoundingCharge.magnitudeLimit
      && largest * (1 + charge.deployed) * (1 + 0x1p-40) < problem.arithmetic.greatestFinite
  }

  /// `C -+ (R + q)`: sound for every unit, the row's bound or looser.
  private func intervalBounds(at index: Int) {
    let state = states[index]
    for unit in 0..<state.count {
      let half =
        state.forward.radius[unit] + (state.ownCharge[unit] + state.deployedCharge[unit])
      state.lower[unit] = state.forward.center[unit] - half
      state.upper[unit] = state.forward.center[unit] + half
    }
  }

  /// Rows for the units that intervals leave open (every unit in the test mode).
  private func tightenOpenUnits(at index: Int) {
    let layer = problem.layers[index]
    let state = states[index]
    if layer.intervalIsExact && !problem.computesEveryRow { return }
    var open: [Int32] = []
    for unit in 0..<state.count
    where problem.computesEveryRow || (state.lower[unit] < 0 && state.upper[unit] > 0) {
      open.append(Int32(unit))
    }
    forEachBlock(of: open, layer: layer) { rows in
      boundRows(rows, at: index)
    }
  }

  /// Splits open units into blocks: one grid position each, so that all rows share one window;
  /// neighbours on a grid row together while they fit one vector.
  private func forEachBlock(
    of open: [Int32], layer: BoundProblem.Layer, _ body: (ArraySlice<Int32>) -> Void
  ) {
    let channels = layer.layout.channels
    var first = 0
    while first < open.count {
      let position = Int(open[first]) / channels
      let row = position / layer.layout.width
      var end = first + 1
      while end < open.count, end - first < rowsPerBlock {
        let next = Int(open[end]) / channels
        let fitsVector = next / layer.layout.width == row && end - first < Int(CM_ROW_QUANTUM)
        if next != position && !fitsVector { break }
        end += 1
      }
      body(open[first..<end])
      first = end
    }
  }

  /// The bounds of a block of units of one layer, by their rows.
  private func boundRows(_ rows: ArraySlice<Int32>, at index: Int) {
    let padded = paddedRows(rows.count)
    let state = states[index]
    let channels = Int(state.live.channels)
    for (row, unit) in rows.enumerated() {
      cost[row] = state.ownCharge[Int(unit)] + state.deployedCharge[Int(unit)]
    }
    for row in rows.count..<padded { cost[row] = 0 }
    let positions = rows.map { Int($0) / channels }
    let (first, last) = (positions.min() ?? 0, positions.max() ?? 0)
    let width = Int(state.live.width)
    // A block lies on one grid row unless the test mode or a flat layer says otherwise.
    let window = cm_window(
      y0: Int32(first / width), y1: Int32(last / width + 1),
      x0: Int32(first % width), x1: Int32(last % width + 1))
    start(rows, padded: padded, window: window, at: index)
    descend(from: index - 1, padded: padded)
    for (row, unit) in rows.enumerated() {
      let half = cost[row] * problem.rowInflation
      state.lower[Int(unit)] = state.forward.midpoint[Int(unit)] - half
      state.upper[Int(unit)] = state.forward.midpoint[Int(unit)] + half
    }
  }

  private func paddedRows(_ count: Int) -> Int {
    let quantum = Int(CM_ROW_QUANTUM)
    return (count + quantum - 1) / quantum * quantum
  }
}

// MARK: - Rows

extension BoundWorkspace {
  /// First step of unit rows: from layer `index` into the block on layer `index - 1`.
  private func start(
    _ rows: ArraySlice<Int32>, padded: Int, window: cm_window, at index: Int
  ) {
    guard let compiled = problem.layers[index].compiled else { return }
    let below = states[index - 1]
    let block = blocks[(index - 1) % 2].buffer.pointer
    rows.withUnsafeBufferPointer { units in
      switch compiled.map {
      case .convolution(var op):
        below.open(cm_input_window(&op, window))
        kernels.pointee.start_convolution(
          &op, Int32(units.count), units.baseAddress, Int32(padded), &below.live,
          index == 1 ? nil : block, cost.pointer)
      case .sparse(var op, let keepsWindow):
        below.open(keepsWindow ? window : below.everything)
        cm_start_sparse(
          &op, Int32(units.count), units.baseAddress, Int32(padded), &below.live, block)
        kernels.pointee.relax_rows(&below.live, block, Int32(padded), cost.pointer)
      }
    }
  }

  /// The dual pass: the block on layer `top`, already relaxed there, down to the input.
  private func descend(from top: Int, padded: Int, budgeted: Bool = false) {
    for index in stride(from: top, to: 0, by: -1) {
      step(from: index, padded: padded)
      if budgeted { chargeDeployed(at: index - 1, padded: padded) }
    }
  }

  /// One step down, from the block on layer `index` to the block on layer `index - 1`.
  private func step(from index: Int, padded: Int) {
    guard let compiled = problem.layers[index].compiled else { return }
    let (above, below) = (states[index], states[index - 1])
    let source = UnsafePointer(blocks[index % 2].buffer.pointer)
    let target = blocks[(index - 1) % 2].buffer.pointer
    switch compiled.map {
    case .convolution(var op):
      below.open(cm_input_window(&op, above.live.window))
      kernels.pointee.descend_convolution(
        &op, &above.live, source, Int32(padded), &below.live,
        index == 1 ? nil : target, cost.pointer)
    case .sparse(var op, let keepsWindow):
      below.open(keepsWindow ? above.live.window : below.everything)
      cm_descend_sparse(&op, &above.live, source, Int32(padded), &below.live, target)
      kernels.pointee.relax_rows(&below.live, target, Int32(padded), cost.pointer)
    }
  }

  /// `budget += |lambda|' q_deployed` over the block on a layer: what the deployed network's
  /// rounding costs these rows there.
  private func chargeDeployed(at index: Int, padded: Int) {
    guard index > 0, problem.arithmetic != .real else { return }
    let state = states[index]
    let block = blocks[index % 2].buffer.pointer
    var offset = 0
    for unit in 0..<Int(state.live.count) {
      let charge = state.deployedCharge[Int(state.live.unit[unit])]
      for row in 0..<padded { budget[row] += block[offset + row].magnitude * charge }
      offset += padded
    }
  }

  /// The margins: rows `e_y - e_j` from the logits down.
  private func specify(_ result: inout MarginBounds) {
    let own = result.specificationClass
    let others = (0..<problem.classCount).filter { $0 != own }
    var first = 0
    while first < others.count {
      let end = min(first + rowsPerBlock, others.count)
      specify(others[first..<end], &result)
      first = end
    }
  }

  private func specify(_ others: ArraySlice<Int>, _ result: inout MarginBounds) {
    let top = states.count - 1
    let logits = states[top]
    let layout = problem.layers[top].layout
    let own = layout.physical(result.specificationClass)
    let padded = paddedRows(others.count)
    let block = blocks[top % 2].buffer.pointer
    logits.open(logits.everything)
    for entry in 0..<logits.count * padded { block[entry] = 0 }
    for row in 0..<padded { (cost[row], budget[row]) = (0, 0) }
    for (row, other) in others.enumerated() {
      let unit = layout.physical(other)
      block[own * padded + row] = 1
      block[unit * padded + row] = -1
      budget[row] = logits.deployedCharge[own] + logits.deployedCharge[unit]
      cost[row] = budget[row] + (logits.ownCharge[own] + logits.ownCharge[unit])
    }
    descend(from: top, padded: padded, budgeted: true)
    for (row, other) in others.enumerated() {
      let midpoint =
        logits.forward.midpoint[own] - logits.forward.midpoint[layout.physical(other)]
      let paid = cost[row] * problem.rowInflation
      let deployed = midpoint - paid
      // The budget is part of the cost; taken off rounded down, what remains is rounded up.
      let real = midpoint - (paid - budget[row] * (2 - problem.rowInflation))
      result.realMargins[other] = real.isFinite ? real : -.infinity
      result.margins[other] = deployed.isFinite ? deployed : -.infinity
    }
  }
}
