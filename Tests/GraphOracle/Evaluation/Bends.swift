import NumberSupport

/// Piecewise linear operators that are no ReLU as they stand.
extension NodeEvaluator {
  /// LeakyRelu, PRelu, Abs of the data and ThresholdedRelu at 0: another line below 0.
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
        case "ThresholdedRelu": system.stored(0)
        case "PRelu": system.product(tensors[1].broadcast(at: index), element, role)
        default: system.product(slope, element, role)
        }
      numbers.append(system.isLess(element, system.stored(0)) ? other : element)
    }
    return Tensor(x.shape, x.type, isData: isData, numbers)
  }

  /// `max(0, min(1, alpha x + beta))`.
  mutating func hardSigmoid(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let x = tensors[0]
    let role = Role(x.type, isData: isData, isElementwise: true)
    let alpha = system.loaded(system.stored(node.float("alpha", 0.2)))
    let beta = system.loaded(system.stored(node.float("beta", 0.5)))
    var numbers: [Number] = []
    for element in x.numbers {
      let line = system.sum([.product(alpha, element), .number(beta)], role)
      numbers.append(system.largest(system.stored(0), system.smallest(system.stored(1), line)))
    }
    return Tensor(x.shape, x.type, isData: isData, numbers)
  }

  /// Scaler of ai.onnx.ml: `(x - offset) scale`, by features, the last axis.
  mutating func scaled(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let x = tensors[0]
    let role = Role(x.type, isData: isData, isElementwise: true)
    let (offsets, scales) = (node.floats("offset"), node.floats("scale"))
    var numbers: [Number] = []
    for (place, element) in x.numbers.enumerated() {
      let offset = system.loaded(system.stored(-offsets[place % offsets.count]))
      let scale = system.loaded(system.stored(scales[place % scales.count]))
      numbers.append(system.product(system.total(element, offset, role), scale, role))
    }
    return Tensor(x.shape, x.type, isData: isData, numbers)
  }

  /// `(q - zero) scale` of constants, a scale for all or for each place along an axis.
  mutating func dequantised(_ node: OracleNode) -> Tensor {
    let (codes, scales, zeros) = (required(node, 0), required(node, 1), required(node, 2))
    let role = Role(scales.type, isData: false)
    let axis = node.int("axis", 1)
    var numbers: [Number] = []
    for (index, code) in zip(indices(of: codes.shape), codes.numbers) {
      let place = scales.numbers.count == 1 ? 0 : index[axis]
      let steps = system.total(code, system.negative(zeros.numbers[place]), role)
      numbers.append(system.product(steps, scales.numbers[place], role))
    }
    return Tensor(codes.shape, scales.type, isData: false, numbers)
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
