import ReLUChain

/// One example's way through a chain in binary64, with how far a deployed network's values may lie
/// from it: what rounding can explain, value by value.
///
/// Two bounds are carried along, and the smaller one counts.
/// - *At worst*: the charges of `StageCharges` at every stage, pushed through `|W|`. No rounding
///   exceeds it, but over many layers it grows far beyond what happens.
/// - *Likely*: `likelihood` standard deviations of roundings that are independent with mean zero
///   (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis"): `sqrt(n) u A`
///   a sum of n terms, pushed through the squares of `W`.
///
/// This is a check for people, not a part of any proof: the bounds' own rounding is not charged.
public struct DeployedTrace: Sendable {
  /// How many standard deviations are still called rounding.
  public static let likelihood = 8.0

  /// The values behind one operator, and how far a deployed network's may lie from each.
  public struct Values: Sendable {
    /// In binary64, `[units]`.
    public var values: [Double]
    /// What rounding explains, `[units]`; infinite where nothing can be said.
    public var tolerances: [Double]

    /// Creates values from their parts.
    public init(values: [Double], tolerances: [Double]) {
      (self.values, self.tolerances) = (values, tolerances)
    }

    /// The same behind a ReLU, which moves no two values apart.
    public var rectified: Values {
      Values(values: values.map { max($0, 0) }, tolerances: tolerances)
    }
  }

  private let chain: ReLUChain
  private let format: FloatFormat
  private let stages: [[Step]]

  /// An operator with what its errors are pushed through.
  private struct Step: Sendable {
    var linear: LinearOperator
    /// `|W| x + |b|`, and `|W| x` and `W^2 x` for errors.
    var magnitude, error, variance: LinearOperator
    /// The worst relative error at this operator, where the stage ends here.
    var charge: DeployedCharge
    /// The square of the likely relative error of this operator alone.
    var ownVariance: Double
    /// Of its numbers, which the deployed network may compute otherwise.
    var uncertainty: Uncertainty
  }

  /// Prepares a chain for any number of examples.
  ///
  /// - Parameter arithmetic: The network's own; binary32 stands for exact arithmetic. Networks of half
  ///   precision sum up in binary32.
  public init(_ chain: ReLUChain, arithmetic: Arithmetic) {
    self.chain = chain
    let arithmetic = arithmetic == .real ? .float32 : arithmetic
    let format = arithmetic.format ?? .binary32
    self.format = format
    let charges = StageCharges(
      arithmetic: arithmetic, wideSums: true, isRead: chain.isRead(for: format))
    stages = chain.stages.map { stage in
      stage.operators.indices.map { index in
        let linear = stage.operators[index]
        let roundings = charges.roundings(of: linear, format)
        let sums = Double(roundings.summed)
        let unit = arithmetic.isHalf ? FloatFormat.binary32.roundoff : format.roundoff
        let own = 0x1p-53 * 0x1p-53 * (sums + 64)
        return Step(
          linear: linear, magnitude: linear.mapped(abs, keepsOffsets: true),
          error: linear.mapped(abs, keepsOffsets: false),
          variance: linear.mapped({ $0 * $0 }, keepsOffsets: false),
          charge: charges.charges(of: Array(stage.operators[...index])).last ?? .none,
          ownVariance: sums * unit * unit
            + Double(roundings.stored + 2) * format.roundoff * format.roundoff + own
            + linear.uncertainty.relative * linear.uncertainty.relative,
          uncertainty: linear.uncertainty)
      }
    }
  }

  /// The values behind every operator, stage by stage.
  ///
  /// - Parameter input: In the network's order; the deployed network reads it rounded, as DESIGN's
  ///   rho has it.
  public func values(of input: [Double]) -> [[Values]] {
    let roundoff = 2 * format.roundoff
    var state = State(
      values: input, worst: input.map { roundoff * $0.magnitude + format.tiny },
      variances: input.map { roundoff * roundoff * $0 * $0 })
    return stages.enumerated().map { index, steps in
      if index > 0 { state.values = state.values.map { max($0, 0) } }
      return run(steps, &state)
    }
  }

  private struct State {
    var values: [Double]
    /// Bounds of the error, and squares of its standard deviations.
    var worst, variances: [Double]
  }

  private func run(_ steps: [Step], _ state: inout State) -> [Values] {
    var magnitudes = state.values.map(\.magnitude)
    let total = zip(magnitudes, state.worst).reduce(0) { $0 + $1.0 + $1.1 }
    var carried = state.worst
    var results: [Values] = []
    for step in steps {
      state.values = step.linear.applied(to: state.values)
      magnitudes = step.magnitude.applied(to: magnitudes)
      carried = step.error.applied(to: carried)
      state.variances = step.variance.applied(to: state.variances)
      let uncertain = step.uncertainty.perUnit + step.uncertainty.perInput * total
      let absolute = step.charge.absolute + step.charge.absolutePerInput * total + uncertain
      let relative =
        step.charge.relative * (1 + 0x1p-20) + step.uncertainty.relative + 0x1p-44
      state.worst = zip(carried, magnitudes).map { $0 + relative * ($0 + $1) + absolute }
      for unit in magnitudes.indices {
        state.variances[unit] +=
          step.ownVariance * magnitudes[unit] * magnitudes[unit] + format.tiny * format.tiny
          + uncertain * uncertain
      }
      let tolerances = zip(state.worst, state.variances).map { worst, variance in
        min(worst, DeployedTrace.likelihood * variance.squareRoot())
      }
      results.append(Values(values: state.values, tolerances: tolerances))
    }
    return results
  }
}

extension LinearOperator {
  /// The operator with its weights changed, and with offsets as magnitudes or without any: errors
  /// are not moved by them.
  fileprivate func mapped(_ change: (Double) -> Double, keepsOffsets: Bool) -> LinearOperator {
    func offsets(_ values: [Double]) -> [Double] {
      keepsOffsets ? values.map(abs) : [Double](repeating: 0, count: values.count)
    }
    var result = self
    switch kind {
    case .dense(var dense):
      dense.weights = dense.weights.map(change)
      dense.bias = offsets(dense.bias)
      result.kind = .dense(dense)
    case .convolution(var convolution):
      convolution.weights = convolution.weights.map(change)
      convolution.bias = offsets(convolution.bias)
      result.kind = .convolution(convolution)
    case .scaling(var scaling):
      scaling.scale = scaling.scale.map(change)
      scaling.shift = offsets(scaling.shiftMagnitude)
      result.kind = .scaling(scaling)
    case .selection(var selection):
      selection.constant = offsets(selection.constant)
      result.kind = .selection(selection)
    }
    return result
  }
}
