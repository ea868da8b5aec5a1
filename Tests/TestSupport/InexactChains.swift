import ReLUChain

extension ReLUChain {
  /// The chain with every number of a dense, convolution or scaling operator moved by up to
  /// `roundings` roundings of binary64, most of them as far as that.
  ///
  /// One rounding moves a number `w` by at most `|w| 2^-53`; the numbers that result are binary64
  /// themselves, so they move by whole units in the last place, rounded towards the old ones.
  public func perturbed(
    withinRoundings roundings: Int, using random: inout SeededGenerator
  ) -> ReLUChain {
    func move(_ number: Double, size: Double) -> Double {
      let reach = Double(roundings) * 0x1p-53 * size
      let target = number + random.pick([-1, -1, 1, 1, 0], or: 0) * reach
      if abs((Rational(target) - Rational(number)).approximation) <= reach * (1 - 0x1p-40) {
        return target
      }
      return target > number ? target.nextDown : target < number ? target.nextUp : number
    }
    func moved(_ numbers: [Double]) -> [Double] { numbers.map { move($0, size: abs($0)) } }
    return mapKinds { kind in
      switch kind {
      case .dense(var dense):
        (dense.weights, dense.bias) = (moved(dense.weights), moved(dense.bias))
        return .dense(dense)
      case .convolution(var convolution):
        (convolution.weights, convolution.bias) =
          (moved(convolution.weights), moved(convolution.bias))
        return .convolution(convolution)
      case .scaling(var scaling):
        scaling.scale = moved(scaling.scale)
        scaling.shift = zip(scaling.shift, scaling.shiftMagnitude).map { move($0, size: $1) }
        return .scaling(scaling)
      case .selection:
        return kind
      }
    }
  }

  /// The chain with an uncertainty stated for every operator that can state it.
  public func claiming(_ uncertainty: Uncertainty) -> ReLUChain {
    mapOperators { $0.claiming(uncertainty) }
  }

  /// The chain with another first operator.
  public func changingFirst(_ change: (LinearOperator) -> LinearOperator) -> ReLUChain {
    let operators = stages[0].operators
    let first = stages[0].with(operators: [change(operators[0])] + operators.dropFirst())
    return with(stages: [first] + stages.dropFirst())
  }

  private func mapKinds(
    _ change: (LinearOperator.Kind) -> LinearOperator.Kind
  ) -> ReLUChain {
    mapOperators { $0.computing(change($0.kind)) }
  }
}

extension LinearOperator {
  /// The operator with an uncertainty stated, where it can state one.
  public func claiming(_ uncertainty: Uncertainty) -> LinearOperator {
    switch kind {
    case .dense(var dense):
      dense.uncertainty = uncertainty
      return computing(.dense(dense))
    case .convolution(var convolution):
      convolution.uncertainty = uncertainty
      return computing(.convolution(convolution))
    case .scaling(var scaling):
      scaling.uncertainty = uncertainty
      return computing(.scaling(scaling))
    case .selection:
      return self
    }
  }
}
