import CKernels
import ReLUChain

/// Where the weights of a layer's units lie: as inputs of the next operator, as outputs of the one
/// before. Depends on the unit only, so it is laid out once for all workers.
struct WeightOffsets: Sendable {
  /// `[units]`.
  let input, output: FixedNumbers<Int64>

  /// Of a layer that is not laid out yet.
  static let none = WeightOffsets(
    input: FixedNumbers(repeating: 0, count: 0), output: FixedNumbers(repeating: 0, count: 0))

  private init(input: FixedNumbers<Int64>, output: FixedNumbers<Int64>) {
    (self.input, self.output) = (input, output)
  }

  init(layout: UnitLayout, producer: CompiledOperator?, consumer: CompiledOperator?) {
    input = FixedNumbers(repeating: 0, count: layout.count) { offset in
      guard case .convolution(let op) = consumer?.map else { return }
      for unit in 0..<layout.count {
        let (position, channel) = (unit / layout.channels, unit % layout.channels)
        let y = position / layout.width + Int(op.pad_y)
        let x = position % layout.width + Int(op.pad_x)
        let tap = (y * Int(op.pitch) + x) * Int(op.in_channels) + channel
        offset[unit] = Int64(tap * Int(op.out_stride))
      }
    }
    output = FixedNumbers(repeating: 0, count: layout.count) { offset in
      guard case .convolution(let op) = producer?.map else { return }
      for unit in 0..<layout.count {
        let (position, channel) = (unit / layout.channels, unit % layout.channels)
        let y = position / layout.width * Int(op.stride_y)
        let x = position % layout.width * Int(op.stride_x)
        let shift = (y * Int(op.pitch) + x) * Int(op.in_channels) * Int(op.out_stride)
        offset[unit] = Int64(channel - shift)
      }
    }
  }
}
