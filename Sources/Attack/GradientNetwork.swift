import ReLUChain

/// A chain made ready for gradients in binary32, shared by every worker.
///
/// What it computes guides a search and proves nothing: whoever finds a point checks it elsewhere.
public final class GradientNetwork: Sendable {
  /// One layer of units.
  struct Layer: Sendable {
    var order: UnitOrder
    var isReLU = false
  }

  let layers: [Layer]
  /// Operator `i` produces layer `i + 1`.
  private let operators: [GradientOperator]
  /// The number of features of one input.
  public let inputCount: Int
  /// The number of logits.
  public let classCount: Int

  /// Lays the chain out for the kernels.
  public init(_ chain: ReLUChain) {
    inputCount = chain.inputCount
    classCount = chain.classCount
    let layout = ChainLayout(chain)
    let orders = Self.orders(layout)
    layers = zip(orders, [false] + layout.steps.map(\.isReLU)).map { Layer(order: $0, isReLU: $1) }
    operators = layout.steps.enumerated().map { index, step in
      GradientOperator(step, input: orders[index], output: orders[index + 1])
    }
  }

  /// The operator that produces a layer, which is not the input.
  func producer(_ layer: Int) -> GradientOperator { operators[layer - 1] }

  /// Bytes of a chain's network, and of the scratch of one worker.
  public static func memory(of chain: ReLUChain) -> (network: Int, worker: Int) {
    let layout = ChainLayout(chain)
    return (
      layout.steps.reduce(0) { $0 + GradientOperator.bytes($1) },
      orders(layout).reduce(0) { $0 + 2 * FloatBuffer.bytes($1.extent) }
    )
  }

  /// Of every layer, the input first. Kernels of full matrices and convolutions write whole vectors.
  private static func orders(_ layout: ChainLayout) -> [UnitOrder] {
    let input = UnitOrder(layout: layout.input, stride: layout.input.channels)
    return [input]
      + layout.steps.map { step in
        switch step.map {
        case .dense, .convolution:
          UnitOrder(layout: step.output, stride: GradientGrid.padded(step.output.channels))
        case .sparse: UnitOrder(layout: step.output, stride: step.output.channels)
        }
      }
  }
}
