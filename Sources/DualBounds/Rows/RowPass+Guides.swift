import CKernels

// What a complete search asks of rows: their linear functions, and bounds with everything given.
extension RowPass {
  /// Rows as linear functions of a layer's stable units and of the activations of unstable units from there on.
  ///
  /// - Parameters:
  ///   - bottom: that layer, not above the one that the rows start on.
  ///   - take: is given the views of the layers below the start, whose lines have every unstable unit's
  ///     coefficients, the block on the bottom layer and the rows' padded count.
  func fold(
    _ start: Start, downTo bottom: Int, on layers: [LayerRelaxation],
    take: (ArraySlice<RowView>, UnsafePointer<Double>, _ padded: Int) -> Void
  ) {
    for row in 0..<start.count { rows[row] = Row() }
    open(start, on: layers, ownLines: true, nil)
    let used = views[...top(of: start)]
    for view in used { view.lines.fold() }
    descend(start, downTo: bottom, on: layers, keepsInput: true, budgeted: false, ownLines: true)
    take(used, UnsafePointer(block(bottom)), padded)
  }

  /// Bounds rows from below that have everything given, and leaves the bounds in the first of `rows`.
  package func bound(
    _ guides: [RowGuide], on layers: [LayerRelaxation], _ part: NormPart?
  ) {
    keepsLines = false
    let top = layers.count - 1
    let start = Start.guided(guides.count)
    for row in guides.indices { rows[row] = Row() }
    open(start, on: layers, ownLines: true, nil)
    reset(guides.count)
    begin(guides, on: layers[top])
    var first = 0
    let splits = layers.indices.map { index in
      defer { first += Int(views[index].lines.lines.count) }
      return views[index].lines.take(guides, first: first)
    }
    precondition(
      guides.allSatisfy { $0.sides.count == first }, "guides of other units than rows reach")
    for index in Swift.stride(from: top, through: 0, by: -1) {
      if index < top {
        problem.producer(index + 1).descend(
          kernels, from: views[index + 1].view, block(index + 1), padded: Int32(padded),
          onto: views[index].view, block(index), keeps: true, cost: cost.pointer)
      }
      withUnsafePointer(to: views[index].lines.lines) { lines in
        withUnsafePointer(to: splits[index]) { splits in
          cm_choose_split_lines(
            lines, splits, block(index), Int32(padded), cost.pointer, shift.pointer, size.pointer)
        }
      }
    }
    settle(start, part)
  }

  /// The differences of logits that the guides start from, in the terms of a push.
  private func begin(_ guides: [RowGuide], on logits: LayerRelaxation) {
    let target = block(problem.layers.count - 1)
    target.update(repeating: 0, count: logits.count * padded)
    for (row, guide) in guides.enumerated() {
      for (unit, sign) in [(guide.own, 1.0), (guide.other, -1.0)] {
        let coefficient = sign * guide.boundedWeight
        let moved = coefficient * logits.forward.midpoint[unit]
        target[unit * padded + row] = coefficient
        shift[row] -= moved
        size[row] += moved.magnitude
        cost[row] +=
          coefficient.magnitude
          * (logits.bounds.own_charge[unit] + logits.bounds.deployed_charge[unit])
      }
    }
  }
}
