import CKernels

/// One worker's scratch memory for gradients.
public final class GradientWorkspace {
  /// The network that is evaluated.
  public let network: GradientNetwork
  let kernels: cm_gradient_kernels
  /// After the activation, layer by layer.
  private let values: [FloatBuffer]
  private let gradients: [FloatBuffer]

  /// Allocates scratch for one worker.
  public init(_ network: GradientNetwork) {
    self.network = network
    kernels = cm_best_gradient_kernels().pointee
    values = network.layers.map { FloatBuffer(count: $0.order.extent) }
    gradients = network.layers.map { FloatBuffer(count: $0.order.extent) }
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
    return (0..<network.classCount).map { values[top].pointer[order.place($0)] }
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
    gradients[top].pointer.update(repeating: 0, count: gradients[top].count)
    for (unit, weight) in weights.enumerated() {
      gradients[top].pointer[order.place(unit)] = weight
    }
    for index in stride(from: top, to: 0, by: -1) { backward(from: index) }
    let input = network.layers[0].order
    let found = gradients[0].pointer
    for unit in gradient.indices { gradient[unit] = found[input.place(unit)] }
  }

  private func enter(_ point: [Float]) {
    let order = network.layers[0].order
    let target = values[0].pointer
    for unit in point.indices { target[order.place(unit)] = point[unit] }
  }

  private func forward(to index: Int) {
    let (layer, target) = (network.layers[index], values[index].pointer)
    network.producer(index).forward(kernels, values[index - 1].pointer, target)
    guard layer.isReLU else { return }
    for place in 0..<layer.order.extent { target[place] = max(target[place], 0) }
  }

  private func backward(from index: Int) {
    let below = network.layers[index - 1]
    network.producer(index).backward(
      kernels, values[index - 1].pointer, below.order, isReLU: below.isReLU,
      gradients[index].pointer, gradients[index - 1].pointer)
  }
}
