import Glibc
import NumberSupport

/// Layers on the data's path.
extension GraphMaker {
  private var spatial: [Int] { Array(data.shape.dropFirst(2)) }

  /// Draws by how much a layer scales: large powers of two, as far as the type goes.
  private mutating func drawScale() -> Double {
    guard profile == .scaled, let format = data.type.format else { return 1 }
    let reach = max(1, -Int(format.leastNormal.exponent) / 3)
    let next = int(-reach...reach)
    defer { scale = next }
    return exp2(Double(next - scale))
  }

  /// Scales back.
  private mutating func endScale() -> Double {
    defer { scale = 0 }
    return exp2(Double(-scale))
  }

  /// A linear layer that fits the data's rank.
  mutating func linear(isLast: Bool = false, outputs: Int? = nil) {
    let factor = isLast ? endScale() : drawScale()
    switch data.shape.count {
    case 1: vectorProduct(outputs ?? int(1...4), factor)
    case 2:
      switch int(0...7) {
      case 0...4: gemm(outputs ?? int(1...4), factor)
      case 5 where graph.opset >= 12: contraction(outputs ?? int(1...4), factor)
      default: vectorProduct(outputs ?? int(1...4), factor)
      }
    default:
      switch int(0...7) {
      case 0...2: convolution(factor)
      case 3: transposedConvolution(factor)
      case 4: vectorProduct(int(1...3), factor)
      case 5 where graph.opset >= 12: contraction(int(1...3), factor)
      case 6 where data.shape.count == 4: batchedProduct(int(1...3), factor)
      default: convolution(factor)
      }
    }
  }

  private mutating func scaled(_ count: Int, _ factor: Double) -> [Double] {
    weights(count, data.type).map { $0 * factor }
  }

  private mutating func offsets(_ count: Int) -> [Double] {
    let unit = exp2(Double(scale))
    return weights(count, data.type).map { $0 * unit }
  }

  private mutating func vectorProduct(_ outputs: Int, _ factor: Double) {
    let inputs = data.shape[data.shape.count - 1]
    if data.shape.count == 1, random.chance(0.4) {
      let matrix = constant([outputs, inputs], data.type, scaled(inputs * outputs, factor))
      step("MatMul", [matrix, data.name], shape: [outputs])
      return
    }
    let matrix = constant([inputs, outputs], data.type, scaled(inputs * outputs, factor))
    step("MatMul", [data.name, matrix], shape: data.shape.dropLast() + [outputs])
  }

  /// A matrix of its own for each channel, on either side.
  private mutating func batchedProduct(_ outputs: Int, _ factor: Double) {
    let (channels, rows, columns) = (data.shape[1], data.shape[2], data.shape[3])
    let lead = random.chance(0.5) ? [channels] : [1, channels]
    if random.chance(0.5) {
      let shape = lead + [columns, outputs]
      let matrices = constant(shape, data.type, scaled(shape.reduce(1, *), factor))
      step("MatMul", [data.name, matrices], shape: [1, channels, rows, outputs])
    } else {
      let shape = lead + [outputs, rows]
      let matrices = constant(shape, data.type, scaled(shape.reduce(1, *), factor))
      step("MatMul", [matrices, data.name], shape: [1, channels, outputs, columns])
    }
  }

  /// Einsum of the data and a constant.
  private mutating func contraction(_ outputs: Int, _ factor: Double) {
    let (letters, ways): (String, [(String, String)]) =
      switch data.shape.count {
      case 2: ("bi", [("io", "bo"), ("oi", "bo")])
      case 3:
        ("bcl", [("lo", "bco"), ("oc", "bol"), ("co", "blo"), ("clo", "bco"), ("lco", "bcl")])
      default:
        (
          "bchw",
          [("wo", "bcho"), ("hwo", "bcho"), ("ho", "bcow"), ("co", "bowh"), ("cho", "bcow")]
        )
      }
    var (own, result) = random.pick(ways, or: ways[0])
    // The result's last letter may be one of the data's: a scale for each place, summed over no axis.
    if own.contains("o"), !result.contains("o") { own = String(own.filter { $0 != "o" }) }
    var sizes: [Character: Int] = ["o": outputs]
    for (letter, size) in zip(letters, data.shape) { sizes[letter] = size }
    let shape = own.map { sizes[$0] ?? 1 }
    let weight = constant(shape, data.type, scaled(shape.reduce(1, *), factor))
    let isFirst = random.chance(0.6)
    let terms = isFirst ? "\(letters),\(own)" : "\(own),\(letters)"
    step(
      "Einsum", isFirst ? [data.name, weight] : [weight, data.name],
      ["equation": .string("\(terms)->\(result)")], shape: result.map { sizes[$0] ?? 1 })
  }

  private mutating func gemm(_ outputs: Int, _ factor: Double) {
    let inputs = data.shape[1]
    let isTransposed = random.chance(0.5)
    var attributes: [String: OracleAttribute] = isTransposed ? ["transB": .int(1)] : [:]
    var (alpha, beta) = (1.0, 1.0)
    if random.chance(0.3) {
      alpha = Double(Float(uniform(0.2...3)))
      attributes["alpha"] = .float(Float(alpha))
    }
    if random.chance(0.3) {
      beta = Double(Float(uniform(0.2...3)))
      attributes["beta"] = .float(Float(beta))
    }
    let values = scaled(inputs * outputs, factor / alpha)
    let shape = isTransposed ? [outputs, inputs] : [inputs, outputs]
    var operands = [data.name, constant(shape, data.type, values)]
    if random.chance(0.8) {
      let bias = random.pick([[outputs], [1, outputs], [1], []], or: [outputs])
      let values = offsets(bias.reduce(1, *)).map { $0 / beta }
      operands.append(constant(bias, data.type, values))
    }
    step("Gemm", operands, attributes, shape: [1, outputs])
  }

  private mutating func convolution(_ factor: Double) {
    let channels = data.shape[1]
    let groups = channels > 1 && random.chance(0.4) ? channels : 1
    let outputs = groups * int(1...2)
    let kernel = spatial.map { int(1...min(3, $0)) }
    let pads = random.chance(0.4) ? spatial.map { _ in int(0...1) } : spatial.map { _ in 0 }
    let strides = spatial.map { _ in random.chance(0.3) ? 2 : 1 }
    let attributes: [String: OracleAttribute] = [
      "group": .int(groups), "pads": .ints(pads + pads), "strides": .ints(strides),
    ]
    let shape = [outputs, channels / groups] + kernel
    var operands = [
      data.name, constant(shape, data.type, scaled(shape.reduce(1, *), factor)),
    ]
    if random.chance(0.7) { operands.append(constant([outputs], data.type, offsets(outputs))) }
    let node = OracleNode("Conv", operands, [], attributes)
    let sizes = WindowPlan(node, kernel: kernel).output(spatial)
    step("Conv", operands, attributes, shape: [1, outputs] + sizes)
  }

  private mutating func transposedConvolution(_ factor: Double) {
    let channels = data.shape[1]
    let groups = channels > 1 && random.chance(0.3) ? channels : 1
    let each = int(1...2)
    let kernel = spatial.map { _ in int(1...2) }
    let strides = spatial.map { _ in random.chance(0.3) ? 2 : 1 }
    let shape = [channels, each] + kernel
    var operands = [
      data.name, constant(shape, data.type, scaled(shape.reduce(1, *), factor)),
    ]
    if random.chance(0.6) {
      operands.append(constant([each * groups], data.type, offsets(each * groups)))
    }
    let sizes = spatial.indices.map { (spatial[$0] - 1) * strides[$0] + kernel[$0] }
    step(
      "ConvTranspose", operands, ["group": .int(groups), "strides": .ints(strides)],
      shape: [1, each * groups] + sizes)
  }

  /// A ReLU in one of its forms, or another piecewise linear function.
  mutating func rectifier() {
    let type = data.type
    if random.chance(0.35) { return bend() }
    switch int(0...6) {
    case 0 where graph.opset >= 11 || type == .float32:
      let highs = [nil, Double.infinity, Double(Float.greatestFiniteMagnitude)]
      let high = highs[int(0...2)]
      data.name = clipped(data.name, low: 0, high: high, type)
    case 1: step("Max", [data.name, stored([], type, [0])])
    default: step("Relu", [data.name])
    }
  }

  /// To a matrix of one row.
  mutating func flatten() {
    let count = data.shape.reduce(1, *)
    if data.shape.count > 1, random.chance(0.5) {
      step("Flatten", [data.name], shape: [1, count])
    } else {
      step(
        "Reshape", [data.name, integers([1, random.chance(0.5) ? -1 : count])], shape: [1, count])
    }
  }
}
