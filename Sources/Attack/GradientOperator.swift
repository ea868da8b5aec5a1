import CKernels
import ReLUChain

/// One linear operator in binary32, laid out for the gradient kernels.
enum GradientOperator: Sendable {
  /// A convolution without groups, or a dense layer.
  case grid(GradientGrid)
  /// Anything that reads few units an output.
  case sparse(GradientSparse)

  /// Lays a step out.
  init(_ step: ChainLayout.Step, input: UnitOrder, output: UnitOrder) {
    switch step.map {
    case .dense(let dense): self = .grid(GradientGrid(dense, input: input))
    case .convolution(let source): self = .grid(GradientGrid(source, input: input))
    case .sparse(let source):
      let rows = SparseRows(source, input: step.input, output: step.output)
      self = .sparse(GradientSparse(rows, input: input, output: output))
    }
  }

  /// What a step takes, at most.
  static func bytes(_ step: ChainLayout.Step) -> Int {
    let outputs = step.output.count
    switch step.map {
    case .dense:
      return LayoutBytes.product(4, step.input.count, GradientGrid.padded(outputs))
        + FloatBuffer.bytes(GradientGrid.padded(outputs))
    case .convolution(let source):
      return LayoutBytes.product(
        4, source.reach.height, source.reach.width, source.inputChannels,
        GradientGrid.padded(source.outputChannels))
        + FloatBuffer.bytes(GradientGrid.padded(source.outputChannels))
    case .sparse(let source):
      return LayoutBytes.product(12, source.entryLimit(step.output)) + 20 * outputs
    }
  }

  /// `output = W input + b`.
  func forward(
    _ kernels: cm_gradient_kernels, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .grid(let grid):
      var kernel = grid.kernel
      kernels.forward(&kernel, input, output)
    case .sparse(let rows): rows.forward(input, output)
    }
  }

  /// `inputGradient = W' outputGradient` where the input is above 0, or is not behind a ReLU, and 0
  /// elsewhere.
  func backward(
    _ kernels: cm_gradient_kernels, _ input: UnsafePointer<Float>, _ order: UnitOrder,
    isReLU: Bool, _ outputGradient: UnsafePointer<Float>,
    _ inputGradient: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .grid(let grid):
      var kernel = grid.kernel
      kernels.backward(&kernel, input, isReLU ? 1 : 0, outputGradient, inputGradient)
    case .sparse(let rows):
      inputGradient.update(repeating: 0, count: order.extent)
      rows.backward(outputGradient, inputGradient)
      guard isReLU else { return }
      for place in 0..<order.extent where !(input[place] > 0) { inputGradient[place] = 0 }
    }
  }
}

/// A convolution, and the owner of its numbers.
struct GradientGrid: @unchecked Sendable {
  let kernel: cm_gradient_grid
  private let weights: FloatBuffer
  private let bias: FloatBuffer

  /// Output channels rounded up to whole vectors.
  static func padded(_ channels: Int) -> Int {
    let quantum = Int(CM_GRADIENT_QUANTUM)
    return (channels + quantum - 1) / quantum * quantum
  }

  /// A full matrix: a kernel that covers all positions of its input.
  init(_ dense: Dense, input: UnitOrder) {
    let outputs = dense.bias.count
    let stride = Self.padded(outputs)
    weights = FloatBuffer(count: input.layout.count * stride)
    let layout = input.layout
    for output in 0..<outputs {
      for unit in 0..<layout.count {
        weights.pointer[layout.physical(unit) * stride + output] =
          Float(dense.weights[output * layout.count + unit])
      }
    }
    var kernel = cm_gradient_grid()
    (kernel.in_height, kernel.in_width) = (1, Int32(truncatingIfNeeded: layout.positions))
    (kernel.kernel_height, kernel.kernel_width) = (1, kernel.in_width)
    (kernel.out_height, kernel.out_width) = (1, 1)
    (kernel.stride_y, kernel.stride_x) = (1, kernel.in_width)
    bias = Self.finish(&kernel, input, weights, dense.bias)
    self.kernel = kernel
  }

  /// A convolution without groups; dilations are written out with zeros.
  init(_ source: Convolution, input: UnitOrder) {
    let (height, width) = source.reach
    let stride = Self.padded(source.outputChannels)
    weights = FloatBuffer(count: height * width * source.inputChannels * stride)
    var from = 0
    for output in 0..<source.outputChannels {
      for channel in 0..<source.inputChannels {
        for y in 0..<source.kernelHeight {
          for x in 0..<source.kernelWidth {
            let position = y * source.dilationY * width + x * source.dilationX
            weights.pointer[(position * source.inputChannels + channel) * stride + output] =
              Float(source.weights[from])
            from += 1
          }
        }
      }
    }
    var kernel = cm_gradient_grid()
    kernel.in_height = Int32(truncatingIfNeeded: source.inputHeight)
    kernel.in_width = Int32(truncatingIfNeeded: source.inputWidth)
    kernel.out_height = Int32(truncatingIfNeeded: source.outputHeight)
    kernel.out_width = Int32(truncatingIfNeeded: source.outputWidth)
    kernel.kernel_height = Int32(truncatingIfNeeded: height)
    kernel.kernel_width = Int32(truncatingIfNeeded: width)
    kernel.stride_y = Int32(truncatingIfNeeded: source.strideY)
    kernel.stride_x = Int32(truncatingIfNeeded: source.strideX)
    kernel.pad_y = Int32(truncatingIfNeeded: source.padTop)
    kernel.pad_x = Int32(truncatingIfNeeded: source.padLeft)
    bias = Self.finish(&kernel, input, weights, source.bias)
    self.kernel = kernel
  }

  private static func finish(
    _ kernel: inout cm_gradient_grid, _ input: UnitOrder, _ weights: FloatBuffer,
    _ values: [Double]
  ) -> FloatBuffer {
    let bias = FloatBuffer(count: padded(values.count))
    for (channel, value) in values.enumerated() { bias.pointer[channel] = Float(value) }
    kernel.in_channels = Int32(truncatingIfNeeded: input.layout.channels)
    kernel.in_stride = Int32(truncatingIfNeeded: input.stride)
    kernel.out_stride = Int32(truncatingIfNeeded: bias.count)
    kernel.weights = UnsafePointer(weights.pointer)
    kernel.bias = UnsafePointer(bias.pointer)
    return bias
  }
}

/// A sparse map, row by row: one row an output unit.
struct GradientSparse: Sendable {
  /// `[outputs]`: where each output lies.
  private let target: [Int]
  /// `[outputs]`.
  private let bias: [Float]
  /// `[outputs + 1]`: where each row's entries begin.
  private let rowStart: [Int]
  private let column: [Int]
  private let weight: [Float]

  /// - Parameter rows: in the kernels' order; here they are kept in the file's.
  init(_ rows: SparseRows, input: UnitOrder, output: UnitOrder) {
    let units = 0..<output.layout.count
    let places = units.map(output.layout.physical)
    let entries = places.map { Int(rows.rowStart[$0])..<Int(rows.rowStart[$0 + 1]) }
    target = units.map { output.place($0) }
    bias = places.map { Float(rows.bias[$0]) }
    rowStart = entries.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    column = entries.flatMap { $0.map { input.place(physical: Int(rows.column[$0])) } }
    weight = entries.flatMap { $0.map { Float(rows.weight[$0]) } }
  }

  /// `output = W input + b`.
  func forward(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
    for row in target.indices {
      var sum = bias[row]
      for entry in rowStart[row]..<rowStart[row + 1] { sum += weight[entry] * input[column[entry]] }
      output[target[row]] = sum
    }
  }

  /// `inputGradient += W' outputGradient`.
  func backward(
    _ outputGradient: UnsafePointer<Float>, _ inputGradient: UnsafeMutablePointer<Float>
  ) {
    for row in target.indices {
      let gradient = outputGradient[target[row]]
      if gradient == 0 { continue }
      for entry in rowStart[row]..<rowStart[row + 1] {
        inputGradient[column[entry]] += weight[entry] * gradient
      }
    }
  }
}
