import NumberSupport

/// Piecewise linear operators that are no ReLU as they stand.
extension NodeEvaluator {
  /// LeakyRelu and PRelu with slopes below 1, and Abs of the data: the larger of two lines.
  mutating func bent(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let x = tensors[0]
    let role = Role(x.type, isData: isData, isElementwise: true)
    let alpha = system.stored(node.float("alpha", 0.01))
    let slope = isData ? system.loaded(alpha) : alpha
    var numbers: [Number] = []
    for (index, element) in zip(indices(of: x.shape), x.numbers) {
      let other: Number =
        switch node.op {
        case "Abs": system.negative(element)
        case "PRelu": system.product(tensors[1].broadcast(at: index), element, role)
        default: system.product(slope, element, role)
        }
      numbers.append(system.largest(element, other))
    }
    return Tensor(x.shape, x.type, isData: isData, numbers)
  }

  /// The largest element of every window; what lies in the padding is none.
  mutating func maxPooling(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let sizes = Array(x.shape[2...])
    let kernel = node.op == "GlobalMaxPool" ? sizes : node.ints("kernel_shape") ?? sizes
    let plan = WindowPlan(node, kernel: kernel)
    let shape = Array(x.shape[..<2]) + plan.output(sizes)
    let numbers = indices(of: shape).map { index in
      let places = indices(of: kernel).map { plan.place(Array(index[2...]), $0) }
      let inside = places.filter { place in
        zip(place, sizes).allSatisfy { $0 >= 0 && $0 < $1 }
      }
      let elements = inside.map { x[Array(index[..<2]) + $0] }
      return elements.dropFirst().reduce(elements[0]) { system.largest($0, $1) }
    }
    return Tensor(shape, x.type, isData: x.isData, numbers)
  }
}
