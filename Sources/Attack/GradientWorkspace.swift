import CKernels
import ReLUChain

/// One worker's scratch memory for gradients.
public final class GradientWorkspace {
  /// The network that is evaluated.
  public let network: GradientNetwork
  let kernels: cm_gradient_kernels
  private let layers: [GradientLayer]

  /// Allocates scratch for one worker.
  public init(_ network: GradientNetwork) {
    self.network = network
    kernels = cm_best_gradient_kernels().pointee
    layers = network.layers.map { GradientLayer($0.order) }
  }

  /// The logits at a point, in binary32.
  ///
  /// - Parameter point: `[inputCount]`, in the file's order.
  /// - Complexity: one pass; visits every weight at most once.
  public func logits(at point: [Float]) -> [Float] {
    precondition(point.count == network.inputCount, "point does not fit the network")
    enter(point)
    for index in network.layers.indices.dropFirst() { forward(to: index) }
    let top = network.layers.count - 1
    let order = network.layers[top].order
    return (0..<network.classCount).map { layers[top].values.pointer[order.place($0)] }
  }

  /// The derivative of a weighted sum of logits at the point of the last call of `logits`.
  ///
  /// - Parameters:
  ///   - weights: `[classCount]`: the coefficient of each logit.
  ///   - gradient: `[inputCount]`, overwritten, in the file's order. A ReLU at 0 has slope 0.
  /// - Complexity: as `logits`.
  public func differentiate(_ weights: [Float], into gradient: inout [Float]) {
    precondition(weights.count == network.classCount, "one weight a class")
    precondition(gradient.count == network.inputCount, "one entry a feature")
    let top = network.layers.count - 1
    let order = network.layers[top].order
    layers[top].gradients.pointer.update(repeating: 0, count: order.extent)
    for (unit, weight) in weights.enumerated() {
      layers[top].gradients.pointer[order.place(unit)] = weight
    }
    for index in stride(from: top, to: 0, by: -1) { backward(from: index) }
    let input = network.layers[0].order
    let found = layers[0].gradients.pointer
    for unit in gradient.indices { gradient[unit] = found[input.place(unit)] }
  }

  private func enter(_ point: [Float]) {
    let order = network.layers[0].order
    let target = layers[0].values.pointer
    for unit in point.indices { target[order.place(unit)] = point[unit] }
  }

  private func forward(to index: Int) {
    let (layer, target) = (network.layers[index], layers[index].values.pointer)
    network.producer(index).forward(kernels, layers[index - 1].values.pointer, target)
    guard layer.isReLU else { return }
    for place in 0..<layer.order.extent { target[place] = max(target[place], 0) }
  }

  private func backward(from index: Int) {
    let below = network.layers[index - 1]
    network.producer(index).backward(
      kernels, layers[index - 1].values.pointer, below.order, isReLU: below.isReLU,
      layers[index].gradients.pointer, layers[index - 1].gradients.pointer)
  }
}

/// One layer of one worker.
private final class GradientLayer {
  /// After the activation.
  let values: Buffer<Float>
  let gradients: Buffer<Float>

  init(_ order: UnitOrder) {
    values = Buffer(repeating: 0, count: order.extent)
    gradients = Buffer(repeating: 0, count: order.extent)
  }
}
