import NetworkGraph
import ReLUChain

/// How the units of a matrix-shaped value lie in memory: `[outer, channels, inner]`, row-major.
struct MatrixLayout {
  var outer: Int
  var inner: Int

  var positions: Int { outer * inner }

  /// For every unit of `[channels, positions]`, its place in this layout.
  func channelMajor(channels: Int) -> [Int] {
    var source: [Int] = []
    source.reserveCapacity(channels * positions)
    for channel in 0..<channels {
      for block in 0..<outer {
        for position in 0..<inner {
          source.append((block * channels + channel) * inner + position)
        }
      }
    }
    return source
  }

  /// For every unit of this layout, its place in `[channels, positions]`.
  func fromChannelMajor(channels: Int) -> [Int] {
    var source: [Int] = []
    source.reserveCapacity(channels * positions)
    for block in 0..<outer {
      for channel in 0..<channels {
        for position in 0..<inner {
          source.append((channel * outer + block) * inner + position)
        }
      }
    }
    return source
  }
}

/// A matrix applied to every position of the data, with a bias per row.
struct MatrixProduct {
  /// `[outputs, inputs]`.
  var weights: [Double]
  var outputs: Int
  var inputs: Int
  var bias: [Double]
  var uncertainty: Uncertainty

  init(_ constant: Constant, inputs: Int, outputs: Int, isTransposed: Bool) throws(NodeRefusal) {
    (self.inputs, self.outputs) = (inputs, outputs)
    weights = try constant.weights(as: "weight")
    uncertainty = Uncertainty(weights: weights, errors: constant.errors)
    if isTransposed { weights = Self.transposed(weights, rows: inputs, columns: outputs) }
    bias = [Double](repeating: 0, count: outputs)
  }

  private static func transposed(_ values: [Double], rows: Int, columns: Int) -> [Double] {
    guard rows > 1, columns > 1 else { return values }
    return [Double](unsafeUninitializedCapacity: values.count) { buffer, count in
      values.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          for column in 0..<columns {
            buffer[column * rows + row] = source[row * columns + column]
          }
        }
      }
      count = values.count
    }
  }
}
