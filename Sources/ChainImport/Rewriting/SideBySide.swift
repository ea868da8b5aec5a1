import NetworkGraph
import ReLUChain

// Branches that part at one value and join again with as many ReLUs on each: side by side they are one path,
// whose operators are blocks, each branch's own and copies beside it.
extension ChainBuilder {
  /// Add, Sub, Sum, Concat, Max, Min or, by a stored mask, Where of several branches; nil where they are no
  /// such branches.
  mutating func branched(
    _ node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    let isChoice = node.operatorType == "Where" && inputs[0]?.constant != nil
    guard isChoice || ["Add", "Sub", "Sum", "Concat", "Max", "Min"].contains(node.operatorType),
      let parts = alike(isChoice ? Array(inputs.dropFirst()) : inputs), parts[0].batchAxis == nil,
      let base = commonStep(of: parts.map(\.tail)),
      let branches = try branches(of: parts, over: base)
    else { return nil }
    // Of one score nothing is left.
    if parts.allSatisfy({ $0.shape.allSatisfy { $0 == 1 } }), node.operatorType == "Sub",
      branches.joined().joined().allSatisfy({ !$0.kind.computes })
    {
      return nil
    }
    let start = shape(at: base)
    var x = parts[0]
    (x.tail, x.shape, x.isNonNegative) = (base, [1] + start, false)
    let lowering = self.lowering(call, x, 0)
    var blocks = BlockPath(branches, lowering, from: start)
    let joined: Lowered
    do {
      joined = try lowering.joined(parts.map(\.shape), behind: &blocks)
    } catch  where error.exceedsBudget {
      // Another reading would only say that branches are none of a chain's.
      foundLargeBranches = true
      throw NodeRefusal(
        "\(parts.count) branches written as one path, side by side: \(error.reason), and that"
          + " --max-model raises")
    }
    note(
      "\(node.label) of \(parts.count) branches written as one path, side by side, exactly")
    return .data(append(joined, to: x, by: node))
  }

  /// The steps of each branch, with as many ReLUs on each; nil for any others.
  private func branches(
    of parts: [DataValue], over base: Int
  ) throws(NodeRefusal) -> [[[LinearOperator]]]? {
    var branches: [[[LinearOperator]]] = []
    for part in parts {
      var path: [Step] = []
      var index = part.tail
      while index != base {
        path.append(steps[index])
        index = parents[index]
      }
      var segments: [[LinearOperator]] = [[]]
      for step in path.reversed() {
        switch step {
        case .relu: segments.append([])
        case .linear(let linear): segments[segments.count - 1].append(linear)
        case .limit: return nil
        }
      }
      branches.append(segments)
    }
    return branches.allSatisfy { $0.count == branches[0].count } ? branches : nil
  }
}

/// Branches as one path: `[units]` of all of them, one branch after the other.
private struct BlockPath {
  private(set) var steps: [Step] = []
  private(set) var sizes: [Int]
  private let branches: [[[LinearOperator]]]
  private let lowering: Lowering
  private let start: [Int]

  init(_ branches: [[[LinearOperator]]], _ lowering: Lowering, from start: [Int]) {
    (self.branches, self.lowering, self.start) = (branches, lowering, start)
    sizes = branches.map { _ in start.reduce(1, *) }
  }

  var count: Int { sizes.reduce(0, +) }

  /// Writes all branches, ReLU by ReLU.
  mutating func write() throws(NodeRefusal) {
    try lowering.budget.require(try elementCount(of: [2, branches.count, sizes[0]]))
    let copies = branches.indices.flatMap { _ in 0..<sizes[0] }
    steps.append(try lowering.selection(copies, from: start, to: [copies.count]))
    for segment in branches[0].indices {
      if segment > 0 { steps.append(.relu(name: lowering.node.name)) }
      for branch in branches.indices {
        for linear in branches[branch][segment] { try append(linear, to: branch) }
      }
    }
  }

  /// Spreads the values of a branch over more units.
  mutating func move(_ branch: Int, _ source: [Int]) throws(NodeRefusal) {
    guard source != Array(0..<sizes[branch]) else { return }
    let zeros = [Double](repeating: 0, count: source.count)
    try append(
      LinearOperator(
        name: lowering.node.name, operatorType: lowering.node.operatorType,
        kind: .selection(Selection(source: source, constant: zeros)), inputShape: [sizes[branch]],
        outputShape: [source.count]), to: branch)
  }

  /// One operator of one branch, beside copies of what the others have.
  private mutating func append(_ linear: LinearOperator, to branch: Int) throws(NodeRefusal) {
    let before = sizes[..<branch].reduce(0, +)
    let block = Block(
      before: before, inputs: sizes[branch], outputs: linear.outputCount,
      after: count - before - sizes[branch])
    let kind = try block.kind(of: linear, lowering)
    let all = LinearOperator(
      name: linear.name, operatorType: linear.operatorType, kind: kind, inputShape: [count],
      outputShape: [block.before + block.outputs + block.after], heldNumbers: linear.heldNumbers,
      isVirtual: linear.isVirtual)
    steps.append(
      .linear(
        all.using(fileParameters: linear.fileParameters ?? 0).withNonNegative(
          linear.nonNegativeOutputs.map { $0.lowerBound + before..<$0.upperBound + before })))
    sizes[branch] = linear.outputCount
  }
}

/// Where one branch's units lie among all.
private struct Block {
  var before, inputs, outputs, after: Int

  func kind(
    of linear: LinearOperator, _ lowering: Lowering
  ) throws(NodeRefusal) -> LinearOperator.Kind {
    switch linear.kind {
    case .selection(let selection):
      try lowering.budget.take(2 * (before + outputs + after))
      return .selection(
        Selection(
          source: Array(0..<before) + selection.source.map { $0 < 0 ? $0 : $0 + before }
            + (before + inputs..<before + inputs + after),
          constant: around(selection.constant, 0)))
    case .scaling(var scaling):
      // A rewriting's numbers are there unit by unit; another's are only looked through.
      let perUnit = 3 + (linear.isVirtual ? scaling.sources.count : 0)
      try lowering.budget.take(perUnit * (before + outputs + after))
      if linear.isVirtual { scaling.sources = scaling.sources.map { around($0, 0) } }
      scaling.scale = around(scaling.scale, 1)
      scaling.shift = around(scaling.shift, 0)
      scaling.shiftMagnitude = around(scaling.shiftMagnitude, 0)
      return .scaling(scaling)
    case .dense(let dense):
      return .dense(
        try matrix(dense.bias, dense.uncertainty, lowering) { (output, write) in
          for input in 0..<inputs { write(input, dense.weights[output * inputs + input]) }
        })
    case .convolution(let convolution):
      // A kernel may be larger than what it slides over.
      try lowering.budget.require(
        try elementCount(of: [
          outputs, convolution.inputChannels / convolution.groups, convolution.kernelHeight,
          convolution.kernelWidth,
        ]))
      let area = convolution.outputHeight * convolution.outputWidth
      let bias = convolution.bias.flatMap { [Double](repeating: $0, count: area) }
      return .dense(
        try matrix(bias, convolution.uncertainty, lowering) { (output, write) in
          convolution.eachWeight(of: output, write)
        })
    }
  }

  private func around(_ own: [Double], _ other: Double) -> [Double] {
    [Double](repeating: other, count: before) + own + [Double](repeating: other, count: after)
  }

  /// A matrix for this branch, ones for the others: they round no more than what is charged for it, since 0
  /// times anything is 0.
  private func matrix(
    _ bias: [Double], _ uncertainty: Uncertainty, _ lowering: Lowering,
    _ row: (Int, (Int, Double) -> Void) -> Void
  ) throws(NodeRefusal) -> Dense {
    let (rows, columns) = (before + outputs + after, before + inputs + after)
    try lowering.budget.take(try elementCount(of: [rows, columns]))
    var weights = [Double](repeating: 0, count: rows * columns)
    for unit in 0..<before { weights[unit * columns + unit] = 1 }
    for unit in 0..<after {
      weights[(before + outputs + unit) * columns + before + inputs + unit] = 1
    }
    for output in 0..<outputs {
      let start = (before + output) * columns + before
      row(output) { weights[start + $0] += $1 }
    }
    return Dense(weights: weights, bias: around(bias, 0), uncertainty: uncertainty)
  }
}

extension Convolution {
  /// The weights that one output unit has for input units.
  fileprivate func eachWeight(of output: Int, _ write: (Int, Double) -> Void) {
    let area = outputHeight * outputWidth
    let (channel, y, x) = (output / area, output % area / outputWidth, output % outputWidth)
    let (own, others) = (inputChannels / groups, outputChannels / groups)
    for input in 0..<own {
      for row in 0..<kernelHeight {
        for column in 0..<kernelWidth {
          let top = y * strideY - padTop + row * dilationY
          let left = x * strideX - padLeft + column * dilationX
          guard (0..<inputHeight).contains(top), (0..<inputWidth).contains(left) else { continue }
          let plane = channel / others * own + input
          write(
            (plane * inputHeight + top) * inputWidth + left,
            weights[((channel * own + input) * kernelHeight + row) * kernelWidth + column])
        }
      }
    }
  }
}

extension Lowering {
  /// Joins branches of these shapes.
  fileprivate func joined(
    _ shapes: [[Int]], behind blocks: inout BlockPath
  ) throws(NodeRefusal) -> Lowered {
    try blocks.write()
    if node.operatorType == "Concat" {
      let axis = try normalizedAxis(
        try call.int("axis", default: call.opsetVersion < 4 ? 1 : 0), rank: shapes[0].count)
      let shape = try call.joinedShape(shapes, along: axis)
      var pieces: [(shape: [Int], elements: [Int])] = []
      var first = 0
      for (own, size) in zip(shapes, blocks.sizes) {
        pieces.append((own, Array(first..<first + size)))
        first += size
      }
      let order = call.interleaved(pieces, along: axis)
      return result(
        blocks.steps + [try selection(order, from: [blocks.count], to: unitShape(shape))], shape)
    }
    var shape = shapes[0]
    for other in shapes.dropFirst() { shape = try broadcastShape(shape, other) }
    let mask = node.operatorType == "Where" ? try call.constant(0, "condition") : nil
    if let mask { shape = try broadcastShape(shape, mask.shape) }
    let units = try elementCount(of: shape)
    guard units <= limits.units else { throw NodeRefusal.tooManyUnits(shape) }
    for (branch, own) in shapes.enumerated() {
      try blocks.move(branch, try AxisMap.broadcasting(own, with: shape).sources())
    }
    let count = shapes.count
    if let mask {
      let takesFirst = try mask.mask(over: shape, budget: budget)
      let order = takesFirst.enumerated().map { $1 ? $0 : units + $0 }
      return result(
        blocks.steps + [try selection(order, from: [blocks.count], to: unitShape(shape))], shape)
    }
    if node.operatorType == "Max" || node.operatorType == "Min" {
      let steps = try extremes(of: count, units, isLargest: node.operatorType == "Max")
      return result(blocks.steps + steps, shape)
    }
    var signs = [Double](repeating: 1, count: count)
    if node.operatorType == "Sub" { signs[1] = -1 }
    let sum = Convolution(
      input: (count, 1, units), output: (1, 1, units), kernel: (1, 1), stride: (1, 1), pad: (0, 0),
      dilation: (1, 1), groups: 1, weights: signs, bias: [0])
    return result(
      blocks.steps + [step(.convolution(sum), from: [count, 1, units], to: unitShape(shape))], shape
    )
  }

  private func unitShape(_ shape: [Int]) -> [Int] {
    ReLUChain.withoutBatch(shape, batchAxis: nil)
  }

  private func result(_ steps: [Step], _ shape: [Int]) -> Lowered {
    Lowered(shape: shape, batchAxis: nil, elementType: data.elementType, steps: steps)
  }
}
