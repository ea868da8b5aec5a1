import Glibc
import NumberSupport

/// Elementwise steps, normalisations, poolings and moves on the data's path.
extension GraphMaker {
  /// A step that keeps the network affine.
  mutating func affineStep() {
    switch int(0...10) {
    case 0...4: elementwise()
    case 10: copied()
    case 5, 6: data.shape.count >= 2 ? normalization() : elementwise()
    case 7: data.shape.count >= 3 ? pooling() : elementwise()
    default: move()
    }
  }

  /// The shape of a constant that broadcasts to the data's.
  private mutating func operandShape() -> [Int] {
    let shape = data.shape
    switch int(0...4) {
    case 0: return []
    case 1: return [1]
    case 2 where shape.count >= 3:
      return [shape[1]] + shape.dropFirst(2).map { _ in 1 }
    case 3: return [shape[shape.count - 1]]
    default: return shape
    }
  }

  mutating func elementwise() {
    let shape = operandShape()
    let unit = exp2(Double(scale))
    let shifts = weights(shape.reduce(1, *), data.type).map { $0 * unit }
    let factors = shifts.map { _ in uniform(0.3...3) * (random.chance(0.3) ? -1 : 1) }
    let type = data.type
    switch int(0...8) {
    case 0, 1: step("Add", operands(constant(shape, type, shifts)))
    case 2: step("Sub", [data.name, constant(shape, type, shifts)])
    case 3: step("Sub", [constant(shape, type, shifts), data.name])
    case 4: step("Mul", operands(constant(shape, type, factors)))
    case 5, 6: division(shape, factors)
    case 7:
      let second = operandShape()
      let more = weights(second.reduce(1, *), type).map { $0 * unit }
      let terms = [data.name, constant(shape, type, shifts), constant(second, type, more)]
      step("Sum", terms.shuffled(using: &random))
    default: step("Neg", [data.name])
    }
  }

  private mutating func operands(_ constant: String) -> [String] {
    random.chance(0.5) ? [data.name, constant] : [constant, data.name]
  }

  /// A division; by special divisors the data are scaled up before.
  private mutating func division(_ shape: [Int], _ factors: [Double]) {
    guard profile == .special, random.chance(0.5) else {
      return step("Div", [data.name, constant(shape, data.type, factors)])
    }
    let size = random.pick([1e5, 1e39, 1e-39, 1e-8, 1e4, 0x1p100], or: 1)
    let divisors = factors.map { data.type.format?.rounded($0 * size) ?? size }
    guard divisors.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      return step("Div", [data.name, constant(shape, data.type, factors)])
    }
    if random.chance(0.5) { step("Mul", operands(stored([], data.type, [size]))) }
    step("Div", [data.name, constant(shape, data.type, divisors, depth: 0)])
  }

  private mutating func normalization() {
    let channels = data.shape[1]
    let unit = exp2(Double(scale))
    let special = profile == .special && random.chance(0.5)
    let epsilon = random.pick([1e-5, 1e-3, 1e-12], or: Float(1e-5))
    let variances = (0..<channels).map { _ in
      special
        ? random.pick([1e5, 4.4e-8, 0, 1e-38, 7e4, 1e-20], or: 1) : uniform(0.1...2) * unit * unit
    }
    let sizes = variances.map { ($0 + Double(epsilon)).squareRoot() }
    let keeps = !special || random.chance(0.7)
    let scales = (0..<channels).map { channel in
      uniform(0.3...2) * (keeps ? sizes[channel] : 1) * (random.chance(0.2) ? -1 : 1)
    }
    let shifts = weights(channels, data.type).map { $0 * unit }
    let means = weights(channels, data.type).map { $0 * unit }
    let operands = [scales, shifts, means, variances].map {
      constant([channels], data.type, $0, depth: 1)
    }
    step("BatchNormalization", [data.name] + operands, ["epsilon": .float(epsilon)])
  }

  private mutating func pooling() {
    let sizes = Array(data.shape.dropFirst(2))
    switch int(0...3) {
    case 0:
      step("GlobalAveragePool", [data.name], shape: data.shape.prefix(2) + sizes.map { _ in 1 })
    case 1:
      let axis = data.shape.count - 1
      let op = random.chance(0.5) ? "ReduceMean" : "ReduceSum"
      data.name = reduction(op, data.name, axes: [axis], keeps: true)
      data.shape[axis] = 1
    default:
      let kernel = sizes.map { int(1...min(3, $0)) }
      let hasPads = random.chance(0.4)
      let pads = kernel.map { hasPads && $0 > 1 ? 1 : 0 }
      let attributes: [String: OracleAttribute] = [
        "kernel_shape": .ints(kernel), "strides": .ints(sizes.map { _ in int(1...2) }),
        "pads": .ints(pads + pads), "count_include_pad": .int(int(0...1)),
      ]
      let node = OracleNode("AveragePool", [data.name], [], attributes)
      let output = WindowPlan(node, kernel: kernel).output(sizes)
      step("AveragePool", [data.name], attributes, shape: data.shape.prefix(2) + output)
    }
  }

  /// The data with themselves, more of them, or a part.
  private mutating func copied() {
    let (shape, axis) = (data.shape, data.shape.count - 1)
    switch int(0...3) {
    case 0: step("Add", [data.name, data.name])
    case 1: step("Sum", [String](repeating: data.name, count: int(2...4)))
    case 2 where shape.count >= 3 && shape.reduce(1, *) < 20: resampled()
    default:
      guard shape[axis] > 1 else { return step("Add", [data.name, data.name]) }
      part(axis)
    }
  }

  private mutating func resampled() {
    if random.chance(0.5) { return interpolated() }
    let target = data.shape.enumerated().map { $0 < 2 ? $1 : $1 * int(1...2) }
    let factors = zip(target, data.shape).map { Double($0 / $1) }
    switch graph.opset {
    case ..<10: step("Upsample", [data.name, stored([target.count], .float32, factors)])
    case ..<13:
      let (none, scales) = (stored([0], .float32, []), stored([target.count], .float32, factors))
      step("Resize", graph.opset < 11 ? [data.name, scales] : [data.name, none, scales])
    default:
      let isCentred = random.chance(0.5)
      step(
        "Resize", [data.name, "", "", integers(target)],
        [
          "coordinate_transformation_mode": .string(isCentred ? "half_pixel" : "asymmetric"),
          "nearest_mode": .string(isCentred ? "round_prefer_floor" : "floor"),
        ])
    }
    data.shape = target
  }

  /// Weighted elements, by scales of any kind.
  private mutating func interpolated() {
    let isCubic = graph.opset >= 11 && random.chance(0.4)
    let scales = data.shape.enumerated().map { axis, size in
      axis < 2 ? 1.0 : random.pick([1, 2, 3, 1.5, 0.5, 2.625, 1.125], or: 1)
    }
    let target = zip(data.shape, scales).map { Int(Double($0) * $1) }
    // As many elements as before are copied by some, and an axis needs one.
    let isPlain = zip(zip(data.shape, target), scales).allSatisfy { sizes, scale in
      sizes.1 > 0 && (sizes.0 != sizes.1 || scale == 1)
    }
    guard isPlain, target.reduce(1, *) < 40 else { return step("Neg", [data.name]) }
    var attributes: [String: OracleAttribute] = ["mode": .string(isCubic ? "cubic" : "linear")]
    if isCubic {
      attributes["cubic_coeff_a"] = .float(random.pick([-0.5, -0.75, -0.3], or: -0.5))
      attributes["exclude_outside"] = .int(int(0...1))
    }
    if graph.opset >= 11 {
      attributes["coordinate_transformation_mode"] = .string(
        random.pick(["half_pixel", "asymmetric", "align_corners"], or: "half_pixel"))
    }
    let factors = stored([scales.count], .float32, scales)
    switch graph.opset {
    case ..<10: step("Upsample", [data.name, factors], attributes)
    case ..<11: step("Resize", [data.name, factors], attributes)
    case ..<13: step("Resize", [data.name, stored([0], .float32, []), factors], attributes)
    default:
      let isSized = random.chance(0.4)
      step("Resize", [data.name, ""] + (isSized ? ["", integers(target)] : [factors]), attributes)
    }
    data.shape = target
  }

  /// One of two parts.
  private mutating func part(_ axis: Int) {
    let first = int(1...data.shape[axis] - 1)
    let sizes = [first, data.shape[axis] - first]
    let list = listed(sizes, "split", since: 13)
    let names = [name("c"), name("c")]
    graph.nodes.append(
      OracleNode(
        "Split", [data.name] + list.inputs, names,
        list.attributes.merging(["axis": .int(axis)]) { $1 }))
    let used = int(0...1)
    (data.name, data.shape[axis]) = (names[used], sizes[used])
  }

  /// Moves elements or joins constants to them.
  mutating func move() {
    let (shape, rank) = (data.shape, data.shape.count)
    switch int(0...6) {
    case 0 where shape.reduce(1, *) < 12: concatenation()
    case 1 where rank >= 3: pad()
    case 2 where rank == 3:
      step(
        "Transpose", [data.name], ["perm": .ints([0, 2, 1])], shape: [1, shape[2], shape[1]])
    case 2 where rank == 4:
      step(
        "Transpose", [data.name], ["perm": .ints([0, 1, 3, 2])],
        shape: [1, shape[1], shape[3], shape[2]])
    case 3 where rank == 4 && shape[2] * shape[3] > 1:
      let target = [1, shape[1], shape[2] * shape[3]]
      step("Reshape", [data.name, integers(target)], shape: target)
    case 4:
      let last = shape[rank - 1]
      step(
        "Gather", [data.name, integers(Array((0..<last).reversed()))], ["axis": .int(rank - 1)])
    case 5: step("Identity", [data.name])
    default: widen()
    }
  }

  /// A Cast that loses nothing.
  private mutating func widen() {
    let wider: [OracleType] =
      switch data.type {
      case .float16, .bfloat16: [.float32, .float64, data.type]
      case .float32: [.float32, .float64]
      default: [.float64]
      }
    data.type = random.pick(wider, or: data.type)
    step("Cast", [data.name], ["to": .int(data.type.rawValue)])
  }

  private mutating func concatenation() {
    let axis = data.shape.count - 1
    var shape = data.shape
    shape[axis] = 1
    let values = weights(shape.reduce(1, *), data.type).map { $0 * exp2(Double(scale)) }
    let other = constant(shape, data.type, values, depth: random.chance(0.3) ? 1 : 0)
    step("Concat", operands(other), ["axis": .int(axis)])
    data.shape[axis] += 1
  }

  private mutating func pad() {
    let (rank, axis) = (data.shape.count, data.shape.count - 1)
    var pads = [Int](repeating: 0, count: 2 * rank)
    (pads[axis], pads[rank + axis]) = (int(0...1), int(0...1))
    let value = random.chance(0.5) ? 0 : ordinary()
    data.shape[axis] += pads[axis] + pads[rank + axis]
    guard graph.opset >= 11 else {
      return step("Pad", [data.name], ["pads": .ints(pads), "value": .float(Float(value))])
    }
    step("Pad", [data.name, integers(pads), stored([], data.type, [value])])
  }
}
