import CKernels
import ReLUChain

/// One linear operator in binary32, laid out for the gradient kernels.
enum GradientOperator: Sendable {
  /// A convolution without groups, or a dense layer.
  case grid(GradientGrid)
  /// Anything that reads few units an output.
  case sparse(GradientSparse)
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
    weights = FloatBuffer(count: input.count * stride)
    for output in 0..<outputs {
      for unit in 0..<input.count {
        let place = unit % input.positions * input.channels + unit / input.positions
        weights.pointer[place * stride + output] = Float(dense.weights[output * input.count + unit])
      }
    }
    var kernel = cm_gradient_grid()
    (kernel.in_height, kernel.in_width) = (1, Int32(truncatingIfNeeded: input.positions))
    (kernel.kernel_height, kernel.kernel_width) = (1, kernel.in_width)
    (kernel.out_height, kernel.out_width) = (1, 1)
    (kernel.stride_y, kernel.stride_x) = (1, kernel.in_width)
    bias = Self.finish(&kernel, input, weights, dense.bias)
    self.kernel = kernel
  }

  /// A convolution without groups; dilations are written out with zeros.
  init(_ source: Convolution, input: UnitOrder) {
    let height = (source.kernelHeight - 1) * source.dilationY + 1
    let width = (source.kernelWidth - 1) * source.dilationX + 1
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
    kernel.in_channels = Int32(truncatingIfNeeded: input.channels)
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
  private(set) var target: [Int] = []
  /// `[outputs]`.
  private(set) var bias: [Float] = []
  /// `[outputs + 1]`: where each row's entries begin.
  private(set) var rowStart: [Int] = [0]
  private(set) var column: [Int] = []
  private(set) var weight: [Float] = []

  private mutating func add(column: Int, weight: Double) {
    self.column.append(column)
    self.weight.append(Float(weight))
  }

  private mutating func endRow(at place: Int, bias: Double) {
    target.append(place)
    self.bias.append(Float(bias))
    rowStart.append(column.count)
  }

  /// The diagonal of a scaling.
  init(_ scaling: Scaling, input: UnitOrder, output: UnitOrder) {
    for unit in scaling.scale.indices {
      add(column: input.place(unit), weight: scaling.scale[unit])
      endRow(at: output.place(unit), bias: scaling.shift[unit])
    }
  }

  /// A selection between two orders.
  init(_ selection: Selection, input: UnitOrder, output: UnitOrder) {
    for (unit, source) in selection.source.enumerated() {
      if source >= 0 { add(column: input.place(source), weight: 1) }
      endRow(at: output.place(unit), bias: selection.constant[unit])
    }
  }

  /// A change of order only.
  init(rearranging input: UnitOrder, to output: UnitOrder) {
    for unit in 0..<input.count {
      add(column: input.place(unit), weight: 1)
      endRow(at: output.place(unit), bias: 0)
    }
  }

  /// A convolution with groups, written out.
  init(_ source: Convolution, input: UnitOrder, output: UnitOrder) {
    let depth = source.inputChannels / source.groups
    let area = source.outputHeight * source.outputWidth
    for unit in 0..<source.outputCount {
      let channel = unit / area
      let (y, x) = (unit % area / source.outputWidth, unit % source.outputWidth)
      let first = channel / (source.outputChannels / source.groups) * depth
      for ky in 0..<source.kernelHeight {
        let row = y * source.strideY - source.padTop + ky * source.dilationY
        guard (0..<source.inputHeight).contains(row) else { continue }
        for kx in 0..<source.kernelWidth {
          let place = x * source.strideX - source.padLeft + kx * source.dilationX
          guard (0..<source.inputWidth).contains(place) else { continue }
          for c in 0..<depth {
            let from = ((first + c) * source.inputHeight + row) * source.inputWidth + place
            let tap = ((channel * depth + c) * source.kernelHeight + ky) * source.kernelWidth + kx
            add(column: input.place(from), weight: source.weights[tap])
          }
        }
      }
      endRow(at: output.place(unit), bias: source.bias[channel])
    }
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
