import CKernels
import ReLUChain

/// One worker's rows: the backward pass of eqs. (7) and (9), a block of rows at a time.
///
/// With lines of their own, rows are climbed by projected gradient ascent. The derivative of a row's
/// bound by a lower line is `mu zhat*`, where `zhat*` is the pre-activation at the point that the row's
/// lines and the ball allow at worst: one forward pass of that point. Every pass backwards ends in a
/// sound bound (see `LineBlock`), so the best of them needs no evaluation of its own.
package final class RowPass {
  let problem: BoundProblem
  let kernels: cm_kernels
  /// The most rows of one block.
  let most: Int
  let views: [RowView]
  /// Blocks of rows, `[live units of a window][rows]`, for layers of even and of odd number.
  private let evenBlock: Buffer<Double>
  private let oddBlock: Buffer<Double>
  /// `[rows]`: what each row of the block has cost so far, and the deployed network's share of it.
  let cost = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let budget = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  /// `[rows]`: what lines of their own move each row by, and the sum of its magnitudes.
  let shift = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  let size = Buffer<Double>(repeating: 0, count: Int(CM_MAX_ROWS))
  private let norms = RowNorms()
  /// Each unit of a block twice.
  private let pairs = Buffer<Int32>(repeating: 0, count: Int(CM_MAX_ROWS))
  var keepsLines = false
  private let stride = cm_stride(grow: 1.2, shrink: 0.5, largest: 0.5, smallest: 0x1p-12)
  /// The rows of the block, room for the most that there are.
  package let rows: UnsafeMutableBufferPointer<Row>
  private let rowStorage = Buffer(repeating: Row(), count: Int(CM_MAX_ROWS))
  var padded = 0

  /// - Parameter most: the most rows of one block; no bound depends on it.
  init(_ problem: BoundProblem, kernels: cm_kernels, most: Int) {
    (self.problem, self.kernels) = (problem, kernels)
    self.most = min(max(most, Int(CM_ROW_QUANTUM)), Int(CM_MAX_ROWS))
    views = problem.layers.map { RowView($0, ones: problem.ones) }
    let size = problem.widest * self.most
    evenBlock = Buffer(repeating: 0, count: size)
    oddBlock = Buffer(repeating: 0, count: size)
    rows = UnsafeMutableBufferPointer(start: rowStorage.pointer, count: rowStorage.count)
  }

  /// What a pass takes beside its blocks, views and lines.
  static let ownBytes =
    4 * Buffer<Double>.bytes(Int(CM_MAX_ROWS)) + Buffer<Int32>.bytes(Int(CM_MAX_ROWS))
    + Buffer<Row>.bytes(Int(CM_MAX_ROWS)) + RowNorms.bytes

  /// Rows are padded to whole vectors.
  private static func padded(_ count: Int) -> Int {
    let quantum = Int(CM_ROW_QUANTUM)
    return (count + quantum - 1) / quantum * quantum
  }

  /// The block of rows on a layer.
  func block(_ layer: Int) -> UnsafeMutablePointer<Double> {
    layer % 2 == 0 ? evenBlock.pointer : oddBlock.pointer
  }

  /// The scratch view of a layer, for columns.
  package func view(_ layer: LayerRelaxation, _ index: Int) -> UnsafePointer<cm_view> {
    views[index].take(layer, ownLines: false)
    return UnsafePointer(views[index].view)
  }

  /// Bounds the first of `rows` from below, pass after pass, and leaves the best bounds in them.
  ///
  /// - Parameters:
  ///   - layers: the relaxation's, at least up to the layer that rows start from.
  ///   - part: what the ball is beside a box.
  ///   - budgeted: whether bounds in exact arithmetic are wanted, too.
  ///   - finish: looks at the rows after a pass, and marks those that are good enough.
  package func bound(
    _ start: Start, on layers: [LayerRelaxation], _ part: NormPart?, lines: RowLines,
    budgeted: Bool, finish: (UnsafeMutableBufferPointer<Row>) -> Void = { _ in }
  ) {
    keepsLines = false
    guard case .own(let passes, let given, let keeps) = lines else {
      run(start, on: layers, keepsInput: part != nil, budgeted: budgeted)
      return settle(start, part)
    }
    keepsLines = keeps
    open(start, on: layers, ownLines: true, given)
    for pass in 1...passes {
      descend(start, on: layers, keepsInput: true, budgeted: budgeted, ownLines: true)
      settle(start, part)
      let used = UnsafeMutableBufferPointer(rebasing: rows[..<start.count])
      finish(used)
      if pass == passes || used.allSatisfy(\.isDone) { return }
      climb(to: top(of: start), part)
    }
  }

  /// The best lines of the rows of the last call, of rows with lines of their own.
  package func keptLines(from start: Start, _ kind: KeptLines = .deployed) -> LineChoice {
    LineChoice(
      layers: (0...top(of: start)).map { views[$0].lines.kept(rows: start.count, kind) },
      rowCount: start.count)
  }

  /// The layer that a block starts on.
  func top(of start: Start) -> Int {
    switch start {
    case .units(_, let index, _, _): index - 1
    case .differences, .guided: problem.layers.count - 1
    }
  }

  /// The coefficients on the input of rows with the relaxation's own lines, for `take` to read.
  ///
  /// - Parameter take: is given the input layer's view, the block on it and the rows' padded count.
  func coefficients(
    _ start: Start, on layers: [LayerRelaxation],
    take: (cm_view, UnsafePointer<Double>, _ padded: Int) -> Void
  ) {
    for row in 0..<start.count { rows[row] = Row() }
    run(start, on: layers, keepsInput: true, budgeted: false)
    take(views[0].view.pointee, UnsafePointer(block(0)), padded)
  }

  private func run(
    _ start: Start, on layers: [LayerRelaxation], keepsInput: Bool, budgeted: Bool
  ) {
    open(start, on: layers, ownLines: false, nil)
    descend(start, on: layers, keepsInput: keepsInput, budgeted: budgeted, ownLines: false)
  }

  /// Opens the window of every layer from the top down to the input.
  func open(
    _ start: Start, on layers: [LayerRelaxation], ownLines: Bool, _ given: LineChoice?
  ) {
    precondition(start.count <= Int(CM_MAX_ROWS), "more rows than a block has")
    padded = Self.padded(start.count)
    let top = top(of: start)
    var window = layers[top].everything
    if case .units(_, let index, let units, _) = start {
      window = problem.producer(index).inputWindow(units, everything: window)
    }
    for index in Swift.stride(from: top, through: 0, by: -1) {
      let view = views[index]
      view.take(layers[index], ownLines: ownLines)
      cm_open_window(view.view, window)
      if ownLines {
        view.lines.open(layers[index], view.view.pointee, padded: padded, firstStep: 0.3)
        if let given { view.lines.take(given.layers[index], rows: given.rowCount) }
      }
      guard index > 0 else { return }
      window = problem.producer(index).inputWindow(
        window, everything: layers[index - 1].everything)
    }
  }

  /// One pass from the rows' start to the input, or to another layer.
  func descend(
    _ start: Start, downTo bottom: Int = 0, on layers: [LayerRelaxation], keepsInput: Bool,
    budgeted: Bool, ownLines: Bool
  ) {
    let top = top(of: start)
    reset(start.count)
    begin(start, keepsInput: keepsInput)
    if ownLines { choose(at: top) }
    for index in Swift.stride(from: top, to: bottom, by: -1) {
      problem.producer(index).descend(
        kernels, from: views[index].view, block(index), padded: Int32(padded),
        onto: views[index - 1].view, block(index - 1), keeps: index > 1 || keepsInput,
        cost: cost.pointer)
      if ownLines { choose(at: index - 1) }
      if budgeted, index > 1, !problem.producer(index - 1).charge.deployed.isNothing {
        kernels.weigh_rows(
          views[index - 1].view, layers[index - 1].bounds.deployed_charge, block(index - 1),
          Int32(padded), budget.pointer)
      }
    }
  }

  func reset(_ count: Int) {
    let (rows, cost, budget) = (rows, cost.pointer, budget.pointer)
    for row in 0..<count { (cost[row], budget[row]) = (rows[row].cost, rows[row].budget) }
    for row in count..<padded { (cost[row], budget[row]) = (0, 0) }
    shift.pointer.update(repeating: 0, count: padded)
    size.pointer.update(repeating: 0, count: padded)
  }

  /// Writes the block on the top layer, relaxed there but for lines of its own.
  private func begin(_ start: Start, keepsInput: Bool) {
    let top = top(of: start)
    let target = block(top)
    switch start {
    case .guided: preconditionFailure("guides begin for themselves")
    case .differences(let own, let others):
      target.update(repeating: 0, count: problem.layers[top].layout.count * padded)
      for (row, other) in others.enumerated() {
        target[own * padded + row] = 1
        target[other * padded + row] = -1
      }
    case .units(let units, let index, _, let bothWays):
      problem.producer(index).start(
        kernels, bothWays ? twice(units) : units, padded: Int32(padded), onto: views[top].view,
        target, keeps: top > 0 || keepsInput, cost: cost.pointer)
      guard bothWays else { return }
      for live in 0..<views[top].openCount {
        let row = target + live * padded
        for odd in Swift.stride(from: 1, to: start.count, by: 2) { row[odd] = -row[odd] }
      }
    }
  }

  private func twice(_ units: UnsafeBufferPointer<Int32>) -> UnsafeBufferPointer<Int32> {
    for (place, unit) in units.enumerated() {
      (pairs[2 * place], pairs[2 * place + 1]) = (unit, unit)
    }
    return UnsafeBufferPointer(start: pairs.pointer, count: 2 * units.count)
  }

  private func choose(at index: Int) {
    withUnsafePointer(to: views[index].lines.lines) { lines in
      kernels.choose_lines(
        lines, block(index), Int32(padded), cost.pointer, shift.pointer, size.pointer)
    }
  }

  /// Keeps the best bounds, and their lines; what is not a number is none.
  func settle(_ start: Start, _ part: NormPart?) {
    if let part {
      norms.pay(part, block(0), over: views[0].view.pointee, padded: padded, cost: cost.pointer)
    }
    let (rows, cost, budget) = (rows, cost.pointer, budget.pointer)
    let (shift, size) = (shift.pointer, size.pointer)
    let (inflation, slack) = (problem.rowInflation, problem.rowSlack)
    for row in 0..<start.count where !rows[row].isDone {
      let rounding = size[row] * (inflation - 1)
      let paid =
        cost[row] * inflation + slack + (shift[row] + rounding) + shift[row].magnitude * 0x1p-50
      let midpoint = rows[row].midpoint
      let deployed = midpoint - paid
      // The budget is part of the cost; taken off rounded down, what remains is rounded up.
      let real = midpoint - (paid - budget[row] * (2 - inflation))
      rows[row].paid = paid
      if deployed.isFinite && deployed > rows[row].deployed {
        rows[row].deployed = deployed
        keep(row, .deployed, start)
      }
      if real.isFinite && real > rows[row].real {
        rows[row].real = real
        keep(row, .real, start)
      }
    }
  }

  private func keep(_ row: Int, _ kind: KeptLines, _ start: Start) {
    guard keepsLines else { return }
    for index in 0...top(of: start) { views[index].lines.keep(row, kind) }
  }

  /// The point that the rows allow at worst, forward from the input, and one step of every line on
  /// the way.
  private func climb(to top: Int, _ part: NormPart?) {
    norms.minimise(part, block(0), over: views[0].view.pointee, padded: padded)
    for index in 0...top {
      if index > 0 {
        problem.producer(index).ascend(
          kernels, from: views[index - 1].view, block(index - 1), padded: Int32(padded),
          to: views[index].view, block(index))
      }
      withUnsafePointer(to: views[index].lines.lines) { lines in
        kernels.climb_lines(lines, block(index), Int32(padded), stride)
      }
    }
  }
}
