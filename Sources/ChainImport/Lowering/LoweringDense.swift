import NetworkGraph
import ReLUChain

extension Lowering {
  /// Gemm: `alpha A' B' + beta C` with the data as A or as B.
  func gemm() throws(NodeRefusal) -> Lowered {
    let isFirst = dataIndex == 0
    guard dataIndex < 2 else {
      throw NodeRefusal("the data is its C; expected it as a factor of the product")
    }
    guard data.shape.count == 2 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected a matrix of rank 2")
    }
    let matrix = try call.constant(isFirst ? 1 : 0, "weight")
    let isDataTransposed = try call.flag(isFirst ? "transA" : "transB")
    let isMatrixTransposed = try call.flag(isFirst ? "transB" : "transA")
    let contracted = isFirst == isDataTransposed ? 0 : 1
    guard data.batchAxis != contracted else { throw mixing("multiplies") }
    let inputs = data.shape[contracted]
    let positions = data.shape[1 - contracted]
    // The weight's own axis of inputs: B is [inputs, outputs], A is [outputs, inputs].
    let inputAxis = isFirst == isMatrixTransposed ? 1 : 0
    guard matrix.shape.count == 2, matrix.shape[inputAxis] == inputs else {
      let outputs = matrix.shape.count == 2 ? "\(matrix.shape[1 - inputAxis])" : "outputs"
      let expected = inputAxis == 1 ? "[\(outputs), \(inputs)]" : "[\(inputs), \(outputs)]"
      throw mismatch("weight", matrix.shape, expected: expected)
    }
    let outputs = matrix.shape[1 - inputAxis]
    let shape = isFirst ? [positions, outputs] : [outputs, positions]
    var product = try MatrixProduct(
      matrix, inputs: inputs, outputs: outputs, isTransposed: inputAxis == 0)
    let alpha = try call.float("alpha", default: 1)
    guard alpha.isFinite else { throw NodeRefusal("alpha is \(alpha); expected a finite number") }
    let beta = try call.float("beta", default: 1)
    let bias = try gemmBias(shape: shape, beta: beta)
    var held: [HeldNumber] = []
    if beta != 1, let own = try call.optionalConstant(2, "bias") {
      held = [HeldNumber("bias", own.doubles), HeldNumber("beta times bias", bias?.doubles ?? [])]
    }
    var steps = try self.steps(
      of: &product, bias: alpha == 1 ? bias : nil,
      from: contracted == 1
        ? MatrixLayout(outer: positions, inner: 1) : MatrixLayout(outer: 1, inner: positions),
      to: isFirst
        ? MatrixLayout(outer: positions, inner: 1) : MatrixLayout(outer: 1, inner: positions),
      shape: shape, holding: held)
    if alpha != 1 { steps += try scaled(by: alpha, bias, shape: shape) }
    return Lowered(
      shape: shape, batchAxis: data.batchAxis.map { _ in isFirst ? 0 : 1 },
      elementType: data.elementType, steps: steps)
  }

  /// `alpha y + beta C` behind the product `y = A' B'`, which a deployed network may hold and
  /// overflow in: alpha is not folded into the weights.
  private func scaled(
    by alpha: Double, _ bias: Constant?, shape: [Int]
  ) throws(NodeRefusal) -> [Step] {
    let unitShape = ReLUChain.withoutBatch(shape, batchAxis: nil)
    let count = try elementCount(of: unitShape)
    var steps = [
      try factor([Double](repeating: alpha, count: count), .none, deployed: 1, unitShape)
    ]
    if let bias { steps.append(try shift(by: bias, shape: unitShape)) }
    return steps
  }

  /// `beta C`, spread over the result; nil where there is none.
  private func gemmBias(shape: [Int], beta: Double) throws(NodeRefusal) -> Constant? {
    guard var bias = try call.optionalConstant(2, "bias"), beta != 0 else { return nil }
    guard (try? broadcastShape(bias.shape, shape)) == shape else {
      throw NodeRefusal(
        "bias is \(shapeText(bias.shape)); expected a shape that broadcasts to \(shapeText(shape))")
    }
    if beta != 1 {
      let factor = Constant(
        name: "beta", shape: [], elementType: bias.elementType, elements: .double([beta]))
      bias = try call.product(bias, factor, budget)
    }
    bias.elements = .double(try bias.weights(as: "bias"))
    let map = try AxisMap.broadcasting(bias.shape, with: shape)
    return try bias.mapped(by: map, name: bias.name, budget: budget)
  }
}

extension Lowering {
  /// MatMul with a constant on either side.
  func matrixProduct() throws(NodeRefusal) -> Lowered {
    let isFirst = dataIndex == 0
    let matrix = try call.constant(isFirst ? 1 : 0, "weight")
    let lead = matrix.shape.dropLast(2)
    if !data.shape.isEmpty, lead.contains(where: { $0 != 1 }) { return try batchedProduct(matrix) }
    let sides = Array(matrix.shape.suffix(2))
    guard !sides.isEmpty, !data.shape.isEmpty, lead.allSatisfy({ $0 == 1 }) else {
      throw mismatch("weight", matrix.shape, expected: "a matrix or a vector")
    }
    let rank = data.shape.count
    let contracted = isFirst || rank == 1 ? rank - 1 : rank - 2
    guard data.batchAxis != contracted else { throw mixing("multiplies") }
    let inputs = data.shape[contracted]
    // A vector has no axis of outputs; B is [inputs, outputs], A is [outputs, inputs].
    let inputAxis = isFirst ? 0 : sides.count - 1
    let outputs = sides.count == 2 ? sides[1 - inputAxis] : 1
    guard sides[inputAxis] == inputs else {
      var expected = sides
      expected[inputAxis] = inputs
      throw mismatch("weight", matrix.shape, expected: shapeText(Array(lead) + expected))
    }
    let outer = data.shape[..<contracted]
    let inner = data.shape[(contracted + 1)...]
    let outputAxis = sides.count == 2 ? [outputs] : []
    var shape = Array(outer) + outputAxis + Array(inner)
    let added = max(0, lead.count + 2 - max(rank, 2))
    shape = [Int](repeating: 1, count: lead.isEmpty ? 0 : added) + shape
    var product = try MatrixProduct(matrix, inputs: inputs, outputs: outputs, isTransposed: isFirst)
    let layout = MatrixLayout(outer: outer.reduce(1, *), inner: inner.reduce(1, *))
    let steps = try self.steps(of: &product, bias: nil, from: layout, to: layout, shape: shape)
    let batchAxis = data.batchAxis.map { axis in
      axis + (lead.isEmpty ? 0 : added) - (axis > contracted && outputAxis.isEmpty ? 1 : 0)
    }
    return Lowered(
      shape: shape, batchAxis: batchAxis, elementType: data.elementType, steps: steps)
  }

  /// A product as elementary operators: dense for one position, a 1x1 convolution for several.
  private func steps(
    of product: inout MatrixProduct, bias: Constant?, from input: MatrixLayout,
    to output: MatrixLayout,
    shape: [Int], holding held: [HeldNumber] = []
  ) throws(NodeRefusal) -> [Step] {
    let positions = input.positions
    let unitShape = ReLUChain.withoutBatch(shape, batchAxis: nil)
    var late: Constant?
    if let bias {
      if positions == 1 {
        product.bias = bias.doubles
        product.uncertainty.perUnit = bias.errors?.max() ?? 0
      } else {
        late = bias
      }
    }
    var steps: [Step] = []
    if positions == 1 {
      steps.append(
        step(
          .dense(
            Dense(
              weights: product.weights, bias: product.bias, uncertainty: product.uncertainty)),
          from: data.unitShape, to: unitShape, holding: held))
    } else {
      steps += try convolutionSteps(product, from: input, to: output, unitShape: unitShape)
    }
    if let late {
      steps.append(try shift(by: late, shape: unitShape, holding: held))
    }
    return steps
  }

  private func convolutionSteps(
    _ product: MatrixProduct, from input: MatrixLayout, to output: MatrixLayout, unitShape: [Int]
  ) throws(NodeRefusal) -> [Step] {
    let positions = input.positions
    let (before, after) = ([product.inputs, positions], [product.outputs, positions])
    guard try elementCount(of: after) <= limits.units else {
      throw NodeRefusal("its result has more than \(limits.units) units")
    }
    var steps: [Step] = []
    if input.outer > 1, product.inputs > 1 {
      steps.append(
        try selection(
          input.channelMajor(channels: product.inputs), from: data.unitShape, to: before))
    }
    let convolution = Convolution(
      input: (product.inputs, 1, positions), output: (product.outputs, 1, positions),
      kernel: (1, 1), stride: (1, 1), pad: (0, 0), dilation: (1, 1), groups: 1,
      weights: product.weights, bias: product.bias, uncertainty: product.uncertainty)
    steps.append(step(.convolution(convolution), from: before, to: after))
    if output.outer > 1, product.outputs > 1 {
      steps.append(
        try selection(
          output.fromChannelMajor(channels: product.outputs), from: after, to: unitShape))
    }
    return steps
  }
}
