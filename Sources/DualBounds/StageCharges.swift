import ReLUChain

/// What the deployed network's rounding can change at the output of one operator.
struct DeployedCharge: Sendable, Equatable {
  /// The coefficient of `A`; 0 for exact arithmetic and before the stage's last rounding.
  var relative = 0.0
  /// How far a deployed value can lie beyond its magnitude: `|zhat| <= (1 + reach) A`.
  var reach = 0.0
  /// Underflow of the operator's own operations.
  var absolute = 0.0
  /// Underflow of rounded weights: times the sum of the input's magnitudes.
  var absolutePerInput = 0.0

  static let none = DeployedCharge()
}

/// How a stage of several operators is charged for the deployed network's rounding.
///
/// With `a_0 = zbar` and `A_i = |W_i| a_{i-1} + |b_i|` pushed through the operators one by one,
/// without cancellation (`a_i = A_i` where no ReLU stands between), every computed output of the
/// stage is a sum over paths of products of stored numbers, each with at most `R` factors
/// `1 + theta`, where `R` counts the roundings of all operators together. So its error is at most
/// `g(R) A_r` (Higham, Accuracy and Stability of Numerical Algorithms, Lemma 3.1), in any order of
/// summation, fused or not, and also where an exporter or a runtime has folded operators into each
/// other, for each of which two roundings a number are added. It is charged once, at the stage's
/// last operator; charging the ones before as well would pay twice. Also where that one is a
/// selection, exact in itself: a runtime may compute the copies that it makes one by one.
///
/// Underflow adds `tiny` an operation, charged where it happens and at the end. A *folded* constant
/// that underflows is outside the model, as flushing to zero is. A number of the file that the
/// format cannot hold would be an infinity there: nothing is known then.
struct StageCharges {
  let arithmetic: Arithmetic
  /// Whether a half-precision network accumulates its sums in binary32.
  let wideSums: Bool

  /// The charges of a stage's operators, in order.
  func charges(of operators: [LinearOperator]) -> [DeployedCharge] {
    guard let format = arithmetic.format else { return operators.map { _ in .none } }
    let own = operators.map { roundings(of: $0, format) }
    let rounding = own.indices.filter { !own[$0].isExact }
    var total = own.reduce(DeployedRoundings(), +)
    if rounding.count > 1 { total.stored += 2 * rounding.count }
    let areHeld = operators.allSatisfy { isHeld($0, format) }
    let error = areHeld ? total.relativeError(format, wideSums: wideSums) : .infinity
    return operators.indices.map { index in
      let isLast = index == operators.count - 1
      let steps = own[index].stored + own[index].summed
      return DeployedCharge(
        relative: isLast ? error : 0, reach: error,
        absolute: Double(isLast ? total.stored + total.summed : steps) * format.tiny,
        absolutePerInput: roundsWeights(of: operators[index], format) ? format.tiny : 0)
    }
  }

  /// Whether the format can hold every number of an operator.
  private func isHeld(_ linear: LinearOperator, _ format: FloatFormat) -> Bool {
    let numbers =
      switch linear.kind {
      case .dense(let dense): [dense.weights, dense.bias]
      case .convolution(let c): [c.weights, c.bias]
      case .scaling(let scaling): [scaling.scale, scaling.shiftMagnitude]
      case .selection(let selection): [selection.constant]
      }
    return numbers.allSatisfy { $0.allSatisfy { $0.magnitude <= format.safelyHeld } }
  }

  /// The roundings on the way to one output of an operator.
  func roundings(of linear: LinearOperator, _ format: FloatFormat) -> DeployedRoundings {
    var count = DeployedRoundings()
    switch linear.kind {
    case .dense(let dense):
      count.summed = linear.inputCount + 1
      count.stored = dense.extraRoundings
    case .convolution(let c):
      count.summed = c.inputChannels / c.groups * c.kernelHeight * c.kernelWidth + 1
      count.stored = c.extraRoundings
    case .scaling(let scaling):
      count.stored = scaling.deployedRoundings
    case .selection(let selection):
      if !selection.constant.allSatisfy(format.represents) { count.stored = 1 }
      return count
    }
    guard !count.isExact else { return count }
    if roundsWeights(of: linear, format) { count.stored += 1 }
    // A half-precision result is rounded once more when it is stored.
    if arithmetic.isHalf && wideSums { count.stored += 1 }
    return count
  }

  /// Whether the file's numbers are none of the deployed format.
  private func roundsWeights(of linear: LinearOperator, _ format: FloatFormat) -> Bool {
    switch linear.kind {
    case .dense(let dense):
      !dense.weights.allSatisfy(format.represents) || !dense.bias.allSatisfy(format.represents)
    case .convolution(let c):
      !c.weights.allSatisfy(format.represents) || !c.bias.allSatisfy(format.represents)
    // The numbers that a scaling is made of are not its own: their roundings are counted there.
    case .scaling: arithmetic.isHalf
    case .selection: false
    }
  }
}
