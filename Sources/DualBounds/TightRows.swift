import CKernels

/// How far a gradient ascent goes.
public struct AscentEffort: Sendable, Equatable {
  /// Backward passes of a block of rows of a hidden layer.
  public var hiddenPasses: Int
  /// Backward passes of the rows of the margins.
  public var marginPasses: Int

  /// Creates an effort; one pass is the choice by area.
  public init(hiddenPasses: Int = 12, marginPasses: Int = 40) {
    (self.hiddenPasses, self.marginPasses) = (max(1, hiddenPasses), max(1, marginPasses))
  }
}

/// Rows with lower lines of their own: one dual pass for each direction of each unit, its lines chosen
/// by area and climbed by projected gradient ascent.
///
/// The derivative of a row's bound by a lower line is `mu zhat*`, where `zhat*` is the pre-activation at
/// the point that the row's lines and the ball allow at worst: one forward pass of that point. Every
/// pass backwards ends in a sound bound (see `LowerLines`), so the best of them needs no evaluation of
/// its own.
package final class TightRows {
  /// One row of a block: what it starts from, and the best lower bounds found.
  struct Row {
    /// The row's value in the midpoint network.
    var midpoint = 0.0
    /// What the top layer's own charges cost, and the deployed network's share of it.
    var cost = 0.0
    var budget = 0.0
    var deployed = -Double.infinity
    var real = -Double.infinity
    /// Whether the row is good enough; it is left alone then, whatever its block still does.
    var isDone = false
  }

  private unowned let workspace: BoundWorkspace
  private let layers: [LowerLines]
  private let stride = cm_stride(grow: 1.2, shrink: 0.5, largest: 0.5, smallest: 0x1p-12)
  private let shift = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let size = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// The rows of the block.
  var rows: [Row] = []
  private var padded = 0

  package init(_ workspace: BoundWorkspace) {
    self.workspace = workspace
    layers = workspace.states.map(LowerLines.init)
  }

  /// Takes over a layer after its relaxation.
  func prepare(_ index: Int) {
    layers[index].prepare(isReLU: workspace.problem.layers[index].isReLU)
  }

  /// Bounds the rows from `top` down, pass after pass.
  ///
  /// - Parameters:
  ///   - window: the window of the rows on layer `top`.
  ///   - begin: writes the block on layer `top`, before that layer's activation is relaxed, and
  ///     adds to the costs what it has passed.
  ///   - finish: looks at the rows after a pass, and marks those that are good enough.
  func bound(
    from top: Int, window: cm_window, passes: Int, begin: (TightRows) -> Void,
    finish: (inout [Row]) -> Void
  ) {
    padded = workspace.paddedRows(rows.count)
    openWindows(from: top, window)
    for pass in 1...passes {
      reset()
      begin(self)
      choose(at: top)
      for index in Swift.stride(from: top, to: 0, by: -1) { step(from: index) }
      workspace.payNorm(
        workspace.block(0), over: layers[0].plain.pointee, padded: padded,
        cost: workspace.cost.pointer)
      settle()
      finish(&rows)
      if pass == passes || rows.allSatisfy(\.isDone) { return }
      climb(to: top)
    }
  }

  private func openWindows(from top: Int, _ window: cm_window) {
    var window = window
    for index in Swift.stride(from: top, through: 0, by: -1) {
      layers[index].open(window, padded: padded, firstStep: 0.3)
      guard index > 0, let compiled = workspace.problem.layers[index].compiled else { return }
      switch compiled.map {
      case .convolution(var op): window = cm_input_window(&op, window)
      case .sparse(_, let keepsWindow):
        if !keepsWindow { window = workspace.states[index - 1].everything }
      }
    }
  }

  private func reset() {
    for row in 0..<padded {
      let isRow = row < rows.count
      workspace.cost[row] = isRow ? rows[row].cost : 0
      workspace.budget[row] = isRow ? rows[row].budget : 0
      (shift[row], size[row]) = (0, 0)
    }
  }

  /// First step of the rows `e_j` and `-e_j` by turns: from layer `index` onto the layer below.
  func start(_ units: [Int32], at index: Int) {
    guard let compiled = workspace.problem.layers[index].compiled else { return }
    let below = layers[index - 1]
    let target = workspace.block(index - 1)
    let count = Int32(truncatingIfNeeded: units.count)
    switch compiled.map {
    case .convolution(var op):
      workspace.kernels.start_convolution(
        &op, count, units, Int32(padded), below.plain, target, workspace.cost.pointer)
    case .sparse(var op, _):
      cm_start_sparse(&op, count, units, Int32(padded), below.plain, target)
      workspace.kernels.relax_rows(below.plain, target, Int32(padded), workspace.cost.pointer)
    }
    for live in 0..<liveCount(below) {
      let row = target + live * padded
      for odd in Swift.stride(from: 1, to: rows.count, by: 2) { row[odd] = -row[odd] }
    }
  }

  /// Writes rows `e_own - e_other` on the logits.
  func specify(_ own: Int, against others: [Int], at top: Int) {
    let target = workspace.block(top)
    target.update(repeating: 0, count: workspace.states[top].count * padded)
    for (row, other) in others.enumerated() {
      target[own * padded + row] = 1
      target[other * padded + row] = -1
    }
  }

  private func liveCount(_ layer: LowerLines) -> Int {
    let view = layer.plain.pointee
    var count = 0
    for y in Int(view.window.y0)..<Int(view.window.y1) {
      let row = view.start + y * Int(view.width)
      count += Int(row[Int(view.window.x1)] - row[Int(view.window.x0)])
    }
    return count
  }

  private func choose(at index: Int) {
    withUnsafePointer(to: layers[index].lines) { lines in
      workspace.kernels.choose_lines(
        lines, workspace.block(index), Int32(padded), workspace.cost.pointer, shift.pointer,
        size.pointer)
    }
  }

  private func step(from index: Int) {
    guard let compiled = workspace.problem.layers[index].compiled else { return }
    let (above, below) = (layers[index].plain, layers[index - 1].plain)
    let (source, target) = (workspace.block(index), workspace.block(index - 1))
    switch compiled.map {
    case .convolution(var op):
      workspace.kernels.descend_convolution(
        &op, above, source, Int32(padded), below, target, workspace.cost.pointer)
    case .sparse(var op, _):
      cm_descend_sparse(&op, above, source, Int32(padded), below, target)
      workspace.kernels.relax_rows(below, target, Int32(padded), workspace.cost.pointer)
    }
    choose(at: index - 1)
    if index > 1, workspace.problem.arithmetic != .real {
      workspace.kernels.weigh_rows(
        below, workspace.states[index - 1].bounds.deployed_charge, target, Int32(padded),
        workspace.budget.pointer)
    }
  }

  /// Keeps the best bounds; what is not a number is none.
  private func settle() {
    let problem = workspace.problem
    for row in rows.indices where !rows[row].isDone {
      let rounding = size[row] * (problem.rowInflation - 1)
      let paid =
        workspace.cost[row] * problem.rowInflation + problem.rowSlack + (shift[row] + rounding)
        + shift[row].magnitude * 0x1p-50
      let deployed = rows[row].midpoint - paid
      // The budget is part of the cost; taken off rounded down, what remains is rounded up.
      let budget = workspace.budget[row] * (2 - problem.rowInflation)
      let real = rows[row].midpoint - (paid - budget)
      if deployed.isFinite && deployed > rows[row].deployed { rows[row].deployed = deployed }
      if real.isFinite && real > rows[row].real { rows[row].real = real }
    }
  }

  /// The point that the rows allow at worst, forward from the input, and one step of every line on
  /// the way.
  private func climb(to top: Int) {
    workspace.minimise(workspace.block(0), over: layers[0].plain.pointee, padded: padded)
    for index in 0...top {
      if index > 0 { ascend(to: index) }
      withUnsafePointer(to: layers[index].lines) { lines in
        workspace.kernels.climb_lines(lines, workspace.block(index), Int32(padded), stride)
      }
    }
  }

  private func ascend(to index: Int) {
    guard let compiled = workspace.problem.layers[index].compiled else { return }
    let (below, above) = (layers[index - 1].plain, layers[index].plain)
    let (source, target) = (workspace.block(index - 1), workspace.block(index))
    switch compiled.map {
    case .convolution(var op):
      workspace.kernels.ascend_window(&op, below, source, Int32(padded), above, target)
    case .sparse(var op, _):
      cm_ascend_sparse_window(&op, below, source, Int32(padded), above, target)
    }
  }
}
