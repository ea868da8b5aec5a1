import NumberSupport

/// The windows of a convolution or pooling over any number of spatial axes.
struct WindowPlan {
  var kernel, strides, dilations, before, after: [Int]

  init(_ node: OracleNode, kernel: [Int]) {
    let rank = kernel.count
    let pads = node.ints("pads") ?? [Int](repeating: 0, count: 2 * rank)
    self.kernel = kernel
    strides = node.ints("strides") ?? [Int](repeating: 1, count: rank)
    dilations = node.ints("dilations") ?? [Int](repeating: 1, count: rank)
    (before, after) = (Array(pads[..<rank]), Array(pads[rank...]))
  }

  func output(_ sizes: [Int]) -> [Int] {
    sizes.indices.map { axis in
      let extent = (kernel[axis] - 1) * dilations[axis] + 1
      return (sizes[axis] + before[axis] + after[axis] - extent) / strides[axis] + 1
    }
  }

  /// The place of a tap of a window, which may lie in the padding.
  func place(_ window: [Int], _ tap: [Int]) -> [Int] {
    tap.indices.map { window[$0] * strides[$0] - before[$0] + tap[$0] * dilations[$0] }
  }
}

private func isInside(_ place: [Int], _ sizes: [Int]) -> Bool {
  zip(place, sizes).allSatisfy { $0 >= 0 && $0 < $1 }
}

extension NodeEvaluator {
  mutating func convolution(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let (x, w) = (tensors[0], tensors[1])
    let bias = tensors.count > 2 ? tensors[2] : nil
    let groups = node.int("group", 1)
    let plan = WindowPlan(node, kernel: Array(w.shape[2...]))
    let sizes = Array(x.shape[2...])
    let (outputs, depth) = (w.shape[0], w.shape[1])
    let isLate = system.way(of: 2) == 1
    let role = Role(x.type, isData: isData)
    let shape = [x.shape[0], outputs] + plan.output(sizes)
    var numbers: [Number] = []
    for index in indices(of: shape) {
      let group = index[1] / (outputs / groups)
      var terms: [Term<Number>] = []
      for tap in indices(of: [depth] + plan.kernel) {
        let place = plan.place(Array(index[2...]), Array(tap[1...]))
        guard isInside(place, sizes) else { continue }
        terms.append(
          .product(x[[index[0], group * depth + tap[0]] + place], w[[index[1]] + tap]))
      }
      numbers.append(affine(terms, bias: bias?.numbers[index[1]], role, isLate: isLate))
    }
    return Tensor(shape, x.type, isData: isData, numbers)
  }

  /// Every input element is spread over the window that it belongs to.
  mutating func transposedConvolution(_ node: OracleNode) -> Tensor {
    let (tensors, isData) = operands(node)
    let (x, w) = (tensors[0], tensors[1])
    let bias = tensors.count > 2 ? tensors[2] : nil
    let groups = node.int("group", 1)
    let plan = WindowPlan(node, kernel: Array(w.shape[2...]))
    let sizes = Array(x.shape[2...])
    let extra = node.ints("output_padding") ?? sizes.map { _ in 0 }
    let spatial = sizes.indices.map { axis in
      (sizes[axis] - 1) * plan.strides[axis] + (plan.kernel[axis] - 1) * plan.dilations[axis] + 1
        + extra[axis] - plan.before[axis] - plan.after[axis]
    }
    let (depth, each) = (x.shape[1] / groups, w.shape[1])
    let shape = [x.shape[0], each * groups] + spatial
    var terms = [[Term<Number>]](repeating: [], count: shape.reduce(1, *))
    for source in indices(of: x.shape) {
      let group = source[1] / depth
      for tap in indices(of: [each] + plan.kernel) {
        let place = plan.place(Array(source[2...]), Array(tap[1...]))
        guard isInside(place, spatial) else { continue }
        let target = GraphOracle.place(
          [source[0], group * each + tap[0]] + place, in: shape)
        terms[target].append(.product(x[source], w[[source[1]] + tap]))
      }
    }
    let role = Role(x.type, isData: isData)
    let isLate = system.way(of: 2) == 1
    var numbers: [Number] = []
    for (index, own) in zip(indices(of: shape), terms) {
      numbers.append(affine(own, bias: bias?.numbers[index[1]], role, isLate: isLate))
    }
    return Tensor(shape, x.type, isData: isData, numbers)
  }

  /// The mean of every window, padding counted where the file says so.
  mutating func pooling(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let sizes = Array(x.shape[2...])
    let isGlobal = node.op == "GlobalAveragePool"
    let plan = WindowPlan(node, kernel: isGlobal ? sizes : node.ints("kernel_shape") ?? sizes)
    let counts = node.int("count_include_pad", 0) == 1
    let shape = Array(x.shape[..<2]) + plan.output(sizes)
    let way = system.way(of: 3)
    let role = Role(x.type, isData: x.isData)
    var numbers: [Number] = []
    for index in indices(of: shape) {
      let taps = indices(of: plan.kernel)
      let inside = taps.map { plan.place(Array(index[2...]), $0) }.filter { isInside($0, sizes) }
      let elements = inside.map { x[Array(index[..<2]) + $0] }
      numbers.append(mean(of: elements, over: counts ? taps.count : inside.count, way, role))
    }
    return Tensor(shape, x.type, isData: x.isData, numbers)
  }

  /// A sum divided by a count, times its rounded reciprocal, or of products with that.
  mutating func mean(
    of elements: [Number], over count: Int, _ way: Int, _ role: Role
  ) -> Number {
    let divisor = system.stored(Double(count))
    guard way > 0 else {
      return system.quotient(system.sum(elements.map { .number($0) }, role), divisor, role)
    }
    let factor = system.quotient(system.stored(1), divisor, role)
    if way == 1 {
      let sum = system.sum(elements.map { .number($0) }, role)
      return system.product(sum, factor, role)
    }
    return system.sum(elements.map { .product($0, factor) }, role)
  }

  mutating func reduction(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    var axes = integers(node, input: 1, "axes") ?? []
    if axes.isEmpty {
      if node.int("noop_with_empty_axes", 0) == 1 { return x }
      axes = Array(x.shape.indices)
    }
    let reduced = Set(axes.map { $0 < 0 ? $0 + x.shape.count : $0 })
    let kept = x.shape.indices.map { reduced.contains($0) ? 1 : x.shape[$0] }
    var groups = [[Number]](repeating: [], count: kept.reduce(1, *))
    for index in indices(of: x.shape) {
      let own = index.indices.map { reduced.contains($0) ? 0 : index[$0] }
      groups[GraphOracle.place(own, in: kept)].append(x[index])
    }
    let way = system.way(of: 3)
    let role = Role(x.type, isData: x.isData)
    var numbers: [Number] = []
    for group in groups { numbers.append(combined(node.op, group, way, role)) }
    let shape =
      node.int("keepdims", 1) == 1
      ? kept : x.shape.indices.filter { !reduced.contains($0) }.map { x.shape[$0] }
    return Tensor(shape, x.type, isData: x.isData, numbers)
  }

  private mutating func combined(
    _ op: String, _ group: [Number], _ way: Int, _ role: Role
  ) -> Number {
    switch op {
    case "ReduceMean": return mean(of: group, over: group.count, way, role)
    case "ReduceMax": return group.dropFirst().reduce(group[0]) { system.largest($0, $1) }
    case "ReduceMin": return group.dropFirst().reduce(group[0]) { system.smallest($0, $1) }
    case "ReduceProd":
      var product = group[0]
      for factor in group.dropFirst() { product = system.product(product, factor, role) }
      return product
    case "ReduceL1":
      let zero = system.stored(0)
      return system.sum(
        group.map { .number(system.isLess($0, zero) ? system.negative($0) : $0) }, role)
    case "ReduceL2", "ReduceSumSquare":
      let sum = system.sum(group.map { .product($0, $0) }, role)
      return op == "ReduceL2" ? system.root(sum, role) : sum
    default: return system.sum(group.map { .number($0) }, role)
    }
  }
}
