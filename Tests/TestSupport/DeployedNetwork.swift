import ReLUChain

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

/// How one evaluation of a deployed network goes about it.
public struct Evaluation: Sendable, CustomStringConvertible {
  /// The order of every sum.
  public var order: SummationOrder
  /// The probability that a product is fused into the sum that takes it.
  public var fusing: Double
  /// Whether each stage has been folded into one product beforehand.
  public var isFolded: Bool

  /// Chooses an evaluation.
  public init(order: SummationOrder, fusing: Double = 0, isFolded: Bool = false) {
    (self.order, self.fusing, self.isFolded) = (order, fusing, isFolded)
  }

  /// For messages.
  public var description: String { "\(order), fusing \(fusing)" + (isFolded ? ", folded" : "") }
}

/// A chain as deployed: weights and activations stored in one format, every product and sum rounded
/// to another or the same, in an order drawn anew for every unit, fused or not.
///
/// Overflow and NaN run through as the hardware has it.
public struct DeployedNetwork: Sendable {
  private struct Step: Sendable {
    var taps: [Taps]
    var normalization: BatchNormalization?
    var isExact: Bool
  }

  private let stored: DeployedFormat
  private let summed: DeployedFormat
  private let stages: [[Step]]
  /// For each stage one step, of the exact product of its operators, its numbers rounded; so what a
  /// selection repeats is summed apart, in an order of its own.
  private let foldedStages: [[Step]]

  /// Prepares a chain; operators named in `normalizations` are computed step by step at times.
  public init(
    _ chain: ReLUChain, stored: DeployedFormat = .binary32, summed: DeployedFormat = .binary32,
    normalizations: [String: BatchNormalization] = [:]
  ) {
    (self.stored, self.summed) = (stored, summed)
    stages = chain.stages.map { stage in
      stage.operators.map { step in
        var isExact = false
        if case .selection = step.kind { isExact = true }
        return Step(
          taps: step.taps.map { $0.rounded(stored) }, normalization: normalizations[step.name],
          isExact: isExact)
      }
    }
    foldedStages = zip(chain.stages, stages).map { stage, steps in
      guard steps.contains(where: { !$0.isExact }) else { return steps }
      let folded = ExactStage(
        stage.operators[...], inputCount: stage.operators.first?.inputCount ?? 0)
      let taps = zip(folded.rows, folded.bias).map { row, bias in
        Taps(
          terms: row.map { Taps.Term(source: $0.column, weight: $0.weight.approximation) },
          offset: bias.approximation)
      }
      let step = Step(
        taps: taps.map { $0.rounded(stored) }, normalization: nil, isExact: false)
      return [step]
    }
  }

  /// The pre-activations of every stage at one point, the logits last.
  public func preActivations(
    at point: [Double], _ evaluation: Evaluation, using random: inout SeededGenerator
  ) -> [[Double]] {
    var values = point
    var result: [[Double]] = []
    for stage in evaluation.isFolded ? foldedStages : stages {
      for step in stage {
        values = step.taps.indices.map { unit in
          output(unit, of: step, values, evaluation, using: &random)
        }
      }
      result.append(values)
      values = values.map { $0 > 0 || $0.isNaN ? $0 : 0 }
    }
    return result
  }

  private func output(
    _ unit: Int, of step: Step, _ values: [Double], _ evaluation: Evaluation,
    using random: inout SeededGenerator
  ) -> Double {
    let taps = step.taps[unit]
    if step.isExact { return taps.terms.first.map { values[$0.source] } ?? taps.offset }
    if let normalization = step.normalization, random.chance(0.5) {
      return normalization.applied(unit, values[unit])
    }
    let items = SumItem.items(taps, of: values)
    return stored.rounded(sum(items, evaluation, using: &random))
  }

  private func sum(
    _ terms: [SumItem], _ evaluation: Evaluation, using random: inout SeededGenerator
  ) -> Double {
    var items = terms
    switch evaluation.order {
    case .forward: break
    case .backward: items.reverse()
    case .shuffled: items.shuffle(using: &random)
    case .tree:
      while items.count > 1 {
        let left = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        let right = items.remove(at: Int.random(in: 0..<items.count, using: &random))
        items.append(left.adding(right, fused: random.chance(evaluation.fusing), summed))
      }
    }
    var total = items[0]
    for item in items.dropFirst() {
      total = total.adding(item, fused: random.chance(evaluation.fusing), summed)
    }
    return total.rounded(summed)
  }
}
