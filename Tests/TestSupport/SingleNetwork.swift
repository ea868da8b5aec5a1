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
          scale: scale, shift: shift, shiftMagnitude: size, inexactness: 2, deployedRoundings: 8)),
      inputShape: [scale.count], outputShape: [scale.count])
  }

  func applied(_ unit: Int, _ x: Float) -> Float {
    ((x - mean[unit]) * inverseDeviation[unit]) * gamma[unit] + beta[unit]
  }
}

/// How the sums of one evaluation are ordered.
public enum SummationOrder: Sendable, CaseIterable {
  /// The bias, then the products in order.
  case forward
  /// The products in reverse, then the bias.
  case backward
  /// The products and the bias in any order, into one accumulator.
  case shuffled
  /// Any binary tree over the products and the bias.
  case tree
}

/// A chain as deployed in binary32: every product and sum rounded, in an order drawn anew for every
/// unit, with or without fused multiply-add, step by step as it comes.
///
/// The chain's numbers must be binary32 values. Overflow and NaN run through as the hardware has it.
public struct SingleNetwork: Sendable {
  private struct Step: Sendable {
    var taps: [Taps]
    var normalization: BatchNormalization?
  }

  private let stages: [[Step]]

  /// Prepares a chain; operators named in `normalizations` are computed unfused at times.
  public init(_ chain: ReLUChain, normalizations: [String: BatchNormalization] = [:]) {
    stages = chain.stages.map { stage in
      stage.operators.map { Step(taps: $0.taps, normalization: normalizations[$0.name]) }
    }
  }

  /// The pre-activations of every stage at one point, the logits last.
  ///
  /// - Parameter fusing: The probability that a product is fused into the sum that takes it.
  public func preActivations(
    at point: [Float], order: SummationOrder, fusing: Double,
    using random: inout SeededGenerator
  ) -> [[Float]] {
    var values = point
    var result: [[Float]] = []
    for stage in stages {
      for step in stage {
        values = step.taps.indices.map { unit in
          if let normalization = step.normalization, random.chance(0.5) {
            return normalization.applied(unit, values[unit])
          }
          return Self.sum(
            step.taps[unit], of: values, order: order, fusing: fusing, using: &random)
        }
      }
      result.append(values)
      values = values.map { $0 > 0 || $0.isNaN ? $0 : 0 }
    }
    return result
  }

  private static func sum(
    _ taps: Taps, of values: [Float], order: SummationOrder, fusing: Double,
    using random: inout SeededGenerator
  ) -> Float {
    var items = SumItem.items(taps, of: values)
    switch order {
    case .forward: break
    case .backward: items.reverse()
    case .shuffled: items.shuffle(using: &random)
    case .tree:
      while items.count > 1 {
        let left = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        let right = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        items.append(left.adding(right, fused: random.chance(fusing)))
      }
    }
    var total = items[0]
    for item in items.dropFirst() { total = total.adding(item, fused: random.chance(fusing)) }
    return total.rounded
  }
}
