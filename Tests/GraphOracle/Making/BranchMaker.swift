import NumberSupport

/// Branches that part at one value and join again.
extension GraphMaker {
  /// Softshrink as exporters write it: as an operator, by two choices, by the sign, by products with 1 and 0.
  mutating func shrink(by end: Double, form: Int) {
    let (x, type) = (data.name, data.type)
    func constant(_ value: Double) -> (inout GraphMaker) -> String {
      { $0.stored([], type, [value]) }
    }
    let rounded = type.format?.rounded(end) ?? end
    let above = constant(rounded)(&self)
    switch form {
    case 0: step("Shrink", [x], ["lambd": .float(Float(end)), "bias": .float(Float(end))])
    case 1:
      let (below, zero) = (constant(-rounded)(&self), constant(0)(&self))
      let right = node("Where", [node("Greater", [x, above]), node("Sub", [x, above]), zero])
      let left = node("Where", [node("Less", [x, below]), node("Add", [x, above]), zero])
      step("Add", [right, left])
    case 2:
      let isFar = node("Greater", [node("Abs", [x]), above])
      let moved = node("Sub", [x, node("Mul", [node("Sign", [x]), above])])
      step("Where", [isFar, moved, constant(0)(&self)])
    default:
      let below = constant(-rounded)(&self)
      let (right, left) = (mask("Greater", x, above), mask("Less", x, below))
      step(
        "Add",
        [
          node("Mul", [right, node("Sub", [x, above])]),
          node("Mul", [node("Add", [x, above]), left]),
        ])
    }
  }

  private mutating func mask(_ comparison: String, _ x: String, _ number: String) -> String {
    node("Cast", [node(comparison, [x, number])], ["to": .int(data.type.rawValue)])
  }

  /// The ReLU of Keras with a largest value and a slope below 0.
  mutating func endedSlope(_ high: Double, _ slope: Double) {
    let (x, type) = (data.name, data.type)
    let most = stored([], type, [high])
    let above = node("Min", [node("Relu", [x]), most])
    let below = node("Mul", [stored([], type, [slope]), node("Relu", [node("Neg", [x])])])
    step("Sub", [above, below])
  }

  /// `x` above a number, that number below, as a sum of products with 1 and 0.
  mutating func maskedEnd(_ number: Double) {
    let (x, type) = (data.name, data.type)
    let end = stored([], type, [number])
    let flag = node("Greater", [x, end])
    let isAbove = node("Cast", [flag], ["to": .int(type.rawValue)])
    let isBelow = node("Cast", [node("Not", [flag])], ["to": .int(type.rawValue)])
    step("Add", [node("Mul", [isAbove, x]), node("Mul", [isBelow, end])])
  }

  /// The data less their mean along the last axis.
  mutating func centred() {
    let (x, axis) = (data.name, data.shape.count - 1)
    let mean = reduction("ReduceMean", x, axes: [axis], keeps: true)
    step("Sub", random.chance(0.7) ? [x, mean] : [mean, x])
  }

  mutating func cumulative() {
    guard graph.opset >= 11 else { return step("Add", [data.name, data.name]) }
    let axis = stored([], .int64, [Double(data.shape.count - 1)])
    step(
      "CumSum", [data.name, axis], ["exclusive": .int(int(0...1)), "reverse": .int(int(0...1))])
  }

  /// Products with two matrices, joined again; with a ReLU on each where they are laid side by side.
  mutating func branches(_ join: String, number: (inout GraphMaker) -> Double) {
    let (x, inner, outer) = (data.name, data.shape[data.shape.count - 1], int(1...2))
    var parts = (0..<2).map { _ in
      let weights = (0..<inner * outer).map { _ in number(&self) }
      return node("MatMul", [x, stored([inner, outer], data.type, weights)])
    }
    if random.chance(0.4) {
      parts[1] = node("Add", [parts[1], stored([], data.type, [number(&self)])])
    }
    data.shape[data.shape.count - 1] = outer
    guard join == "Concat" else { return step(join, parts) }
    data.shape[data.shape.count - 1] = 2 * outer
    step("Concat", parts.map { node("Relu", [$0]) }, ["axis": .int(data.shape.count - 1)])
  }
}
