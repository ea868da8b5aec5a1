/// Which score decides on the class.
public enum Decision: String, Sendable, CaseIterable {
  /// The largest, of equal ones the first.
  case argmax
  /// The smallest, of equal ones the first: scores are costs, as those of the ACAS Xu networks.
  case argmin
}

extension ReLUChain {
  /// The chain whose largest score decides as this one's scores are meant to.
  ///
  /// For `argmin` every score is negated behind the last operator, which rounds nothing in any
  /// arithmetic: the deployed network need not compute it for the class to be the same.
  public func deciding(by decision: Decision) -> ReLUChain {
    guard decision == .argmin, let last = stages.last?.operators.last else { return self }
    let count = last.outputCount
    let zeros = [Double](repeating: 0, count: count)
    let negation = Scaling(
      scale: [Double](repeating: -1, count: count), shift: zeros, shiftMagnitude: zeros,
      deployedRoundings: 0)
    let operators =
      stages[stages.count - 1].operators + [
        LinearOperator(
          name: "--decision argmin", operatorType: "Neg", kind: .scaling(negation),
          inputShape: last.outputShape, outputShape: last.outputShape)
      ]
    return with(
      stages: stages.dropLast() + [AffineStage(operators: operators)],
      note:
        "--decision argmin: the class is that of the smallest score; every score is negated, exactly,"
        + " and margins are z_j - z_y of the network's own scores")
  }
}
