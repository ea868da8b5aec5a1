import CMachine

/// One worker's scratch for one layer: forward quantities, bounds, and the live units.
final class LayerState {
  let count: Int
  /// The kernels' view of the live units.
  var live: cm_layer
  /// Midpoint, centre, radius and magnitude of every pre-activation.
  let forward: cm_forward
  /// `[count]`: this program's and the deployed network's rounding charge of each unit.
  let ownCharge: Buffer<Double>
  let deployedCharge: Buffer<Double>
  /// `[count]`: the bounds of every pre-activation.
  let lower: Buffer<Double>
  let upper: Buffer<Double>
  /// The number of units that are unstable in the current ball.
  var unstable = 0

  private let numbers: Buffer<Double>
  private let offsets: Buffer<Int64>
  private let integers: Buffer<Int32>

  init(_ layout: UnitLayout) {
    count = layout.count
    // The forward kernels write whole vectors: one more behind the last unit.
    let padded = (count + 2 * Int(CM_ROW_QUANTUM)) / 8 * 8
    numbers = Buffer(repeating: 0, count: 10 * padded)
    offsets = Buffer(repeating: 0, count: 2 * padded)
    integers = Buffer(repeating: 0, count: 2 * count + layout.positions + 1 + layout.height)
    lower = Buffer(repeating: 0, count: count)
    upper = Buffer(repeating: 0, count: count)
    ownCharge = Buffer(repeating: 0, count: count)
    deployedCharge = Buffer(repeating: 0, count: count)
    let base = numbers.pointer
    forward = cm_forward(
      midpoint: base, center: base + padded, radius: base + 2 * padded,
      magnitude: base + 3 * padded)
    live = cm_layer()
    live.height = Int32(layout.height)
    live.width = Int32(layout.width)
    live.channels = Int32(layout.channels)
    live.unit = integers.pointer
    live.index = integers.pointer + count
    live.start = integers.pointer + 2 * count
    live.row_base = integers.pointer + 2 * count + layout.positions + 1
    live.input_offset = offsets.pointer
    live.output_offset = offsets.pointer + padded
    live.slope = base + 4 * padded
    live.cost = base + 5 * padded
    live.values = base + 6 * padded
  }

  /// The window of the whole grid.
  var everything: cm_window {
    cm_window(y0: 0, y1: live.height, x0: 0, x1: live.width)
  }

  /// Nothing is known of the layer: every value is possible, every unit may be unstable.
  func forget() {
    for unit in 0..<count { (lower[unit], upper[unit]) = (-.infinity, .infinity) }
    unstable = count
  }

  /// Opens a window for the rows to come; returns the number of live units in it.
  @discardableResult
  func open(_ window: cm_window) -> Int {
    Int(cm_open_window(&live, window))
  }
}

/// Where the weights of a layer's units lie: as inputs of the next operator, as outputs of the one
/// before. Depends on the unit only, so it is laid out once.
struct WeightOffsets {
  let input: [Int64]
  let output: [Int64]

  init(layout: UnitLayout, producer: CompiledOperator?, consumer: CompiledOperator?) {
    if case .convolution(let op) = consumer?.map {
      input = (0..<layout.count).map { unit in
        let (position, channel) = (unit / layout.channels, unit % layout.channels)
        let y = position / layout.width + Int(op.pad_y)
        let x = position % layout.width + Int(op.pad_x)
        let tap = (y * Int(op.kernel_width) + x) * Int(op.in_channels) + channel
        return Int64(tap * Int(op.out_stride))
      }
    } else {
      input = [Int64](repeating: 0, count: layout.count)
    }
    if case .convolution(let op) = producer?.map {
      output = (0..<layout.count).map { unit in
        let (position, channel) = (unit / layout.channels, unit % layout.channels)
        let y = position / layout.width * Int(op.stride_y)
        let x = position % layout.width * Int(op.stride_x)
        let shift = (y * Int(op.kernel_width) + x) * Int(op.in_channels) * Int(op.out_stride)
        return Int64(channel - shift)
      }
    } else {
      output = [Int64](repeating: 0, count: layout.count)
    }
  }
}
