import NetworkGraph
import ReLUChain

// Sums of the same values moved about: pooling as exporters write it where windows differ in size.
extension ChainBuilder {
  /// One term of a sum: for each element where it comes from, -1 for 0, and its sign.
  private struct Summand {
    var sources: [Int]
    var sign: Double
  }

  /// Terms, and how often a network rounds on the way from one of them to their sum.
  private struct Sum {
    var terms: [Summand]
    var roundings: Int
  }

  /// The most terms that are followed.
  private static let mostSummands = 1 << 10

  /// Add, Sub or Sum of the same values, each moved in its own way: one selection of all, and their sum; nil for
  /// any other node.
  mutating func summed(
    _ node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    guard ["Add", "Sub", "Sum"].contains(node.operatorType), let parts = alike(inputs),
      parts.allSatisfy({ $0.shape == parts[0].shape }),
      let base = commonStep(of: parts.map(\.tail))
    else { return nil }
    var summands: [Summand] = []
    var roundings = 0
    for (index, part) in parts.enumerated() {
      guard var own = try self.summands(of: part, over: base) else { return nil }
      if node.operatorType == "Sub", index == 1 {
        for place in own.terms.indices { own.terms[place].sign.negate() }
      }
      summands += own.terms
      roundings = max(roundings, own.roundings)
    }
    roundings += parts.count - 1
    let (count, units) = (summands.count, try elementCount(of: parts[0].shape))
    // Of one score, less itself, nothing is left.
    if units == 1, node.operatorType == "Sub", Self.cancels(summands) { return nil }
    guard count <= Self.mostSummands else { return nil }
    guard try elementCount(of: [count, units]) <= limits.units else { return nil }
    var x = parts[0]
    x.tail = base
    let lowering = self.lowering(call, x, 0)
    let stacked = [count, 1, units]
    let sum = Convolution(
      input: (count, 1, units), output: (1, 1, units), kernel: (1, 1), stride: (1, 1), pad: (0, 0),
      dilation: (1, 1), groups: 1, weights: summands.map(\.sign), bias: [0])
    var lowered = lowering.unchanged(steps: [
      try lowering.selection(
        summands.flatMap(\.sources), from: shape(at: base), to: stacked),
      lowering.step(.convolution(sum), from: stacked, to: parts[0].unitShape),
    ])
    if roundings > 1 {
      // What each node adds up is stored, however wide the sums of one node are.
      let ones = [Double](repeating: 1, count: units)
      lowered.steps.append(
        try lowering.factor(ones, .none, deployed: roundings, parts[0].unitShape))
    }
    note("\(node.label) of the same values in other places written as one sum, exactly")
    return .data(append(lowered, to: x, by: node))
  }

  /// Whether terms of one element are 0 together, whatever they are taken from.
  private static func cancels(_ summands: [Summand]) -> Bool {
    var factors: [Int: Double] = [:]
    for summand in summands where summand.sources[0] >= 0 {
      factors[summand.sources[0], default: 0] += summand.sign
    }
    return factors.values.allSatisfy { $0 == 0 }
  }

  /// The terms that a value is the sum of; nil where it is made otherwise.
  private func summands(
    of data: DataValue, over base: Int
  ) throws(NodeRefusal) -> Sum? {
    let count = try elementCount(of: data.shape)
    var (result, roundings) = ([Summand(sources: Array(0..<count), sign: 1)], 0)
    var index = data.tail
    // A node's sum, and behind it what its roundings are charged with.
    var charged = ""
    while index != base {
      try budget.take(try elementCount(of: [result.count, count]))
      guard index >= 0, case .linear(let linear) = steps[index],
        let own = Self.terms(of: linear), own.terms.count * result.count <= Self.mostSummands
      else { return nil }
      let place = "\(linear.operatorType) \(linear.name)"
      if case .convolution = linear.kind, charged == place {
        charged = ""
      } else {
        roundings += own.roundings
        if case .scaling = linear.kind { charged = place } else { charged = "" }
      }
      result = result.flatMap { summand in
        own.terms.map { term in
          Summand(
            sources: summand.sources.map { $0 < 0 ? -1 : term.sources[$0] },
            sign: summand.sign * term.sign)
        }
      }
      index = parents[index]
    }
    return Sum(terms: result, roundings: roundings)
  }

  /// One operator as a sum of moves.
  private static func terms(of linear: LinearOperator) -> Sum? {
    guard !linear.isVirtual, linear.uncertainty == .none else { return nil }
    switch linear.kind {
    case .selection(let selection):
      guard selection.constant.allSatisfy({ $0 == 0 }) else { return nil }
      return Sum(terms: [Summand(sources: selection.source, sign: 1)], roundings: 0)
    case .scaling(let scaling):
      guard let sign = scaling.scale.first, sign.magnitude == 1,
        scaling.scale.allSatisfy({ $0 == sign }), scaling.shift.allSatisfy({ $0 == 0 })
      else { return nil }
      return Sum(
        terms: [Summand(sources: Array(0..<scaling.scale.count), sign: sign)],
        roundings: scaling.deployedRoundings)
    case .convolution(let c):
      let units = c.outputHeight * c.outputWidth
      guard c.groups == 1, c.outputChannels == 1, c.kernelHeight == 1, c.kernelWidth == 1,
        c.strideY == 1, c.strideX == 1, c.padTop == 0, c.padLeft == 0, c.bias == [0],
        (c.inputHeight, c.inputWidth) == (c.outputHeight, c.outputWidth),
        c.weights.allSatisfy({ $0.magnitude == 1 })
      else { return nil }
      let terms = c.weights.enumerated().map { channel, sign in
        Summand(sources: Array(channel * units..<(channel + 1) * units), sign: sign)
      }
      return Sum(terms: terms, roundings: max(1, c.weights.count - 1))
    case .dense: return nil
    }
  }
}
