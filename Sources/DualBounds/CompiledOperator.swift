import CKernels
import ReLUChain

/// One linear operator laid out for the kernels, with what its rounding costs.
final class CompiledOperator: @unchecked Sendable {
  enum Map {
    case convolution(cm_convolution)
    /// `keepsWindow`: unit i reads unit i only, on the same grid.
    case sparse(cm_sparse, keepsWindow: Bool)
  }

  let map: Map
  let charge: RoundingCharge
  /// What the magnitude of every output must be proved to stay below.
  let outputLimit: Double

  /// Multiply-adds of one pass over all units.
  var operations: Double {
    switch map {
    case .convolution(let op):
      Double(op.out_height) * Double(op.out_width) * Double(op.out_channels)
        * Double(op.kernel_height) * Double(op.kernel_width) * Double(op.in_channels)
    case .sparse(let op, _):
      Double(op.row_start[Int(op.out_count)])
    }
  }

  var isSparse: Bool {
    if case .sparse = map { true } else { false }
  }

  // The numbers that `map` points into; immutable after init.
  private let numbers: [Buffer<Double>.Owner]
  private let integers: [Buffer<Int32>.Owner]

  private init(
    map: Map, charge: RoundingCharge, outputLimit: Double = .infinity,
    numbers: [Buffer<Double>.Owner], integers: [Buffer<Int32>.Owner]
  ) {
    self.map = map
    self.charge = charge
    self.outputLimit = outputLimit
    self.numbers = numbers
    self.integers = integers
  }
}

extension CompiledOperator {
  /// The same operator, whose outputs must be proved to stay below a limit.
  func limited(to limit: Double) -> CompiledOperator {
    CompiledOperator(
      map: map, charge: charge, outputLimit: limit, numbers: numbers, integers: integers)
  }
}

extension Buffer {
  /// A reference to a buffer, for storage in arrays.
  final class Owner: @unchecked Sendable {
    let buffer: Buffer<Element>

    init(repeating value: Element, count: Int) {
      buffer = Buffer(repeating: value, count: count)
    }

    convenience init(_ values: [Element], zero: Element) {
      self.init(repeating: zero, count: values.count)
      for (index, value) in values.enumerated() { buffer[index] = value }
    }
  }
}

extension CompiledOperator {
  /// A full matrix, as a convolution whose kernel covers the whole grid of its input.
  static func dense(
    _ dense: Dense, input: UnitLayout, deployed: DeployedCharge
  ) -> CompiledOperator {
    let outputs = dense.bias.count
    let stride = padded(outputs)
    let weights = Buffer<Double>.Owner(repeating: 0, count: input.count * stride + overrun)
    for unit in 0..<input.count {
      let column = input.logical(unit)
      for output in 0..<outputs {
        weights.buffer[unit * stride + output] = dense.weights[output * input.count + column]
      }
    }
    var shape = cm_convolution()
    shape.in_height = Int32(input.height)
    shape.in_width = Int32(input.width)
    shape.in_channels = Int32(input.channels)
    (shape.out_height, shape.out_width) = (1, 1)
    (shape.kernel_height, shape.kernel_width) = (shape.in_height, shape.in_width)
    (shape.stride_y, shape.stride_x) = (shape.in_height, shape.in_width)
    let charge = RoundingCharge(
      fanIn: input.count, fanOut: outputs, uncertainty: dense.uncertainty, deployed: deployed)
    return finish(&shape, weights: weights, bias: dense.bias, charge: charge)
  }

  /// A convolution without groups.
  static func convolution(_ source: Convolution, deployed: DeployedCharge) -> CompiledOperator {
    // A stride that is as large as the kernel's reach and more still needs whole cells.
    let cellsY = ((source.kernelHeight - 1) * source.dilationY) / source.strideY + 1
    let cellsX = ((source.kernelWidth - 1) * source.dilationX) / source.strideX + 1
    let (height, width) = (cellsY * source.strideY, cellsX * source.strideX)
    let stride = padded(source.outputChannels)
    let weights = Buffer<Double>.Owner(
      repeating: 0, count: height * width * source.inputChannels * stride + overrun)
    var from = 0
    for output in 0..<source.outputChannels {
      for channel in 0..<source.inputChannels {
        for y in 0..<source.kernelHeight {
          for x in 0..<source.kernelWidth {
            let position = y * source.dilationY * width + x * source.dilationX
            weights.buffer[(position * source.inputChannels + channel) * stride + output] =
              source.weights[from]
            from += 1
          }
        }
      }
    }
    var shape = cm_convolution()
    shape.in_height = Int32(source.inputHeight)
    shape.in_width = Int32(source.inputWidth)
    shape.in_channels = Int32(source.inputChannels)
    shape.out_height = Int32(source.outputHeight)
    shape.out_width = Int32(source.outputWidth)
    (shape.kernel_height, shape.kernel_width) = (Int32(height), Int32(width))
    (shape.stride_y, shape.stride_x) = (Int32(source.strideY), Int32(source.strideX))
    (shape.pad_y, shape.pad_x) = (Int32(source.padTop), Int32(source.padLeft))
    let fanIn = source.kernelHeight * source.kernelWidth * source.inputChannels
    let charge = RoundingCharge(
      fanIn: fanIn, fanOut: cellsY * cellsX * source.outputChannels,
      uncertainty: source.uncertainty, deployed: deployed)
    return finish(&shape, weights: weights, bias: source.bias, charge: charge)
  }

  private static func finish(
    _ shape: inout cm_convolution, weights: Buffer<Double>.Owner, bias: [Double],
    charge: RoundingCharge
  ) -> CompiledOperator {
    let stride = padded(bias.count)
    let offsets = Buffer<Double>.Owner(repeating: 0, count: stride)
    for (index, value) in bias.enumerated() { offsets.buffer[index] = value }
    shape.out_channels = Int32(bias.count)
    shape.out_stride = Int32(stride)
    shape.weights = UnsafePointer(weights.buffer.pointer)
    shape.bias = UnsafePointer(offsets.buffer.pointer)
    return CompiledOperator(
      map: .convolution(shape), charge: charge, numbers: [weights, offsets], integers: [])
  }

  /// A sparse map given row by row, in the kernels' order of units.
  static func sparse(_ rows: SparseRows, charge: RoundingCharge, keepsWindow: Bool)
    -> CompiledOperator
  {
    let integers = [
      Buffer<Int32>.Owner(rows.rowStart, zero: 0), Buffer<Int32>.Owner(rows.column, zero: 0),
    ]
    let numbers = [rows.weight, rows.bias, rows.biasMagnitude].map {
      Buffer<Double>.Owner($0, zero: 0)
    }
    let map = cm_sparse(
      in_count: Int32(rows.inputCount), out_count: Int32(rows.bias.count),
      row_start: UnsafePointer(integers[0].buffer.pointer),
      column: UnsafePointer(integers[1].buffer.pointer),
      weight: UnsafePointer(numbers[0].buffer.pointer),
      bias: UnsafePointer(numbers[1].buffer.pointer),
      bias_magnitude: UnsafePointer(numbers[2].buffer.pointer))
    return CompiledOperator(
      map: .sparse(map, keepsWindow: keepsWindow), charge: charge, numbers: numbers,
      integers: integers)
  }

  /// Kernels read whole vectors from any channel on: this much behind the last weight.
  private static let overrun = 32

  /// The output channels rounded up to whole vectors.
  private static func padded(_ count: Int) -> Int {
    (count + Int(CM_CHANNEL_QUANTUM) - 1) / Int(CM_CHANNEL_QUANTUM) * Int(CM_CHANNEL_QUANTUM)
  }
}
