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
