import NumberSupport

/// What is written as another linear operator.
extension GraphMaker {
  mutating func linear(_ kind: Rewriting) {
    switch kind {
    case .resize: resized()
    case .tuples: tuples()
    case .movedSum: movedSum()
    case .linearResize, .cubicResize: interpolated(isCubic: kind == .cubicResize)
    case .split: parted()
    case .copies:
      let count = int(2...3)
      if count == 2, random.chance(0.5) { return step("Add", [data.name, data.name]) }
      step("Sum", [String](repeating: data.name, count: count))
    case .contraction: contraction()
    case .batchedProduct:
      // A matrix for each of two rows.
      step("MatMul", [data.name, stored([2, 2, 2], data.type, quarters(8))])
    case .scaler:
      let count = data.shape[data.shape.count - 1]
      let features = random.chance(0.3) ? 1 : count
      step(
        "Scaler", [data.name],
        [
          "offset": .floats(quarters(features).map { Float($0) }),
          "scale": .floats(quarters(features, 1...6).map { Float($0) }),
        ])
      graph.nodes[graph.nodes.count - 1].domain = "ai.onnx.ml"
    case .volume, .volumeMaximum, .volumeMean: windowed(kind)
    case .regression:
      // It computes in binary32 alone.
      guard data.type == .float32 else { return step("Neg", [data.name]) }
      let (inner, outer) = (data.shape[1], int(1...2))
      step(
        "LinearRegressor", [data.name],
        [
          "coefficients": .floats(quarters(inner * outer).map { Float($0) }),
          "intercepts": .floats(quarters(outer).map { Float($0) }), "targets": .int(outer),
        ], shape: [1, outer])
      graph.nodes[graph.nodes.count - 1].domain = "ai.onnx.ml"
    case .bytes, .byteEnds:
      if kind == .byteEnds { byteEnds() }
      step("Cast", [data.name], ["to": .int(OracleType.float32.rawValue)])
      data.type = .float32
      step("Mul", [data.name, stored([], .float32, [0.0625])])
    default: dequantised()
    }
  }

  /// Windows over three axes.
  private mutating func windowed(_ kind: Rewriting) {
    let sizes = Array(data.shape.dropFirst(2))
    let kernel = sizes.map { int(1...min(2, $0)) }
    let pads = kernel.map { $0 > 1 && random.chance(0.3) ? 1 : 0 }
    var attributes: [String: OracleAttribute] = [
      "kernel_shape": .ints(kernel), "strides": .ints(sizes.map { _ in int(1...2) }),
      "pads": .ints(pads + pads),
    ]
    let output = WindowPlan(OracleNode("Conv", [], [], attributes), kernel: kernel).output(sizes)
    switch kind {
    case .volume:
      let (inner, outer) = (data.shape[1], int(1...2))
      let shape = [outer, inner] + kernel
      let weights = stored(shape, data.type, quarters(shape.reduce(1, *)))
      let bias = stored([outer], data.type, quarters(outer))
      step("Conv", [data.name, weights, bias], attributes, shape: [1, outer] + output)
    case .volumeMaximum:
      step("MaxPool", [data.name], attributes, shape: data.shape.prefix(2) + output)
    default:
      attributes["count_include_pad"] = .int(int(0...1))
      step("AveragePool", [data.name], attributes, shape: data.shape.prefix(2) + output)
    }
  }

  /// What several nodes make of the same values.
  mutating func inPieces(_ kind: Rewriting) {
    let x = data.name
    let axis = data.shape.count - 1
    switch kind {
    case .slopeInPieces:
      // relu(x) - a relu(-x), as Keras writes its PReLU.
      let below = node("Relu", [node("Neg", [x])])
      let scaled = node("Mul", [operand(-6...8), below])
      step(random.chance(0.5) ? "Add" : "Sub", [node("Relu", [x]), scaled])
    case .largestLine: step("Max", [x, node("Mul", [x, operand(-6...8)])])
    case .smallestLine: step("Min", [node("Mul", [x, operand(-6...8)]), x])
    case .largestOfAxis, .smallestOfAxis:
      let keeps = axis > 1 && random.chance(0.5)
      let op = kind == .largestOfAxis ? "ReduceMax" : "ReduceMin"
      // Of two features at least, or nothing is left to compare.
      data.name = reduction(op, x, axes: [axis], keeps: keeps || axis == 1)
      if keeps || axis == 1 { data.shape[axis] = 1 } else { data.shape.removeLast() }
    case .negatives:
      let parts = [x, node("Neg", [x])].shuffled(using: &random)
      step("Concat", parts, ["axis": .int(axis)])
      data.shape[axis] *= 2
    case .rotation:
      let size = data.shape[1]
      let place = int(1...size - 1)
      step("Concat", [slice(x, place, size), slice(x, 0, place)], ["axis": .int(1)])
    default:
      let count = int(1...3)
      let size = data.shape[1]
      let places = integers((0..<count).map { _ in int(0...size - 1) })
      step("ArrayFeatureExtractor", [x, places], shape: [1, count])
      graph.nodes[graph.nodes.count - 1].domain = "ai.onnx.ml"
    }
  }

  /// Some features of a row.
  private mutating func slice(_ x: String, _ start: Int, _ end: Int) -> String {
    guard graph.opset >= 10 else {
      return node(
        "Slice", [x], ["starts": .ints([start]), "ends": .ints([end]), "axes": .ints([1])])
    }
    return node("Slice", [x, integers([start]), integers([end]), integers([1])])
  }

  /// Nearest elements, by a whole factor along the last axis.
  private mutating func resized() {
    let factors = data.shape.indices.map { $0 == data.shape.count - 1 ? 2.0 : 1 }
    let shape = data.shape.dropLast() + [2 * data.shape[data.shape.count - 1]]
    guard graph.opset >= 11 else {
      let scales = stored([factors.count], .float32, factors)
      return step(
        "Upsample", [data.name, scales], ["mode": .string("nearest")], shape: Array(shape))
    }
    let scales = stored([factors.count], .float32, factors)
    let mode = random.pick(["asymmetric", "tf_half_pixel_for_nn"], or: "asymmetric")
    step(
      "Resize", [data.name, "", scales],
      [
        "mode": .string("nearest"), "nearest_mode": .string("floor"),
        "coordinate_transformation_mode": .string(mode),
      ], shape: Array(shape))
  }

  /// Weighted elements along the last axis, or the last two, with scales that leave weights few digits.
  private mutating func interpolated(isCubic: Bool) {
    let isEarly = graph.opset < 11
    let scales = data.shape.enumerated().map { axis, size in
      axis < 2 || size == 1 ? 1.0 : size % 2 == 0 ? random.pick([2, 2, 0.5], or: 2) : 2
    }
    let shape = zip(data.shape, scales).map { Int(Double($0) * $1) }
    let factors = stored([scales.count], .float32, scales)
    guard !isEarly else {
      return step(
        "Resize", [data.name, factors], ["mode": .string("linear")], shape: shape)
    }
    let position = random.pick(
      ["half_pixel", "asymmetric", "pytorch_half_pixel"], or: "half_pixel")
    var attributes: [String: OracleAttribute] = [
      "mode": .string(isCubic ? "cubic" : "linear"),
      "coordinate_transformation_mode": .string(position),
    ]
    if isCubic {
      attributes["cubic_coeff_a"] = .float(random.pick([-0.5, -0.75, -1], or: -0.5))
    }
    let none = graph.opset < 13 ? stored([0], .float32, []) : ""
    step("Resize", [data.name, none, factors], attributes, shape: shape)
  }

  /// Elements by tuples of indices.
  private mutating func tuples() {
    guard graph.opset >= 11 else { return step("Neg", [data.name]) }
    let (count, width) = (int(2...3), int(2...data.shape.count))
    let indices = (0..<count).flatMap { _ in
      data.shape.prefix(width).map { Double(int(-$0...$0 - 1)) }
    }
    let shape = [1, count] + data.shape.dropFirst(width)
    step(
      "GatherND", [data.name, stored([1, count, width], .int64, indices)], shape: shape)
  }

  /// The data in other orders, added up, now and then with what was added up before.
  private mutating func movedSum() {
    let (x, size) = (data.name, data.shape[1])
    func moved() -> (inout GraphMaker) -> String {
      { maker in
        let order = (0..<size).map { _ in maker.int(0...size - 1) }
        return maker.node("Gather", [x, maker.integers(order)], ["axis": .int(1)])
      }
    }
    let first = node(random.chance(0.5) ? "Add" : "Sub", [x, moved()(&self)])
    step(random.chance(0.5) ? "Add" : "Sub", [first, moved()(&self)].shuffled(using: &random))
  }

  /// Bytes between two others, before anything makes numbers of them.
  private mutating func byteEnds() {
    func byte(_ range: ClosedRange<Int>) -> (inout GraphMaker) -> String {
      { maker in
        let shape = maker.random.chance(0.5) ? [] : Array(maker.data.shape.dropFirst())
        let values = (0..<shape.reduce(1, *)).map { _ in
          Double(Int.random(in: range, using: &maker.random))
        }
        return maker.stored(shape, .uint8, values)
      }
    }
    switch int(0...2) {
    case 0:
      let ends = [Double(int(0...6)), Double(int(4...24))].map { stored([], .uint8, [$0]) }
      step("Clip", [data.name] + (random.chance(0.3) ? ["", ends[1]] : ends))
    case 1: step("Max", [byte(0...8)(&self), data.name])
    default: step("Min", [data.name, byte(2...24)(&self)])
    }
  }

  /// Which of two values an element is, by a stored mask.
  mutating func masked(_ kind: Rewriting) {
    let shape = random.chance(0.3) ? data.shape : Array(data.shape.dropFirst())
    func mask(_ shape: [Int]) -> (inout GraphMaker) -> String {
      { maker in
        let values = (0..<shape.reduce(1, *)).map { _ in
          Double(Int.random(in: 0...1, using: &maker.random))
        }
        return maker.stored(shape, .bool, values)
      }
    }
    let x = data.name
    var parts: [String]
    switch kind {
    case .maskedConstants: parts = [x, operand(-6...6)]
    case .maskedSlopes:
      let other = random.chance(0.5) ? node("Relu", [x]) : node("Neg", [x])
      parts = [node("Mul", [x, operand(-6...8)]), other]
    default:
      let (inner, outer) = (data.shape[data.shape.count - 1], int(2...3))
      parts = (0..<2).map { _ in
        node("MatMul", [x, stored([inner, outer], data.type, quarters(inner * outer))])
      }
      data.shape[data.shape.count - 1] = outer
      return step("Where", [mask([outer])(&self)] + parts)
    }
    parts.shuffle(using: &random)
    step("Where", [mask(shape)(&self)] + parts)
  }

  /// One part of two, of which the other is not used.
  private mutating func parted() {
    let axis = data.shape.count - 1
    let size = data.shape[axis]
    guard size >= 2 else { return }
    let first = int(1...size - 1)
    let list = listed([first, size - first], "split", since: 13)
    let names = [name("c"), name("c")]
    graph.nodes.append(
      OracleNode(
        "Split", [data.name] + list.inputs, names,
        list.attributes.merging(["axis": .int(axis)]) { $1 }))
    let part = int(0...1)
    data.name = names[part]
    data.shape[axis] = part == 0 ? first : size - first
  }

  private mutating func contraction() {
    guard graph.opset >= 12 else { return step("Add", [data.name, data.name]) }
    let inner = data.shape[1]
    let isImage = data.shape.count == 3
    let weights = stored([inner, 2], data.type, quarters(2 * inner))
    step(
      "Einsum", [data.name, weights],
      ["equation": .string(isImage ? "bcw,cd->bdw" : "bc,cd->bd")],
      shape: [1, 2] + data.shape.dropFirst(2))
  }

  /// A matrix whose weights are stored as small integers, a scale for all or for each column.
  private mutating func dequantised() {
    let (inner, outer) = (data.shape[data.shape.count - 1], 2)
    let isSplit = graph.opset >= 13 && random.chance(0.5)
    let codes = stored([inner, outer], .int8, (0..<inner * outer).map { _ in Double(int(-9...9)) })
    let scales = isSplit ? quarters(outer, 1...3) : [0.25]
    let zeros = scales.map { _ in Double(int(-3...3)) }
    let shape = isSplit ? [outer] : []
    let weights = node(
      "DequantizeLinear",
      [codes, stored(shape, .float32, scales), stored(shape, .int8, zeros)],
      isSplit ? ["axis": .int(1)] : [:])
    step("MatMul", [data.name, weights], shape: data.shape.dropLast() + [outer])
  }
}
