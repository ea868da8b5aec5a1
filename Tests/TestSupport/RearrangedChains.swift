import ReLUChain

/// A chain whose units are laid out anew between its layers: the four channels of a convolution are read
/// as one image by the next, whose channels are then averaged away.
///
/// Numbers are multiples of 1/4, so that every sum is exact in binary32.
public func rearrangedChain(seed: UInt64) throws -> ReLUChain {
  var random = SeededGenerator(state: seed)
  func numbers(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Int.random(in: -6...6, using: &random)) / 4 }
  }
  var maker = NetworkMaker([1, 2, 4, 4])
  maker.then(
    "Conv", [maker.floats([4, 2, 3, 3], numbers(72)), maker.floats([4], numbers(4))],
    ["kernel_shape": .ints([3, 3])])
  maker.then("Relu")
  maker.then("Reshape", [maker.integers([1, 1, 4, 4])])
  maker.then(
    "Conv", [maker.floats([3, 1, 3, 3], numbers(27)), maker.floats([3], numbers(3))],
    ["kernel_shape": .ints([3, 3])])
  maker.then("Relu")
  maker.then("GlobalAveragePool")
  maker.then("Flatten")
  maker.then("Gemm", [maker.floats([3, 3], numbers(9)), maker.floats([3], numbers(3))])
  return try maker.chain()
}
