import ReLUChain

/// A dense operator from its rows.
public func denseOperator(
  _ rows: [[Double]], _ bias: [Double], name: String = ""
) -> LinearOperator {
  LinearOperator(
    name: name, operatorType: "Gemm",
    kind: .dense(Dense(weights: rows.flatMap { $0 }, bias: bias)),
    inputShape: [rows.first?.count ?? 0], outputShape: [rows.count])
}

/// A chain of two dense stages.
public func denseChain(
  _ first: [[Double]], _ firstBias: [Double], _ second: [[Double]], _ secondBias: [Double]
) -> ReLUChain {
  denseChain([(first, firstBias), (second, secondBias)])
}

/// A chain of dense stages, each given by its rows and its bias.
public func denseChain(_ stages: [(rows: [[Double]], bias: [Double])]) -> ReLUChain {
  ReLUChain(
    inputShape: [stages.first?.rows.first?.count ?? 0],
    stages: stages.enumerated().map { index, stage in
      AffineStage(operators: [denseOperator(stage.rows, stage.bias, name: "dense\(index)")])
    }, notes: [])
}

extension ReLUChain {
  /// The units of every ReLU layer.
  public var hiddenUnits: [Int] { stages.dropLast().map(\.outputCount) }

  /// The numbers of the file that all operators use.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
}

/// Two convolutions and a dense layer, of which the second convolution does not read the last position of
/// the first one's outputs: `[1, 1, 7]` to `[2, 1, 5]`, of which 4 are read, to `[2, 1, 2]` to 2 logits.
///
/// - Parameter number: draws a weight.
public func chainWithUnreadUnits(_ number: () -> Double) -> ReLUChain {
  func convolution(
    _ input: (channels: Int, width: Int), _ output: (channels: Int, width: Int), kernel: Int,
    stride: Int
  ) -> LinearOperator {
    let count = output.channels * input.channels * kernel
    return LinearOperator(
      name: "convolution of \(input.channels)", operatorType: "Conv",
      kind: .convolution(
        Convolution(
          input: (input.channels, 1, input.width), output: (output.channels, 1, output.width),
          kernel: (1, kernel), stride: (1, stride), pad: (0, 0), dilation: (1, 1), groups: 1,
          weights: (0..<count).map { _ in number() },
          bias: (0..<output.channels).map { _ in number() })),
      inputShape: [input.channels, 1, input.width],
      outputShape: [output.channels, 1, output.width])
  }
  let last = (0..<2).map { _ in (0..<4).map { _ in number() } }
  return ReLUChain(
    inputShape: [1, 1, 7],
    stages: [
      AffineStage(operators: [convolution((1, 7), (2, 5), kernel: 3, stride: 1)]),
      AffineStage(operators: [convolution((2, 5), (2, 2), kernel: 2, stride: 2)]),
      AffineStage(operators: [denseOperator(last, [number(), number()], name: "dense")]),
    ], notes: [])
}
