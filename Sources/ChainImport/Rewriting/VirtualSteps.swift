import NetworkGraph
import ReLUChain

// What rewritings are made of: operators that a deployed network does not compute as such, so that
// they are charged this program's rounding only.
extension Lowering {
  /// A step of a rewriting.
  func virtual(_ kind: LinearOperator.Kind, from input: [Int], to output: [Int]) -> Step {
    step(kind, from: input, to: output, isVirtual: true)
  }

  /// `scale_i x_i + shift_i` for every unit.
  ///
  /// - Parameters:
  ///   - sources: The file's numbers behind it, which the deployed format may have to round.
  ///   - magnitude: What rounding them is relative to; left out, the shift's own.
  func virtualScaling(
    _ scale: Double, shift: [Double], sources: [[Double]], magnitude: [Double]? = nil,
    uncertainty: Uncertainty = .none, shape: [Int]
  ) throws(NodeRefusal) -> Step {
    try budget.take(3 * shift.count)
    let scaling = Scaling(
      scale: [Double](repeating: scale, count: shift.count), shift: shift,
      shiftMagnitude: magnitude ?? shift.map(\.magnitude), uncertainty: uncertainty,
      deployedRoundings: 0, sources: sources)
    return virtual(.scaling(scaling), from: shape, to: shape)
  }

  /// The same small matrix at every position, and for every channel: `[rows.count * channels,
  /// height, width]` from `[columns * channels, height, width]`.
  ///
  /// - Parameters:
  ///   - rows: `[rows][columns]`, at least one.
  ///   - positions: Height and width.
  func virtualMixing(
    _ rows: [[Double]], on positions: [Int], channels: Int = 1
  ) throws(NodeRefusal) -> Step {
    let columns = rows[0].count
    let (before, after) = ([columns * channels] + positions, [rows.count * channels] + positions)
    guard try elementCount(of: after) <= limits.units else {
      throw NodeRefusal("its rewriting has more than \(limits.units) units")
    }
    try budget.take(try elementCount(of: [rows.count, columns, channels]))
    let weights = (0..<channels).flatMap { _ in rows.joined() }
    let convolution = Convolution(
      input: (before[0], before[1], before[2]), output: (after[0], after[1], after[2]),
      kernel: (1, 1), stride: (1, 1), pad: (0, 0), dilation: (1, 1), groups: channels,
      weights: weights,
      bias: [Double](repeating: 0, count: after[0]))
    return virtual(.convolution(convolution), from: before, to: after)
  }
}

extension Step {
  /// The step with outputs that cannot be negative.
  func withNonNegative(_ outputs: [Range<Int>]) -> Step {
    guard case .linear(let linear) = self else { return self }
    return .linear(linear.withNonNegative(outputs))
  }
}
