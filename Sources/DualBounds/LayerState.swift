import CKernels

/// One worker's scratch for one layer: forward quantities, bounds, and the live units.
package final class LayerState {
  package let count: Int
  /// The kernels' view of the live units.
  package let live: UnsafeMutablePointer<cm_layer>
  /// Midpoint, centre, radius and magnitude of every pre-activation.
  let forward: cm_forward
  /// The bounds of every pre-activation, and the rounding charged at each.
  package let bounds: cm_bounds
  /// The number of units that are unstable in the current ball.
  var unstable = 0

  private let numbers: Buffer<Double>
  private let offsets: Buffer<Int64>
  private let integers: Buffer<Int32>
  private let runs: Buffer<cm_run>

  /// - Parameter indexed: a sparse operator will ask for units by number.
  init(_ layout: UnitLayout, offsets weights: WeightOffsets, indexed: Bool) {
    count = layout.count
    // Forward kernels write whole vectors, and lists one entry behind the last.
    let padded = (count + 2 * Int(CM_CHANNEL_QUANTUM)) / 8 * 8
    numbers = Buffer(repeating: 0, count: 14 * padded)
    offsets = Buffer(repeating: 0, count: 4 * padded)
    integers = Buffer(repeating: 0, count: 2 * padded + layout.positions + 1 + layout.height)
    runs = Buffer(repeating: cm_run(), count: layout.height)
    let base = numbers.pointer
    func part(_ index: Int) -> UnsafeMutablePointer<Double> { base + index * padded }
    forward = cm_forward(
      midpoint: part(0), center: part(1), radius: part(2), magnitude: part(3))
    bounds = cm_bounds(
      lower: part(4), upper: part(5), own_charge: part(6), deployed_charge: part(7))
    var layer = cm_layer()
    layer.height = Int32(layout.height)
    layer.width = Int32(layout.width)
    layer.channels = Int32(layout.channels)
    layer.unit = integers.pointer
    layer.index = indexed ? integers.pointer + padded : nil
    layer.start = integers.pointer + 2 * padded
    layer.row_base = integers.pointer + 2 * padded + layout.positions + 1
    layer.runs = runs.pointer
    layer.input_offset = offsets.pointer
    layer.output_offset = offsets.pointer + padded
    layer.unit_input_offset = UnsafePointer(offsets.pointer + 2 * padded)
    layer.unit_output_offset = UnsafePointer(offsets.pointer + 3 * padded)
    layer.slope = part(8)
    layer.cost = part(9)
    layer.values = part(10)
    live = .allocate(capacity: 1)
    live.initialize(to: layer)
    for unit in 0..<count {
      offsets[2 * padded + unit] = weights.input[unit]
      offsets[3 * padded + unit] = weights.output[unit]
    }
  }

  deinit { live.deallocate() }

  /// The window of the whole grid.
  package var everything: cm_window {
    cm_window(y0: 0, y1: live.pointee.height, x0: 0, x1: live.pointee.width)
  }

  /// Nothing is known of the layer: every value is possible, every unit may be unstable.
  func forget() {
    for unit in 0..<count { (bounds.lower[unit], bounds.upper[unit]) = (-.infinity, .infinity) }
    unstable = count
  }

  /// The sum of the magnitudes that the live units can have.
  func totalMagnitude() -> Double {
    (0..<Int(live.pointee.count)).reduce(0) { $0 + live.pointee.values[4 * $1 + 3] }
  }

  /// The largest of them; NaN where one is.
  func largestMagnitude() -> Double {
    (0..<Int(live.pointee.count)).reduce(0) { largest, unit in
      let magnitude = live.pointee.values[4 * unit + 3]
      return magnitude <= largest ? largest : magnitude
    }
  }

  /// Opens a window for the rows to come; returns the number of live units in it.
  @discardableResult
  package func open(_ window: cm_window) -> Int {
    Int(cm_open_window(live, window))
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
