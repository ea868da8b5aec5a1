import NetworkGraph

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
  var roundings: Constant.Roundings

  init(_ constant: Constant, inputs: Int, outputs: Int, isTransposed: Bool) throws(NodeRefusal) {
    (self.inputs, self.outputs) = (inputs, outputs)
    roundings = try constant.relativeRoundings()
    weights = try constant.weights(as: "weight")
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

/// Products with one factor; counts a rounding of binary64 where one is not exact.
func multiplied(
  _ values: [Double], by factor: Double, _ roundings: inout Constant.Roundings
) throws(NodeRefusal) -> [Double] {
  var isExact = true
  var products: [Double] = []
  products.reserveCapacity(values.count)
  for value in values {
    let product = value * factor
    guard product.isFinite, abs(product) > 0x1p-900 || value == 0 || factor == 0 else {
      throw NodeRefusal("beta, \(factor), takes the bias \(value) out of range")
    }
    isExact = isExact && (-product).addingProduct(value, factor) == 0
    products.append(product)
  }
  if !isExact { roundings.stored += 1 }
  return products
}
