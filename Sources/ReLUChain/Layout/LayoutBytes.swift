/// The memory that operators take where they are written out for kernels, in bytes.
///
/// Strides and dilations, a few bytes of a file, write a kernel out to sizes whose product an `Int` does
/// not hold.
public enum LayoutBytes {
  /// More than any one operator takes in earnest: 4 TiB. The sum over a million of them is an `Int`.
  public static let tooMuch = 1 << 42

  /// The product of numbers >= 0, or `tooMuch` where that is less.
  public static func product(_ factors: Int...) -> Int {
    let product = factors.reduce(1) { $0 * Double($1) }
    return product < Double(tooMuch) ? Int(product) : tooMuch
  }
}

extension ReLUChain {
  /// Bytes of the numbers that the chain itself holds.
  package var numberBytes: Int {
    stages.flatMap(\.operators).reduce(0) { $0 + $1.numberBytes }
  }
}

extension LinearOperator {
  fileprivate var numberBytes: Int {
    switch kind {
    case .dense(let dense): 8 * (dense.weights.count + dense.bias.count)
    case .convolution(let convolution): 8 * (convolution.weights.count + convolution.bias.count)
    case .scaling(let scaling):
      8 * (3 * scaling.scale.count + scaling.sources.reduce(0) { $0 + $1.count })
    case .selection(let selection): 16 * selection.source.count
    }
  }
}
