import NetworkGraph
import ReLUChain

extension Lowering {
  /// Conv, 1-D to 3-D: over three axes planes one behind the other are channels, and the kernel has zeros for
  /// those that a window does not reach.
  func convolution() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 else {
      throw NodeRefusal.weightOfData
    }
    let weight = try call.constant(1, "weight")
    let shape = try imageShape(rank: try imageRank(weight, most: 5))
    let geometry = try windowGeometry(over: shape, kernel: Array(weight.shape[2...]))
    let (channels, outputs, groups) = (shape[1], weight.shape[0], geometry.groups)
    try checkGroups(groups, divide: channels, "input channels")
    try checkGroups(groups, divide: outputs, "output channels")
    guard weight.shape[1] == channels / groups else {
      throw mismatch(
        "weight", weight.shape,
        expected: shapeText([outputs, channels / groups] + weight.shape[2...]))
    }
    guard let depth = geometry.z.count(), let height = geometry.y.count(),
      let width = geometry.x.count()
    else { throw noWindow(geometry) }
    let (uncertainty, bias) = try biasOrZeros(outputs: outputs, weight)
    let values = try weight.weights(as: "weight")
    let convolution = Convolution(
      input: (channels * geometry.z.size, geometry.y.size, geometry.x.size),
      output: (outputs * depth, height, width), kernel: (geometry.y.kernel, geometry.x.kernel),
      stride: (geometry.y.stride, geometry.x.stride),
      pad: (geometry.y.padBefore, geometry.x.padBefore),
      dilation: (geometry.y.dilation, geometry.x.dilation), groups: groups,
      weights: isVolume
        ? try spread(values, outputs, channels / groups, geometry, depth: depth) : values,
      bias: isVolume ? bias.flatMap { [Double](repeating: $0, count: depth) } : bias,
      uncertainty: uncertainty)
    return windowed(convolution, to: geometry.shape(outputs, [depth, height, width]))
  }

  private func checkGroups(_ groups: Int, divide count: Int, _ what: String) throws(NodeRefusal) {
    guard groups >= 1, count >= groups, count % groups == 0 else {
      throw NodeRefusal("group is \(groups); expected a divisor of \(count) \(what)")
    }
  }

  /// The rank of the data that a kernel slides over, 3 or 4, or what is allowed besides.
  private func imageRank(_ weight: Constant, most: Int = 4) throws(NodeRefusal) -> Int {
    guard (3...most).contains(weight.shape.count) else {
      throw NodeRefusal(
        "weight is \(shapeText(weight.shape)); expected rank 3 or 4 (a 1-D or 2-D kernel)"
          + (most == 5 ? ", or 5 (a 3-D one)" : ""))
    }
    return weight.shape.count
  }

  /// The bias, and how far it and the weight may lie from what is meant.
  func biasOrZeros(
    outputs: Int, _ weight: Constant
  ) throws(NodeRefusal) -> (Uncertainty, [Double]) {
    var uncertainty = Uncertainty(weights: weight.doubles, errors: weight.errors)
    guard let bias = try call.optionalConstant(2, "bias") else {
      try budget.take(outputs)
      return (uncertainty, [Double](repeating: 0, count: outputs))
    }
    guard bias.shape == [outputs] else {
      throw NodeRefusal("bias is \(shapeText(bias.shape)); expected \(shapeText([outputs]))")
    }
    uncertainty.perUnit = bias.errors?.max() ?? 0
    return (uncertainty, try bias.weights(as: "bias"))
  }

  /// One operator from the data to images of this shape (a leading 1 first).
  func windowed(_ c: Convolution, to shape: [Int]) -> Lowered {
    let from = isVolume ? [c.inputChannels, c.inputHeight, c.inputWidth] : data.unitShape
    let to =
      isVolume ? [c.outputChannels, c.outputHeight, c.outputWidth] : Array(shape[1...])
    return Lowered(
      shape: shape, batchAxis: data.batchAxis, elementType: data.elementType,
      steps: [step(.convolution(c), from: from, to: to)])
  }
}

extension Lowering {
  /// ConvTranspose: zeros between the input's elements, then a convolution with the mirrored kernel.
  func transposedConvolution() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 else {
      throw NodeRefusal.weightOfData
    }
    let weight = try call.constant(1, "weight")
    let shape = try imageShape(rank: try imageRank(weight))
    let kernel = Array(weight.shape[2...])
    let geometry = try windowGeometry(over: shape, kernel: kernel, forTransposition: true)
    let (channels, groups) = (shape[1], geometry.groups)
    try checkGroups(groups, divide: channels, "input channels")
    guard weight.shape[0] == channels, weight.shape[1] > 0 else {
      throw mismatch(
        "weight", weight.shape, expected: shapeText([channels, weight.shape[1]] + kernel))
    }
    let outputs = try elementCount(of: [weight.shape[1], groups])
    let (y, x) = try spreadAxes(geometry)
    let (uncertainty, bias) = try biasOrZeros(outputs: outputs, weight)
    let padded = [channels, y.padded, x.padded]
    let convolution = Convolution(
      input: (channels, y.padded, x.padded), output: (outputs, y.output, x.output),
      kernel: (geometry.y.kernel, geometry.x.kernel), stride: (1, 1), pad: (0, 0),
      dilation: (geometry.y.dilation, geometry.x.dilation), groups: groups,
      weights: try mirrored(weight, groups: groups), bias: bias, uncertainty: uncertainty)
    guard try elementCount(of: padded) <= limits.units else {
      throw NodeRefusal("the spread data \(shapeText(padded)) has too many units")
    }
    var map = AxisMap(identity: [channels, geometry.y.size, geometry.x.size])
    map.axes[1].indices = y.source
    map.axes[2].indices = x.source
    let spread = try selection(try map.sources(), from: data.unitShape, to: padded)
    let result = geometry.shape(outputs, [1, y.output, x.output])
    return Lowered(
      shape: result, batchAxis: data.batchAxis, elementType: data.elementType,
      steps: [spread, step(.convolution(convolution), from: padded, to: Array(result[1...]))])
  }

  /// One spatial axis of a transposed convolution: what stands at each place of the spread input.
  private struct SpreadAxis {
    var output: Int
    var source: [Int]
    var padded: Int { source.count }
  }

  private func spreadAxes(_ geometry: WindowGeometry) throws(NodeRefusal) -> (
    SpreadAxis, SpreadAxis
  ) {
    let rank = geometry.rank
    let zeros = [Int](repeating: 0, count: rank)
    let extra = try call.ints("output_padding") ?? zeros
    let sizes = try call.ints("output_shape").map { Array($0.suffix(rank)) }
    guard extra.count == rank, extra.allSatisfy({ $0 >= 0 && $0 <= WindowGeometry.limit }),
      sizes?.count ?? rank == rank,
      sizes?.allSatisfy({ $0 >= 1 && $0 <= WindowGeometry.limit }) ?? true
    else { throw NodeRefusal("output_padding or output_shape; expected \(rank) sizes") }
    let automatic = try call.string("auto_pad", default: "NOTSET")
    func spread(_ axis: WindowAxis, _ index: Int) throws(NodeRefusal) -> SpreadAxis {
      guard index >= 0 else { return SpreadAxis(output: 1, source: [0]) }
      return try spreadAxis(axis, extra: extra[index], size: sizes?[index], automatic)
    }
    return (try spread(geometry.y, rank - 2), try spread(geometry.x, rank - 1))
  }

  private func spreadAxis(
    _ axis: WindowAxis, extra: Int, size: Int?, _ automatic: String
  ) throws(NodeRefusal) -> SpreadAxis {
    let full = (axis.size - 1) * axis.stride + axis.extent + extra
    var before = axis.padBefore
    var output = full - axis.padBefore - axis.padAfter
    let isSame = automatic == "SAME_UPPER" || automatic == "SAME_LOWER"
    guard isSame || ["NOTSET", "", "VALID"].contains(automatic) else {
      throw NodeRefusal.unknownPadding(automatic)
    }
    if isSame || size != nil {
      output = size ?? axis.size * axis.stride
      let total = full - output
      // What fills an output beyond the last window is told differently by different runtimes.
      guard total >= 0 else {
        throw NodeRefusal("an output of \(output) along one axis; expected at most \(full)")
      }
      before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2
    }
    guard output >= 1, output <= limits.units,
      output + axis.extent <= limits.units
    else {
      throw NodeRefusal("its result would have a size of \(output) along one axis")
    }
    // Output o takes kernel element k from spread place o + before - k * dilation.
    let first = before - (axis.extent - 1)
    let source = (0..<output + axis.extent - 1).map { place in
      let spread = place + first
      let isInput = spread >= 0 && spread % axis.stride == 0 && spread / axis.stride < axis.size
      return isInput ? spread / axis.stride : -1
    }
    return SpreadAxis(output: output, source: source)
  }

  /// `[inputs, outputs / groups, y, x]` as `[outputs, inputs / groups, y, x]`, both axes mirrored.
  private func mirrored(_ weight: Constant, groups: Int) throws(NodeRefusal) -> [Double] {
    let values = try weight.weights(as: "weight")
    let area = try elementCount(of: Array(weight.shape[2...]))
    let (inputs, outputs) = (weight.shape[0] / groups, weight.shape[1])
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for group in 0..<groups {
      for output in 0..<outputs {
        for input in 0..<inputs {
          let start = ((group * inputs + input) * outputs + output) * area
          result += values[start..<start + area].reversed()
        }
      }
    }
    return result
  }
}
