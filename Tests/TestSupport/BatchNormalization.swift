import ReLUChain

/// A batch normalisation as a deployed network may compute it, step by step:
/// `((x - mean) * inverseDeviation) * gamma + beta`, each step rounded to binary32.
public struct BatchNormalization: Sendable {
  /// `[count]` each, binary32 values.
  public var mean, inverseDeviation, gamma, beta: [Float]

  /// Creates a normalisation from binary32 numbers.
  public init(mean: [Float], inverseDeviation: [Float], gamma: [Float], beta: [Float]) {
    (self.mean, self.inverseDeviation) = (mean, inverseDeviation)
    (self.gamma, self.beta) = (gamma, beta)
  }

  /// The operator that an importer would make of it: the factors folded in binary64.
  public func scaling(name: String) -> LinearOperator {
    let scale = zip(gamma, inverseDeviation).map { Double($0) * Double($1) }
    let folded = zip(mean, scale).map { Double($0) * $1 }
    let shift = zip(beta, folded).map { Double($0) - $1 }
    let size = zip(beta, folded).map { (Double($0).magnitude + $1.magnitude).nextUp }
    return LinearOperator(
      name: name, operatorType: "BatchNormalization",
      // The product gamma * inverse is exact (24 + 24 bits); mean * scale and the sum round.
      kind: .scaling(
        Scaling(
          scale: scale, shift: shift, shiftMagnitude: size, uncertainty: Uncertainty(roundings: 2),
          deployedRoundings: 8)),
      inputShape: [scale.count], outputShape: [scale.count])
  }

  func applied(_ unit: Int, _ x: Double) -> Double {
    Double(((Float(x) - mean[unit]) * inverseDeviation[unit]) * gamma[unit] + beta[unit])
  }
}
