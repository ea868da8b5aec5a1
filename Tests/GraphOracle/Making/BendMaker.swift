import Glibc
import NumberSupport

/// Piecewise linear steps that are no ReLU as they stand.
extension GraphMaker {
  /// A clip, a leaky ReLU, an absolute value, an extremum with constants or a max pooling.
  mutating func bend() {
    let type = data.type
    switch int(0...12) {
    case 0 where graph.opset >= 11 || type == .float32:
      let low = ordinary() * exp2(Double(scale))
      let high = low + uniform(0...3) * exp2(Double(scale))
      let ends = int(0...3)
      data.name = clipped(
        data.name, low: ends == 0 ? nil : low, high: ends == 1 ? nil : high, type)
    case 1: step("LeakyRelu", [data.name], ["alpha": .float(Float(uniform(-0.5...0.9)))])
    case 2:
      let slopes = data.shape.dropFirst().reduce(1, *)
      let shape = random.chance(0.5) ? Array(data.shape.dropFirst()) : []
      let values = (0..<(shape.isEmpty ? 1 : slopes)).map { _ in uniform(-0.5...0.9) }
      step("PRelu", [data.name, stored(shape, type, values)])
    case 3: step("Abs", [data.name])
    case 4:
      let end = ordinary() * exp2(Double(scale))
      step(random.chance(0.5) ? "Max" : "Min", [data.name, stored([], type, [end])])
    case 5, 6: choice()
    case 9: inBranches()
    case 10:
      branches(random.pick(["Add", "Sub", "Max", "Min", "Concat"], or: "Add")) { $0.ordinary() }
    case 11: random.chance(0.6) ? centred() : cumulative()
    default:
      guard data.shape.count >= 3 else { return step("Abs", [data.name]) }
      maxPool()
    }
  }

  /// A function of one variable in several nodes.
  private mutating func inBranches() {
    let unit = exp2(Double(scale))
    switch int(0...3) {
    case 0, 1: shrink(by: uniform(0.1...1.5) * unit, form: int((graph.opset < 9 ? 1 : 0)...3))
    case 2: endedSlope(uniform(0.1...2) * unit, uniform(-0.5...1.5))
    default: maskedEnd(ordinary() * unit)
    }
  }

  /// A function of one variable as a choice by a comparison with 0.
  private mutating func choice() {
    let (x, type) = (data.name, data.type)
    // The comparisons that take equality, too, are younger.
    let young = graph.opset >= 12 && random.chance(0.5) ? "OrEqual" : ""
    let name = (random.chance(0.5) ? "Greater" : "Less") + young
    let isFirst = random.chance(0.5)
    let zero = stored(random.chance(0.5) ? [] : [1], type, [0])
    let condition = node(name, isFirst ? [x, zero] : [zero, x])
    let asksAbove = name.hasPrefix("Greater") == isFirst
    var (above, below) = (x, x)
    switch int(0...4) {
    case 0: below = stored([], type, [0])
    case 1: above = stored([1], type, [0])
    case 2: below = node("Neg", [x])
    case 3:
      let slope = stored([], type, [uniform(-0.5...1.5)])
      below = node("Mul", random.chance(0.5) ? [x, slope] : [slope, x])
    default:
      let shape = Array(data.shape.dropFirst())
      let slopes = (0..<shape.reduce(1, *)).map { _ in uniform(-0.5...1.5) }
      below = node("Mul", [x, stored(shape, type, slopes)])
    }
    step("Where", asksAbove ? [condition, above, below] : [condition, below, above])
  }

  /// Max pooling in front of a ReLU, behind one, or between linear layers.
  private mutating func maxPool() {
    let place = int(0...2)
    if place == 0 { step("Relu", [data.name]) }
    let sizes = Array(data.shape.dropFirst(2))
    if random.chance(0.2) {
      step("GlobalMaxPool", [data.name], shape: data.shape.prefix(2) + sizes.map { _ in 1 })
    } else {
      let kernel = sizes.map { int(1...min(3, $0)) }
      let hasPads = random.chance(0.3)
      let pads = kernel.map { hasPads && $0 > 1 ? 1 : 0 }
      let attributes: [String: OracleAttribute] = [
        "kernel_shape": .ints(kernel), "strides": .ints(sizes.map { _ in int(1...2) }),
        "pads": .ints(pads + pads),
      ]
      let plan = WindowPlan(OracleNode("MaxPool", [data.name], [], attributes), kernel: kernel)
      step("MaxPool", [data.name], attributes, shape: data.shape.prefix(2) + plan.output(sizes))
    }
    if place == 1 { step("Relu", [data.name]) }
  }
}
