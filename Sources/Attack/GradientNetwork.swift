import ReLUChain

/// A chain made ready for gradients in binary32, shared by every worker.
///
/// What it computes guides a search and proves nothing: whoever finds a point checks it elsewhere.
public final class GradientNetwork: Sendable {
  /// One layer of units, and the operator that it comes from (nil for the input).
  struct Layer: Sendable {
    var order: UnitOrder
    var isReLU = false
    var map: GradientOperator?
  }

  let layers: [Layer]
  /// The number of features of one input.
  public let inputCount: Int
  /// The number of logits.
  public let classCount: Int

  /// Lays the chain out for the kernels.
  public init(_ chain: ReLUChain) {
    inputCount = chain.inputCount
    classCount = chain.classCount
    layers = Self.layers(of: chain)
  }

  /// Bytes of a chain's network, and of the scratch of one worker, to within the few layers that
  /// only change the order of units.
  public static func memory(of chain: ReLUChain) -> (network: Int, worker: Int) {
    var network = 0
    var units = chain.inputCount
    for linear in chain.stages.flatMap(\.operators) {
      units += linear.outputCount + linear.inputCount
      switch linear.kind {
      case .dense:
        network += LayoutBytes.product(
          4, linear.inputCount, GradientGrid.padded(linear.outputCount))
      case .convolution(let c) where c.groups == 1:
        let height = (c.kernelHeight - 1) * c.dilationY + 1
        let width = (c.kernelWidth - 1) * c.dilationX + 1
        network += LayoutBytes.product(
          4, height, width, c.inputChannels, GradientGrid.padded(c.outputChannels))
        // Channels are padded.
        units += linear.outputCount / max(1, c.outputChannels) * GradientGrid.padded(1)
      case .convolution(let c):
        let taps = c.kernelHeight * c.kernelWidth * c.inputChannels / c.groups
        network += LayoutBytes.product(12 * taps + 20, linear.outputCount)
      case .scaling, .selection:
        network += 32 * linear.outputCount
      }
    }
    return (network, units * 8)
  }

  private static func layers(of chain: ReLUChain) -> [Layer] {
    let all = chain.stages.flatMap(\.operators)
    var layers = [Layer(order: demanded(by: all[...], count: chain.inputCount))]
    var next = 0
    for (index, stage) in chain.stages.enumerated() {
      for linear in stage.operators {
        next += 1
        append(linear, to: &layers, followedBy: all[next...])
      }
      layers[layers.count - 1].isReLU = index + 1 < chain.stages.count
    }
    return layers
  }

  /// The order that the next operator which cares wants of its input.
  private static func demanded(by operators: ArraySlice<LinearOperator>, count: Int) -> UnitOrder {
    for linear in operators {
      switch linear.kind {
      case .scaling: continue
      case .convolution(let c) where c.groups == 1: return imageOrder(c)
      default: return .flat(count)
      }
    }
    return .flat(count)
  }

  private static func imageOrder(_ c: Convolution) -> UnitOrder {
    UnitOrder(
      channels: c.inputChannels, height: c.inputHeight, width: c.inputWidth,
      stride: c.inputChannels)
  }

  private static func append(
    _ linear: LinearOperator, to layers: inout [Layer],
    followedBy rest: ArraySlice<LinearOperator>
  ) {
    var input = layers[layers.count - 1].order
    switch linear.kind {
    case .dense(let dense):
      var output = UnitOrder.flat(linear.outputCount)
      output.stride = GradientGrid.padded(linear.outputCount)
      layers.append(Layer(order: output, map: .grid(GradientGrid(dense, input: input))))
    case .convolution(let c) where c.groups == 1:
      let wanted = imageOrder(c)
      if (input.channels, input.height, input.width)
        != (wanted.channels, wanted.height, wanted.width)
      {
        let rows = GradientSparse(rearranging: input, to: wanted)
        layers.append(Layer(order: wanted, map: .sparse(rows)))
        input = wanted
      }
      let output = UnitOrder(
        channels: c.outputChannels, height: c.outputHeight, width: c.outputWidth,
        stride: GradientGrid.padded(c.outputChannels))
      layers.append(Layer(order: output, map: .grid(GradientGrid(c, input: input))))
    case .convolution(let c):
      let output = UnitOrder(
        channels: c.outputChannels, height: c.outputHeight, width: c.outputWidth,
        stride: c.outputChannels)
      let rows = GradientSparse(c, input: input, output: output)
      layers.append(Layer(order: output, map: .sparse(rows)))
    case .scaling(let scaling):
      var output = input
      output.stride = input.channels
      let rows = GradientSparse(scaling, input: input, output: output)
      layers.append(Layer(order: output, map: .sparse(rows)))
    case .selection(let selection):
      let output = demanded(by: rest, count: linear.outputCount)
      let rows = GradientSparse(selection, input: input, output: output)
      layers.append(Layer(order: output, map: .sparse(rows)))
    }
  }
}
