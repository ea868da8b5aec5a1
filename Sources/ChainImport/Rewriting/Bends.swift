import NetworkGraph
import ReLUChain

/// A function of one variable that is linear on either side of 0, unit by unit.
struct Bend {
  /// The slope where the variable is above 0: one for all units, or one for each.
  var above: [Double] = [1]
  /// The slope where it is below.
  var below: [Double] = [1]
  /// How often a deployed network rounds in computing it.
  var roundings = 0
  /// The numbers of the file that it is made of.
  var sources: [[Double]] = []

  /// Its positive part: below 0 a line that falls is above 0.
  func rectified() -> Bend {
    var result = self
    result.above = above.map { max($0, 0) }
    result.below = below.map { min($0, 0) }
    return result
  }

  /// Whether it is nowhere larger than its variable: what may be multiplied by 0. A larger value may be
  /// an infinity where the network is deployed, and 0 times that is no number, which nothing of a chain
  /// with the slope 0 would show.
  var isWithinVariable: Bool { (above + below).allSatisfy { $0.magnitude <= 1 } }

  /// A multiple; nil where a slope would be a product of two numbers of the file, or 0 times what may be
  /// an infinity.
  func scaled(by factors: [Double], roundings: Int) -> Bend? {
    func isPlain(_ values: [Double]) -> Bool { values.allSatisfy { [-1, 0, 1].contains($0) } }
    guard isPlain(factors) || isPlain(above) && isPlain(below),
      isWithinVariable || !factors.contains(0)
    else { return nil }
    var result = self
    result.above = Self.combined(above, factors, *)
    result.below = Self.combined(below, factors, *)
    if !isPlain(factors) {
      result.roundings += roundings
      result.sources.append(factors)
    }
    return result
  }

  /// The sum; nil where the slopes' sum is rounded, or smaller than what the deployed network rounds.
  func plus(_ other: Bend) -> Bend? {
    func sum(_ one: [Double], _ two: [Double]) -> (values: [Double], isApart: Bool)? {
      let pairs = Self.combined(one, two) { $0 * $1 < 0 ? .nan : $0 + $1 }
      let rests = Self.combined(pairs, one, -)
      let isExact = Self.combined(rests, two) { $0 == $1 ? 0 : 1 }.allSatisfy { $0 == 0 }
      let isApart = Self.combined(one, two, *).allSatisfy { $0 == 0 }
      return isExact ? (pairs, isApart) : nil
    }
    guard let up = sum(above, other.above), let down = sum(below, other.below) else { return nil }
    var result = joined(other)
    (result.above, result.below) = (up.values, down.values)
    // Adding 0 does not round.
    if !up.isApart || !down.isApart { result.roundings += 1 }
    return result
  }

  /// The larger of two, or the smaller: rounding keeps their order.
  func extremum(_ other: Bend, isLargest: Bool) -> Bend {
    var result = joined(other)
    result.above = Self.combined(above, other.above, isLargest ? max : min)
    result.below = Self.combined(below, other.below, isLargest ? min : max)
    return result
  }

  private func joined(_ other: Bend) -> Bend {
    var result = self
    result.roundings = max(roundings, other.roundings)
    result.sources += other.sources
    return result
  }

  private static func combined(
    _ one: [Double], _ two: [Double], _ change: (Double, Double) -> Double
  ) -> [Double] {
    let count = max(one.count, two.count)
    return (0..<count).map {
      change(one[one.count == 1 ? 0 : $0], two[two.count == 1 ? 0 : $0])
    }
  }
}

// Branches that join again as a function of each value alone: PReLU in pieces, a maximum of two lines,
// a choice between them.
extension ChainBuilder {
  /// The longest branch that is followed.
  private static let longestBranch = 16

  /// How the values at one step are made of those at another; nil where they are made otherwise.
  func bend(of tail: Int, over base: Int) -> Bend? {
    var path: [Int] = []
    var index = tail
    while index != base {
      guard index >= 0, path.count < Self.longestBranch else { return nil }
      path.append(index)
      index = parents[index]
    }
    var bend = Bend()
    // Behind a ReLU there is nothing below 0.
    if isRelu(base) { bend.below = [0] }
    for index in path.reversed() {
      switch steps[index] {
      case .relu: bend = bend.rectified()
      case .linear(let linear):
        guard case .scaling(let scaling) = linear.kind, scaling.uncertainty == .none,
          scaling.shift.allSatisfy({ $0 == 0 }),
          let next = bend.scaled(by: scaling.scale, roundings: scaling.deployedRoundings)
        else { return nil }
        bend = next
      case .limit: return nil
      }
    }
    return bend
  }

  func isRelu(_ step: Int) -> Bool {
    guard step >= 0, case .relu = steps[step] else { return false }
    return true
  }

  /// The last step that all paths share.
  func commonStep(of tails: [Int]) -> Int? {
    func ancestors(_ tail: Int) -> [Int] {
      var result = [tail]
      while let last = result.last, last >= 0, result.count <= Self.longestBranch {
        result.append(parents[last])
      }
      return result
    }
    let others = tails.dropFirst().map(ancestors)
    return tails.first.flatMap { first in
      ancestors(first).first { step in others.allSatisfy { $0.contains(step) } }
    }
  }

  /// The data that several inputs are, where they lie alike; nil for anything else among them.
  func alike(_ inputs: [Value?]) -> [DataValue]? {
    var result: [DataValue] = []
    for input in inputs {
      guard case .data(let data) = input, data.softmax == nil, data.binaryEnd == nil,
        data.elementType == result.first?.elementType ?? data.elementType,
        data.batchAxis == result.first?.batchAxis ?? data.batchAxis
      else { return nil }
      result.append(data)
    }
    return result.count > 1 ? result : nil
  }

  /// Add, Sub, Sum, Max or Min of functions of the same values; nil for any other node.
  mutating func bent(
    _ node: Node, _ call: OperatorCall, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value? {
    guard ["Add", "Sub", "Sum", "Max", "Min"].contains(node.operatorType),
      let parts = alike(inputs), parts.allSatisfy({ $0.shape == parts[0].shape }),
      let base = commonStep(of: parts.map(\.tail))
    else { return nil }
    var total: Bend?
    for part in parts {
      guard let bend = self.bend(of: part.tail, over: base) else { return nil }
      guard let sum = total else {
        total = bend
        continue
      }
      switch node.operatorType {
      case "Max", "Min": total = sum.extremum(bend, isLargest: node.operatorType == "Max")
      case "Sub": total = bend.scaled(by: [-1], roundings: 0).flatMap { sum.plus($0) }
      default: total = sum.plus(bend)
      }
      if total == nil { return nil }
    }
    guard let total else { return nil }
    var x = parts[0]
    (x.tail, x.isNonNegative) = (base, isRelu(base))
    let lowered = try lowering(call, x, 0).bent(total)
    if let text = lowered.note { note(text) }
    return .data(append(lowered, to: x, by: node))
  }

  /// The data where a comparison with 0 holds, and 0 elsewhere: a product with the comparison's 1 or 0.
  mutating func masked(_ node: Node, _ inputs: [Value?]) throws(NodeRefusal) -> Value? {
    guard node.operatorType == "Mul", inputs.count == 2,
      let place = inputs.firstIndex(where: { if case .piece = $0 { true } else { false } }),
      case .piece(let x, .comparison(let comparison), let maker) = inputs[place],
      case .data(let data) = inputs[1 - place], data.softmax == nil, data.shape == x.shape
    else { return nil }
    guard comparison.isZero, var bend = self.bend(of: data.tail, over: x.tail) else {
      throw jump(comparison, by: maker)
    }
    guard bend.isWithinVariable else {
      throw NodeRefusal(
        "multiplies a comparison's 0 with more than what is compared, which may be an infinity there,"
          + " and 0 times that is no number; expected a choice by Where, or the product with the 1 or 0"
          + " first")
    }
    if comparison.isAbove { bend.below = [0] } else { bend.above = [0] }
    return try bent(bend, x, by: node, inputs)
  }

  /// Writes a function of `x` in a node's place.
  mutating func bent(
    _ bend: Bend, _ x: DataValue, by node: Node, _ inputs: [Value?]
  ) throws(NodeRefusal) -> Value {
    let call = OperatorCall(
      node: node, opsetVersion: graph.opsetVersion, constants: inputs.map { $0?.constant },
      deployed: deployed)
    let lowered = try lowering(call, x, 0).bent(bend)
    note(lowered.note ?? "\(node.label) of a comparison with 0 read as Relu, exactly")
    return .data(append(lowered, to: x, by: node))
  }

  func jump(_ comparison: Comparison, by maker: Node) -> NodeRefusal {
    NodeRefusal(
      comparison.isZero
        ? "\(maker.label) compares with 0; expected to choose between multiples of what it compares"
        : "\(maker.label) compares with \(comparison.text); expected to choose what is compared or"
          + " the number itself, or it jumps there, which no sum of ReLUs does")
  }
}

extension Lowering {
  /// A function of the data that is linear on either side of 0: `a relu(x) - b relu(-x)`.
  func bent(_ bend: Bend) throws(NodeRefusal) -> Lowered {
    let count = try elementCount(of: data.shape)
    func spread(_ slopes: [Double]) -> [Double] {
      slopes.count == 1 ? [Double](repeating: slopes[0], count: count) : slopes
    }
    func are(_ slopes: [Double], _ slope: Double) -> Bool { slopes.allSatisfy { $0 == slope } }
    if are(bend.above, 1), data.isNonNegative || are(bend.below, 0) { return rectified() }
    if are(bend.above, 0), are(bend.below, 1) { return try clipped(from: nil, to: [0]) }
    try budget.take(8 * count)
    let (above, below) = (spread(bend.above), spread(bend.below))
    if data.isNonNegative || above == below {
      let zeros = [Double](repeating: 0, count: count)
      let scaling = Scaling(
        scale: above, shift: zeros, shiftMagnitude: zeros, deployedRoundings: bend.roundings,
        sources: bend.sources)
      return unchanged(steps: [step(.scaling(scaling), from: data.unitShape, to: data.unitShape)])
    }
    var steps = [
      try virtualMixing([[1], [-1]], on: [1, count]), .relu(name: node.name),
    ]
    if !are(above, 1) || !are(below, -1) {
      let zeros = [Double](repeating: 0, count: 2 * count)
      let scaling = Scaling(
        scale: above + below.map { -$0 }, shift: zeros, shiftMagnitude: zeros,
        deployedRoundings: bend.roundings, sources: bend.sources)
      steps.append(step(.scaling(scaling), from: [2, count], to: [2, count]))
    }
    steps.append(try virtualMixing([[1, 1]], on: [1, count]))
    return rewritten(steps, isNonNegative: false)
  }
}
