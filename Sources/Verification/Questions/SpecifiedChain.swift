import PropertyFiles
import ReLUChain

extension ReLUChain {
  /// The chain with constraints `g <= 0` of its outputs in place of them: `[-g_1, ..., -g_n, 0]`, so that
  /// the margin of the last over output `j` is a lower bound of `g_j`.
  ///
  /// The deployed network does not compute these operators. They are virtual: charged for this program's
  /// own rounding, and for factors that lie between numbers of binary64.
  func answering(_ constraints: [OutputConstraint]) -> ReLUChain {
    let last = stages[stages.count - 1]
    var operators = last.operators
    operators.append(Self.factors(constraints, of: classCount, operators.last?.outputShape ?? []))
    if let offsets = Self.offsets(constraints) { operators.append(offsets) }
    return with(stages: stages.dropLast() + [last.with(operators: operators)])
  }

  private static func factors(
    _ constraints: [OutputConstraint], of outputs: Int, _ shape: [Int]
  ) -> LinearOperator {
    let rows = constraints.count + 1
    var weights = [Double](repeating: 0, count: rows * outputs)
    var errors = weights
    for (row, constraint) in constraints.enumerated() {
      for term in constraint.terms {
        weights[row * outputs + term.output] = -term.coefficient.nearest
        errors[row * outputs + term.output] = term.coefficient.error
      }
    }
    let isExact = errors.allSatisfy { $0 == 0 }
    let dense = Dense(
      weights: weights, bias: [Double](repeating: 0, count: rows),
      uncertainty: Uncertainty(weights: weights, errors: isExact ? nil : errors))
    return LinearOperator(
      name: "the property's factors", operatorType: "Gemm", kind: .dense(dense),
      inputShape: shape, outputShape: [rows], isVirtual: true)
  }

  /// nil where nothing is added.
  private static func offsets(_ constraints: [OutputConstraint]) -> LinearOperator? {
    let shift = constraints.map { 0 - $0.constant.nearest } + [0]
    let errors = constraints.map(\.constant.error) + [0]
    guard shift.contains(where: { $0 != 0 }) || errors.contains(where: { $0 != 0 }) else {
      return nil
    }
    let isExact = errors.allSatisfy { $0 == 0 }
    // No number of the deployed network: it has none of them to round.
    let scaling = Scaling(
      scale: [Double](repeating: 1, count: shift.count), shift: shift,
      shiftMagnitude: shift.map(\.magnitude),
      uncertainty: Uncertainty(
        weights: [], errors: nil, offsets: shift, offsetErrors: isExact ? nil : errors),
      deployedRoundings: 0, sources: [])
    return LinearOperator(
      name: "the property's constants", operatorType: "Add", kind: .scaling(scaling),
      inputShape: [shift.count], outputShape: [shift.count], isVirtual: true)
  }
}

extension Enclosure {
  /// How far the value may lie from `nearest`; 0 for a number of binary64.
  var error: Double {
    isExact && nearest == lower ? 0 : max(upper - nearest, nearest - lower).nextUp
  }
}
