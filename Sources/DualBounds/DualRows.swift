import CKernels

// Rows of dual coefficients: the backward pass of eqs. (7) and (9), a block at a time.
extension BoundWorkspace {
  /// First step of unit rows: from layer `index` into the block on layer `index - 1`.
  ///
  /// - Parameter keepsInput: writes the coefficients on the input, too.
  func start(
    _ rows: UnsafeBufferPointer<Int32>, padded: Int, window: cm_window, at index: Int,
    keepsInput: Bool
  ) {
    guard let compiled = problem.layers[index].compiled else { return }
    let below = states[index - 1]
    let target = block(index - 1)
    switch compiled.map {
    case .convolution(var op):
      below.open(cm_input_window(&op, window))
      kernels.start_convolution(
        &op, Int32(rows.count), rows.baseAddress, Int32(padded), below.live,
        index == 1 && !keepsInput ? nil : target, cost.pointer)
    case .sparse(var op, let keepsWindow):
      below.open(keepsWindow ? window : below.everything)
      cm_start_sparse(
        &op, Int32(rows.count), rows.baseAddress, Int32(padded), below.live, target)
      kernels.relax_rows(below.live, target, Int32(padded), cost.pointer)
    }
  }

  /// The dual pass: the block on layer `top`, already relaxed there, down to the input.
  func descend(from top: Int, padded: Int, budgeted: Bool = false) {
    for index in stride(from: top, to: 0, by: -1) {
      step(from: index, padded: padded, keepsInput: normPart != nil)
      if budgeted && index > 1 { chargeDeployed(at: index - 1, padded: padded) }
    }
    payNorm(block(0), over: states[0].live.pointee, padded: padded, cost: cost.pointer)
  }

  /// One step down, from the block on layer `index` to the block on layer `index - 1`.
  ///
  /// - Parameter keepsInput: writes the coefficients on the input, too.
  func step(from index: Int, padded: Int, keepsInput: Bool) {
    guard let compiled = problem.layers[index].compiled else { return }
    let (above, below) = (states[index], states[index - 1])
    let (source, target) = (UnsafePointer(block(index)), block(index - 1))
    let isLast = index == 1 && !keepsInput
    switch compiled.map {
    case .convolution(var op):
      below.open(cm_input_window(&op, above.live.pointee.window))
      kernels.descend_convolution(
        &op, above.live, source, Int32(padded), below.live, isLast ? nil : target,
        cost.pointer)
    case .sparse(var op, let keepsWindow):
      below.open(keepsWindow ? above.live.pointee.window : below.everything)
      cm_descend_sparse(&op, above.live, source, Int32(padded), below.live, target)
      kernels.relax_rows(below.live, target, Int32(padded), cost.pointer)
    }
  }

  /// `budget += |lambda|' q_deployed` over the block on a layer: what the deployed network's
  /// rounding costs these rows there.
  private func chargeDeployed(at index: Int, padded: Int) {
    if problem.arithmetic == .real { return }
    let state = states[index]
    kernels.weigh_rows(
      state.live, state.bounds.deployed_charge, block(index), Int32(padded), budget.pointer)
  }

  /// The coefficients `lambda` on the input of the row `e_y - e_j` of the last ball: the linear lower
  /// bound of `z_y - z_j` is smallest where `lambda' x` is.
  ///
  /// - Returns: `[inputCount]`, in the file's order; nil where one is not finite, or the last ball's
  ///   layers could not be bounded.
  public func inputCoefficients(of specificationClass: Int, against other: Int) -> [Double]? {
    guard isKnown else { return nil }
    let top = states.count - 1
    let layout = problem.layers[top].layout
    let padded = paddedRows(1)
    let rows = block(top)
    states[top].open(states[top].everything)
    rows.update(repeating: 0, count: states[top].count * padded)
    for row in 0..<padded { cost[row] = 0 }
    rows[layout.physical(specificationClass) * padded] = 1
    rows[layout.physical(other) * padded] = -1
    for index in stride(from: top, to: 0, by: -1) {
      step(from: index, padded: padded, keepsInput: true)
    }
    return inputColumn(padded: padded)
  }

  /// The first row of the block on the input layer, of which every unit is live.
  private func inputColumn(padded: Int) -> [Double]? {
    let layout = problem.layers[0].layout
    let (live, found) = (states[0].live.pointee, block(0))
    var column = [Double](repeating: 0, count: layout.count)
    for y in Int(live.window.y0)..<Int(live.window.y1) {
      let first = y * layout.width + Int(live.window.x0)
      let base = Int(live.row_base[y]) - first * layout.channels
      let end = y * layout.width + Int(live.window.x1)
      for unit in first * layout.channels..<end * layout.channels {
        let coefficient = found[(base + unit) * padded]
        guard coefficient.isFinite else { return nil }
        column[layout.logical(unit)] = coefficient
      }
    }
    return column
  }

  /// The margins: rows `e_y - e_j` from the logits down.
  func specify(_ result: inout MarginBounds) {
    let others = (0..<problem.classCount).filter { $0 != result.specificationClass }
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
    let rows = block(top)
    logits.open(logits.everything)
    rows.update(repeating: 0, count: logits.count * padded)
    for row in 0..<padded { (cost[row], budget[row]) = (0, 0) }
    for (row, other) in others.enumerated() {
      let unit = layout.physical(other)
      rows[own * padded + row] = 1
      rows[unit * padded + row] = -1
      budget[row] = logits.bounds.deployed_charge[own] + logits.bounds.deployed_charge[unit]
      cost[row] = budget[row] + (logits.bounds.own_charge[own] + logits.bounds.own_charge[unit])
    }
    descend(from: top, padded: padded, budgeted: true)
    for (row, other) in others.enumerated() {
      let midpoint =
        logits.forward.midpoint[own] - logits.forward.midpoint[layout.physical(other)]
      let paid = cost[row] * problem.rowInflation + problem.rowSlack
      let deployed = midpoint - paid
      // The budget is part of the cost; taken off rounded down, what remains is rounded up.
      let real = midpoint - (paid - budget[row] * (2 - problem.rowInflation))
      result.realMargins[other] = real.isFinite ? real : -.infinity
      result.margins[other] = deployed.isFinite ? deployed : -.infinity
    }
  }
}
