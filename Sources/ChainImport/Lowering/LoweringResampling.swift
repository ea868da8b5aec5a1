import NetworkGraph
import ReLUChain

extension Lowering {
  /// Resize and Upsample: moves where the nearest element is taken, else axis by axis a selection of the
  /// elements that each new one is made of, their weights, and sums.
  func resampled() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 else { return try rearranged() }
    guard let axes = try call.interpolation(of: data.trueShape(batchSize: batchSize)) else {
      return try rearranged()
    }
    var shape = data.shape
    var steps: [Step] = []
    for axis in axes {
      guard axis.axis != data.batchAxis else { throw mixing("resamples") }
      steps += try self.steps(of: axis, from: &shape)
    }
    var result = unchanged(steps: steps)
    result.shape = shape
    if axes.contains(where: { $0.error > 0 }) {
      result.constantFormat = FloatFormat.binary32.coarser(call.deployed)
    }
    return result
  }

  /// The steps along one axis: `[channels, taps, height, width]`, and sums over the taps.
  private func steps(
    of axis: AxisInterpolation, from shape: inout [Int]
  ) throws(NodeRefusal) -> [Step] {
    let before = ReLUChain.withoutBatch(shape, batchAxis: data.batchAxis)
    // The last two axes are an image's, those before its channels.
    let lead = min(axis.axis, max(shape.count - 2, 0))
    let channels = try elementCount(of: Array(shape[..<lead]))
    let outer = try elementCount(of: Array(shape[lead..<axis.axis]))
    let inner = try elementCount(of: Array(shape[(axis.axis + 1)...]))
    let size = shape[axis.axis]
    shape[axis.axis] = axis.made
    let count = try elementCount(of: [channels, axis.taps, outer, axis.made, inner])
    guard count <= limits.units else { throw NodeRefusal.tooManyUnits(shape) }
    try budget.require(4 * count)
    let after = ReLUChain.withoutBatch(shape, batchAxis: data.batchAxis)
    var (source, weights): ([Int], [Double]) = ([], [])
    source.reserveCapacity(count)
    weights.reserveCapacity(count)
    for channel in 0..<channels {
      for tap in 0..<axis.taps {
        for block in 0..<outer {
          for place in 0..<axis.made {
            let element = axis.sources[place * axis.taps + tap]
            let first = ((channel * outer + block) * size + element) * inner
            source += (0..<inner).map { element < 0 ? -1 : first + $0 }
            weights += repeatElement(axis.weights[place * axis.taps + tap], count: inner)
          }
        }
      }
    }
    if axis.isSelection { return [try selection(source, from: before, to: after)] }
    let isImage = axis.axis > lead
    let positions = isImage ? [outer, axis.made * inner] : [axis.made, inner]
    let parts = [channels * axis.taps] + positions
    let sums = Convolution(
      input: (parts[0], parts[1], parts[2]), output: (channels, parts[1], parts[2]), kernel: (1, 1),
      stride: (1, 1), pad: (0, 0), dilation: (1, 1), groups: channels,
      weights: [Double](repeating: 1, count: channels * axis.taps),
      bias: [Double](repeating: 0, count: channels))
    // The error covers the rounding of a weight, which is no number of the file. Products of weights and sums are
    // results that half precision may store, too.
    return [
      try selection(source, from: before, to: parts),
      try factor(
        weights, Uncertainty(perInput: axis.error), deployed: axis.taps + 2, parts, sources: []),
      step(.convolution(sums), from: parts, to: after),
    ]
  }
}
