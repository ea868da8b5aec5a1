import ReLUChain

/// What the deployed network's rounding can change at the output of one operator.
package struct DeployedCharge: Sendable, Equatable {
  /// The coefficient of `A`; 0 for exact arithmetic and before the stage's last rounding.
  package var relative = 0.0
  /// How far a deployed value can lie beyond its magnitude: `|zhat| <= (1 + reach) A`.
  package var reach = 0.0
  /// Underflow of the operator's own operations.
  package var absolute = 0.0
  /// Underflow of rounded weights: times the sum of the input's magnitudes.
  package var absolutePerInput = 0.0
  /// Where the stage that ends here is one sum, what often costs less than `relative`.
  package var sum: PlainSum?

  package init(
    relative: Double = 0, reach: Double = 0, absolute: Double = 0, absolutePerInput: Double = 0,
    sum: PlainSum? = nil
  ) {
    (self.relative, self.reach) = (relative, reach)
    (self.absolute, self.absolutePerInput) = (absolute, absolutePerInput)
    self.sum = sum
  }

  static let none = DeployedCharge()

  /// Whether nothing is charged at any output.
  var isNothing: Bool { relative == 0 && absolute == 0 && absolutePerInput == 0 }
}

/// How a stage of several operators is charged for the deployed network's rounding.
///
/// With `a_0 = zbar` and `A_i = |W_i| a_{i-1} + |b_i|` pushed through the operators one by one,
/// without cancellation (`a_i = A_i` where no ReLU stands between), every computed output of the
/// stage is a sum over paths of products of stored numbers, each with at most `R` factors
/// `1 + theta`, where `R` counts the roundings of all operators together. So its error is at most
/// `g(R) A_r` (Higham, Accuracy and Stability of Numerical Algorithms, Lemma 3.1), in any order of
/// summation, fused or not, and also where an exporter or a runtime has folded operators into each
/// other, for each of which two roundings a number are added; an offset that stands in front of a sum
/// and is folded into its bias passes that sum twice. It is charged once, at the stage's
/// last operator; charging the ones before as well would pay twice. Also where that one is a
/// selection, exact in itself: a runtime may compute the copies that it makes one by one. Of a stage that
/// is one sum more is known (`PlainSum`); the smaller of both counts.
///
/// Numbers that the deployed format has to round are rounded first, a path's each once. In half
/// precision with wide sums a result is stored, and once more where a bias is added to what was
/// stored.
///
/// Underflow adds `tiny` an operation, charged where it happens and at the end, and `tiny` times the
/// input for a weight that is rounded, or a product of a scaling's constants that is held. A *folded*
/// weight that underflows otherwise is outside the model, as flushing to zero is. A number that the
/// format cannot hold would be an infinity there (`ReLUChain.obstacles`), and constants that were not
/// read for the format are charged for another one: nothing is known then.
struct StageCharges {
  let arithmetic: Arithmetic
  /// Whether a half-precision network accumulates its sums in binary32.
  let wideSums: Bool
  /// Whether the chain's constants were read for the arithmetic's format.
  var isRead = true

  /// The charges of a stage's operators, in order.
  func charges(of operators: [LinearOperator]) -> [DeployedCharge] {
    guard let format = arithmetic.format else { return operators.map { _ in .none } }
    let own = operators.map { roundings(of: $0, format) }
    let total = total(of: own, operators)
    let areHeld = isRead && operators.allSatisfy { $0.obstacles(in: format).isEmpty }
    let error = areHeld ? total.relativeError(format, wideSums: wideSums) : .infinity
    return operators.indices.map { index in
      let isLast = index == operators.count - 1
      let steps = own[index].stored + own[index].summed
      return DeployedCharge(
        relative: isLast ? error : 0, reach: error,
        absolute: Double(isLast ? total.stored + total.summed : steps) * format.tiny,
        absolutePerInput: underflow(of: operators[index], format) * format.tiny,
        sum: isLast && areHeld ? plainSum(operators, own, format) : nil)
    }
  }

  /// The roundings of a whole stage, with those of folding its operators into each other.
  private func total(
    of own: [DeployedRoundings], _ operators: [LinearOperator]
  ) -> DeployedRoundings {
    var total = own.reduce(DeployedRoundings(), +)
    let rounding = own.indices.filter { !own[$0].isExact }
    if rounding.count > 1 { total.stored += 2 * rounding.count }
    var hasOffset = false
    for (linear, own) in zip(operators, own) {
      if hasOffset { total.summed += own.summed }
      hasOffset = hasOffset || !linear.isVirtual && linear.hasOffset
    }
    return total
  }

  /// The roundings on the way to one output of an operator.
  func roundings(of linear: LinearOperator, _ format: FloatFormat) -> DeployedRoundings {
    var count = DeployedRoundings()
    if linear.isVirtual {
      count.stored = sourceRoundings(of: linear, format)
      return count
    }
    switch linear.kind {
    case .dense:
      count.summed = linear.inputCount + 1
    case .convolution(let c):
      count.summed = c.inputChannels / c.groups * c.kernelHeight * c.kernelWidth + 1
    case .scaling(let scaling):
      count.stored = scaling.deployedRoundings + divisorRoundings(of: scaling, format)
    case .selection(let selection):
      if !selection.constant.allSatisfy(format.represents) { count.stored = 1 }
      return count
    }
    guard !count.isExact else { return count }
    count.stored += sourceRoundings(of: linear, format)
    if arithmetic.isHalf && wideSums {
      count.stored += 1
      if count.summed > 0 && linear.hasOffset { count.stored += 1 }
    }
    return count
  }

  /// How many unit roundoffs are added where a divisor is subnormal: it, what it is the sum of and the
  /// sum each err by `tiny / 2`.
  private func divisorRoundings(of scaling: Scaling, _ format: FloatFormat) -> Int {
    guard scaling.leastDivisor < format.leastNormal else { return 0 }
    let ratio = 2 * format.tiny / scaling.leastDivisor / format.roundoff
    // Beyond that nothing is held (`HeldNumber`).
    return ratio < 0x1p60 ? Int(ratio.rounded(.up)) + 1 : 1 << 60
  }

  /// How many of the file's numbers in one path are rounded first.
  private func sourceRoundings(of linear: LinearOperator, _ format: FloatFormat) -> Int {
    switch linear.kind {
    case .dense(let dense): isEvery([dense.weights, dense.bias], of: format) ? 0 : 1
    case .convolution(let c): isEvery([c.weights, c.bias], of: format) ? 0 : 1
    case .scaling(let scaling):
      isEvery(scaling.sources, of: format)
        ? arithmetic.isHalf && !linear.isVirtual ? 1 : 0 : scaling.sourceRoundings
    case .selection: 0
    }
  }

  private func isEvery(_ numbers: [[Double]], of format: FloatFormat) -> Bool {
    numbers.allSatisfy { $0.allSatisfy(format.represents) }
  }

  /// What `tiny` times an input's magnitude has to be multiplied by for numbers that underflow.
  private func underflow(of linear: LinearOperator, _ format: FloatFormat) -> Double {
    guard case .scaling(let scaling) = linear.kind else {
      return sourceRoundings(of: linear, format) > 0 ? 1 : 0
    }
    guard scaling.deployedRoundings > 0 else { return 0 }
    let isSmall = scaling.scale.contains { $0 != 0 && $0.magnitude < format.leastNormal }
    let own: Double = isSmall || sourceRoundings(of: linear, format) > 0 ? 1 : 0
    return max(own, scaling.constantUnderflow)
  }
}
