import ReLUChain

/// One example's way through a chain in binary64, with how far a deployed network's values may lie
/// from it: what rounding can explain, value by value.
///
/// Two bounds are carried along, and the smaller one counts.
/// - *At worst*: the charges of `StageCharges` at every stage, pushed through `|W|`. No rounding
///   exceeds it, but over many layers it grows far beyond what happens.
/// - *Likely*: `likelihood` standard deviations of roundings that are independent with mean zero
///   (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis"), each spread
///   evenly over an interval, so that its variance is a third of the worst one's square. The partial
///   sums that are rounded are as large as the result, or as terms of any sign are when they are added
///   up: a sum `s` of n terms errs with variance `n u^2 / 3 (s^2 + sum of the terms' squares)`. These
///   variances are pushed through the squares of `W`, as if errors met by chance only; and, for they do
///   not where layers have a direction in common, a few draws of all errors are pushed through the
///   network itself. The larger of the two counts.
///
/// Behind a ReLU nothing is left of either where a unit is off by more than its error.
///
/// This is a check for people, not a part of any proof: the bounds' own rounding is not charged.
public struct DeployedTrace: Sendable {
  /// How many standard deviations are still called rounding.
  public static let likelihood = 8.0
  /// How often errors are drawn.
  private static let draws = 8

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
      Values(
        values: values.map { max($0, 0) },
        tolerances: zip(values, tolerances).map { $0 < 0 ? max(0, $0 + $1) : $1 })
    }
  }

  private let chain: ReLUChain
  private let format: FloatFormat
  private let stages: [[Step]]

  /// An operator with what its errors are pushed through.
  private struct Step: Sendable {
    var linear: LinearOperator
    /// `|W| x + |b|`, and `|W| x` and `W^2 x` for errors; `W^2 x + b^2` for the squares of terms.
    var magnitude, error, variance, squares: LinearOperator
    /// Without its offsets.
    var plain: LinearOperator
    /// The worst relative error at this operator, where the stage ends here.
    var charge: DeployedCharge
    /// The variances of this operator's own roundings: relative to the squares of the partial sums,
    /// of the result, and of the terms.
    var sumVariance, storeVariance, termVariance: Double
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
        let rounding = format.roundoff * format.roundoff / 3
        return Step(
          linear: linear, magnitude: linear.mapped(abs, offsets: abs),
          error: linear.mapped(abs, offsets: { _ in 0 }),
          variance: linear.mapped({ $0 * $0 }, offsets: { _ in 0 }),
          squares: linear.mapped({ $0 * $0 }, offsets: { $0 * $0 }),
          plain: linear.mapped({ $0 }, offsets: { _ in 0 }),
          charge: charges.charges(of: Array(stage.operators[...index])).last ?? .none,
          sumVariance: (sums * unit * unit + own) / 3,
          storeVariance: Double(roundings.stored) * rounding,
          // Products, and numbers that are folded into each other.
          termVariance: 2 * rounding + linear.uncertainty.relative * linear.uncertainty.relative,
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
      values: input, worst: input.map { roundoff * $0.magnitude + format.tiny }, draws: Self.draws)
    // Read, and scaled in another way.
    state.add(input.map { 2 * format.roundoff * format.roundoff / 3 * $0 * $0 })
    return stages.enumerated().map { index, steps in
      if index > 0 { state.rectify() }
      return run(steps, &state)
    }
  }

  private struct State {
    var values: [Double]
    /// Bounds of the error, and squares of its standard deviations.
    var worst, variances: [Double]
    /// Errors as they were drawn, `likelihood` times as large as they are likely to be.
    private var drawn: [[Double]]
    private var signs = SignBits()

    init(values: [Double], worst: [Double], draws: Int) {
      (self.values, self.worst) = (values, worst)
      variances = [Double](repeating: 0, count: values.count)
      drawn = [[Double]](repeating: variances, count: draws)
    }

    /// Adds errors that are independent of all before, by their variances.
    mutating func add(_ fresh: [Double]) {
      for unit in fresh.indices {
        variances[unit] += fresh[unit]
        let size = DeployedTrace.likelihood * fresh[unit].squareRoot()
        for draw in drawn.indices { drawn[draw][unit] += signs.next() ? size : -size }
      }
    }

    /// A linear operator's way with errors.
    mutating func push(through step: Step) {
      variances = step.variance.applied(to: variances)
      for draw in drawn.indices { drawn[draw] = step.plain.applied(to: drawn[draw]) }
    }

    /// What is likely at most of every value.
    var likely: [Double] {
      variances.indices.map { unit in
        let squares = drawn.reduce(0) { $0 + $1[unit] * $1[unit] } / Double(drawn.count)
        return max(
          squares.squareRoot(), DeployedTrace.likelihood * variances[unit].squareRoot())
      }
    }

    /// A ReLU: what reaches below 0 is cut off, errors with it.
    mutating func rectify() {
      for unit in values.indices {
        let value = values[unit]
        for draw in drawn.indices {
          drawn[draw][unit] = max(0, value + drawn[draw][unit]) - max(0, value)
        }
        guard value < 0 else { continue }
        worst[unit] = max(0, value + worst[unit])
        let likely = max(0, value + DeployedTrace.likelihood * variances[unit].squareRoot())
        variances[unit] = (likely / DeployedTrace.likelihood) * (likely / DeployedTrace.likelihood)
        values[unit] = 0
      }
    }
  }

  /// The same signs for every example: nothing depends on what was computed before.
  private struct SignBits {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Marsaglia's xorshift64 (2003).
    mutating func next() -> Bool {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state & 1 == 0
    }
  }

  private func run(_ steps: [Step], _ state: inout State) -> [Values] {
    var magnitudes = state.values.map(\.magnitude)
    var carried = state.worst
    var results: [Values] = []
    for step in steps {
      // What uncertain numbers multiply, at most: one input, or all of them.
      var reach = zip(state.values, state.worst).map { $0.magnitude + $1 }
      if case .scaling = step.linear.kind {} else { reach = [reach.reduce(0, +)] }
      let terms = step.squares.applied(to: state.values.map { $0 * $0 })
      state.values = step.linear.applied(to: state.values)
      magnitudes = step.magnitude.applied(to: magnitudes)
      carried = step.error.applied(to: carried)
      state.push(through: step)
      let inputs = reach.count == 1 ? [Double](repeating: reach[0], count: carried.count) : reach
      let uncertain = inputs.map { step.uncertainty.perUnit + step.uncertainty.perInput * $0 }
      // The charge is that of all operators so far; what numbers lack is each operator's own.
      for unit in carried.indices {
        carried[unit] +=
          step.uncertainty.relative * (carried[unit] + magnitudes[unit]) + uncertain[unit]
      }
      let relative = step.charge.relative * (1 + 0x1p-20) + 0x1p-44
      state.worst = carried.indices.map { unit in
        carried[unit] + relative * (carried[unit] + magnitudes[unit]) + step.charge.absolute
          + step.charge.absolutePerInput * inputs[unit]
      }
      state.add(
        magnitudes.indices.map { unit in
          let result = state.values[unit] * state.values[unit]
          return step.sumVariance * (result + terms[unit]) + step.storeVariance * result
            + step.termVariance * terms[unit] + format.tiny * format.tiny
            + uncertain[unit] * uncertain[unit]
        })
      let tolerances = zip(state.worst, state.likely).map(min)
      results.append(Values(values: state.values, tolerances: tolerances))
    }
    return results
  }
}

extension LinearOperator {
  /// The operator with its weights and offsets changed; errors are not moved by offsets.
  fileprivate func mapped(
    _ change: (Double) -> Double, offsets changeOffset: (Double) -> Double
  ) -> LinearOperator {
    func offsets(_ values: [Double]) -> [Double] { values.map(changeOffset) }
    switch kind {
    case .dense(var dense):
      dense.weights = dense.weights.map(change)
      dense.bias = offsets(dense.bias)
      return computing(.dense(dense))
    case .convolution(var convolution):
      convolution.weights = convolution.weights.map(change)
      convolution.bias = offsets(convolution.bias)
      return computing(.convolution(convolution))
    case .scaling(var scaling):
      scaling.scale = scaling.scale.map(change)
      scaling.shift = offsets(scaling.shiftMagnitude)
      return computing(.scaling(scaling))
    case .selection(var selection):
      selection.constant = offsets(selection.constant)
      return computing(.selection(selection))
    }
  }
}
