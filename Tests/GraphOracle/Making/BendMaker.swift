import Glibc
import NumberSupport

/// Piecewise linear steps that are no ReLU as they stand.
extension GraphMaker {
  /// A clip, a leaky ReLU, an absolute value, an extremum with constants or a max pooling.
  mutating func bend() {
    let type = data.type
    switch int(0...6) {
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
    default:
      guard data.shape.count >= 3 else { return step("Abs", [data.name]) }
      maxPool()
    }
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
