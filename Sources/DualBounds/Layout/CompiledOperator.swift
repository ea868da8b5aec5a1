import CKernels
import ReLUChain

/// One linear operator laid out for the kernels, with what its rounding costs.
final class CompiledOperator: @unchecked Sendable {
  enum Map {
    case convolution(cm_convolution)
    case sparse(cm_sparse, reads: Reach)
  }

  /// Which inputs a window of a sparse map's outputs reads.
  enum Reach {
    /// Any.
    case everything
    /// Unit i reads unit i only, on the same grid.
    case itself
    /// Those below a convolution's kernel, which has no weights here.
    case kernel(cm_convolution)
  }

  let map: Map
  let charge: RoundingCharge
  /// Whether some output is a function of several inputs, or some input is read by several outputs.
  let mixesUnits: Bool
  /// What the magnitude of every output must be proved to stay below.
  let outputLimit: Double

  // The numbers that `map` points into; immutable after init.
  private let numbers: [FixedNumbers<Double>]
  private let integers: [FixedNumbers<Int32>]

  private init(
    map: Map, charge: RoundingCharge, mixesUnits: Bool, outputLimit: Double = .infinity,
    numbers: [FixedNumbers<Double>], integers: [FixedNumbers<Int32>] = []
  ) {
    self.map = map
    self.charge = charge
    self.mixesUnits = mixesUnits
    self.outputLimit = outputLimit
    self.numbers = numbers
    self.integers = integers
  }

  /// Lays a step out for the kernels.
  convenience init(_ step: ChainLayout.Step, deployed: DeployedCharge) {
    switch step.map {
    case .dense(let dense): self.init(dense, step, deployed)
    case .convolution(let source): self.init(source, step, deployed)
    case .sparse(let source): self.init(source, step, deployed)
    }
  }

  /// The same operator, whose outputs must be proved to stay below a limit.
  func limited(to limit: Double) -> CompiledOperator {
    CompiledOperator(
      map: map, charge: charge, mixesUnits: mixesUnits, outputLimit: limit, numbers: numbers,
      integers: integers)
  }
}

extension CompiledOperator {
  /// A full matrix, as a convolution whose kernel covers the whole grid of its input.
  private convenience init(
    _ dense: Dense, _ step: ChainLayout.Step, _ deployed: DeployedCharge
  ) {
    let input = step.input
    let outputs = dense.bias.count
    let stride = Self.padded(outputs)
    let weights = FixedNumbers(repeating: 0.0, count: Self.weightCount(step)) { weights in
      for unit in 0..<input.count {
        let column = input.logical(unit)
        for output in 0..<outputs {
          weights[unit * stride + output] = dense.weights[output * input.count + column]
        }
      }
    }
    var shape = cm_convolution()
    (shape.out_height, shape.out_width) = (1, 1)
    (shape.kernel_height, shape.kernel_width) = (Int32(input.height), Int32(input.width))
    (shape.stride_y, shape.stride_x) = (shape.kernel_height, shape.kernel_width)
    (shape.pitch, shape.cell_columns) = (shape.kernel_width, 1)
    let charge = RoundingCharge(
      fanIn: input.count, fanOut: outputs, uncertainty: dense.uncertainty, deployed: deployed)
    self.init(shape, step, weights: weights, bias: dense.bias, charge: charge)
  }

  /// A convolution without groups.
  private convenience init(
    _ source: Convolution, _ step: ChainLayout.Step, _ deployed: DeployedCharge
  ) {
    let (cellsY, cellsX) = Self.cells(source)
    let (pitch, margin) = Self.columns(source)
    let stride = Self.padded(source.outputChannels)
    let weights = FixedNumbers(repeating: 0.0, count: Self.weightCount(step)) { weights in
      var from = 0
      for output in 0..<source.outputChannels {
        for channel in 0..<source.inputChannels {
          for y in 0..<source.kernelHeight {
            for x in 0..<source.kernelWidth {
              let position = y * source.dilationY * pitch + margin + x * source.dilationX
              weights[(position * source.inputChannels + channel) * stride + output] =
                source.weights[from]
              from += 1
            }
          }
        }
      }
    }
    let fanIn = source.kernelHeight * source.kernelWidth * source.inputChannels
    let charge = RoundingCharge(
      fanIn: fanIn, fanOut: cellsY * cellsX * source.outputChannels,
      uncertainty: source.uncertainty, deployed: deployed)
    self.init(
      Self.geometry(source), step, weights: weights, bias: source.bias, charge: charge,
      skipping: margin * source.inputChannels * stride)
  }

  /// Where a convolution's kernel lies, without channels and weights.
  private static func geometry(_ source: Convolution) -> cm_convolution {
    let cells = cells(source)
    var shape = cm_convolution()
    (shape.in_height, shape.in_width) = (Int32(source.inputHeight), Int32(source.inputWidth))
    (shape.out_height, shape.out_width) = (Int32(source.outputHeight), Int32(source.outputWidth))
    shape.kernel_height = Int32(cells.y * source.strideY)
    shape.kernel_width = Int32(cells.x * source.strideX)
    (shape.stride_y, shape.stride_x) = (Int32(source.strideY), Int32(source.strideX))
    (shape.pad_y, shape.pad_x) = (Int32(source.padTop), Int32(source.padLeft))
    shape.pitch = Int32(columns(source).pitch)
    shape.cell_columns = Int32(cellColumns(source))
    return shape
  }

  private convenience init(
    _ shape: cm_convolution, _ step: ChainLayout.Step, weights: FixedNumbers<Double>,
    bias: [Double], charge: RoundingCharge, skipping margin: Int = 0
  ) {
    let offsets = FixedNumbers(repeating: 0.0, count: Self.padded(bias.count)) { offsets in
      for (index, value) in bias.enumerated() { offsets[index] = value }
    }
    var shape = shape
    shape.in_height = Int32(step.input.height)
    shape.in_width = Int32(step.input.width)
    shape.in_channels = Int32(step.input.channels)
    shape.out_channels = Int32(bias.count)
    shape.out_stride = Int32(Self.padded(bias.count))
    shape.weights = weights.pointer + margin
    shape.bias = offsets.pointer
    self.init(
      map: .convolution(shape), charge: charge, mixesUnits: true, numbers: [weights, offsets])
  }

  /// A sparse map, row by row.
  private convenience init(
    _ source: ChainLayout.SparseMap, _ step: ChainLayout.Step, _ deployed: DeployedCharge
  ) {
    var rows = SparseRows(source, input: step.input, output: step.output)
    let (fanIn, fanOut) = (max(1, rows.fanIn), rows.fanOut)
    var (uncertainty, reads, mixesUnits) = (Uncertainty.none, Reach.everything, fanOut > 1)
    switch source {
    case .grouped(let grouped):
      (uncertainty, mixesUnits) = (grouped.uncertainty, true)
      reads = .kernel(Self.geometry(grouped))
    case .scaling(let scaling): (uncertainty, reads) = (scaling.uncertainty, .itself)
    case .selection, .rearrangement: break
    }
    // A deployed network's terms are counted, and those with a weight of 0 are among them.
    if deployed == .none { rows.dropZeros() }
    let columns = rows.transposed
    let integers = [rows.rowStart, rows.column, columns.rowStart, columns.column]
      .map { FixedNumbers($0, zero: 0) }
    let numbers = [rows.weight, rows.bias, rows.biasMagnitude, columns.weight]
      .map { FixedNumbers($0, zero: 0) }
    let map = cm_sparse(
      in_count: Int32(rows.inputCount), out_count: Int32(rows.bias.count),
      row_start: integers[0].pointer, column: integers[1].pointer, weight: numbers[0].pointer,
      bias: numbers[1].pointer, bias_magnitude: numbers[2].pointer,
      column_start: integers[2].pointer, row: integers[3].pointer,
      column_weight: numbers[3].pointer)
    let charge = RoundingCharge(
      fanIn: fanIn, fanOut: fanOut, uncertainty: uncertainty, deployed: deployed)
    self.init(
      map: .sparse(map, reads: reads), charge: charge, mixesUnits: mixesUnits, numbers: numbers,
      integers: integers)
  }

  /// Whole cells of a kernel: a stride that is as large as the kernel's reach and more still needs them.
  private static func cells(_ source: Convolution) -> (y: Int, x: Int) {
    let reach = source.reach
    return ((reach.height - 1) / source.strideY + 1, (reach.width - 1) / source.strideX + 1)
  }

  /// How many strides' columns of inputs one cell takes: as many as fill a tile of the kernels, and no more
  /// than the kernel has, since outputs that read any of them are gone through for all.
  private static func cellColumns(_ source: Convolution) -> Int {
    let lanes = source.inputChannels * source.strideY * source.strideX
    return min(cells(source).x, (leastLanes + lanes - 1) / lanes)
  }

  /// Columns of a kernel's row as it is written out: zeros on both sides let all inputs of a cell meet all
  /// outputs.
  private static func columns(_ source: Convolution) -> (pitch: Int, margin: Int) {
    let margin = (cellColumns(source) - 1) * source.strideX
    return (cells(source).x * source.strideX + 2 * margin, margin)
  }

  /// Fewer chains of additions than this wait for themselves.
  private static let leastLanes = 4

  /// Kernels read whole vectors from any channel on: this much behind the last weight.
  private static let overrun = 32

  /// The output channels rounded up to whole vectors.
  private static func padded(_ count: Int) -> Int {
    (count + Int(CM_CHANNEL_QUANTUM) - 1) / Int(CM_CHANNEL_QUANTUM) * Int(CM_CHANNEL_QUANTUM)
  }
}

extension CompiledOperator {
  /// The weights of a step, as they are written out; `LayoutBytes.tooMuch` where an `Int` would not
  /// hold them.
  private static func weightCount(_ step: ChainLayout.Step) -> Int {
    switch step.map {
    case .dense(let dense):
      LayoutBytes.product(step.input.count, padded(dense.bias.count)) + overrun
    case .convolution(let source):
      LayoutBytes.product(
        cells(source).y, source.strideY, columns(source).pitch, source.inputChannels,
        padded(source.outputChannels)) + overrun
    case .sparse(let source): source.entryLimit(step.output)
    }
  }

  /// What a step takes, at most.
  static func bytes(_ step: ChainLayout.Step) -> Int {
    let outputs = step.output.count
    switch step.map {
    case .dense, .convolution:
      return LayoutBytes.product(8, weightCount(step))
        + Buffer<Double>.bytes(padded(step.output.channels))
    case .sparse:
      // The kernels count the entries in 32 bits.
      let entries = weightCount(step)
      return entries <= Int(Int32.max)
        ? 2 * (Buffer<Double>.bytes(entries) + Buffer<Int32>.bytes(entries))
          + Buffer<Int32>.bytes(outputs + 1) + Buffer<Int32>.bytes(step.input.count + 1)
          + 2 * Buffer<Double>.bytes(outputs)
        : LayoutBytes.tooMuch
    }
  }
}
