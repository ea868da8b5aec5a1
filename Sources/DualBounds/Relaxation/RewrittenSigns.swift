import ReLUChain

/// The signs of what a rewriting compares, decided without rounding.
///
/// A difference `b - a` of what ReLUs made is computed by nobody: a deployed network takes the maximum
/// itself, and this program's rounding is charged for the *numbers* that stand for it. Its sign needs
/// no number: with `a` in `[la, ua]` and `b` in `[lb, ub]` it is not negative where `lb >= ua`. So where both
/// are 0, or one is, which is what ReLUs mostly make, interval bounds that are widened by a charge
/// would leave a unit open whose sign is known.
struct RewrittenSigns: Sendable {
  /// Sums of inputs less sums of others.
  private let rows: SparseRows

  /// - Returns: nil for an operator that a deployed network computes, or that adds anything.
  init?(_ linear: LinearOperator, input below: UnitLayout, output: UnitLayout) {
    guard linear.isVirtual, case .convolution(let c) = linear.kind, below == c.inputLayout,
      output == c.outputLayout, !linear.hasOffset, c.uncertainty == .none,
      c.weights.allSatisfy({ $0 == 0 || $0.magnitude == 1 })
    else { return nil }
    var rows = SparseRows(.grouped(c), input: below, output: output)
    rows.dropZeros()
    self.rows = rows
  }

  /// Which sign an output has, from bounds of what goes into the ReLUs below: 1 where it is not
  /// negative, -1 where it is not positive, 0 where neither is known.
  ///
  /// What is added and what is taken off are sums of numbers >= 0, each entry's factor being 1: they are
  /// compared with a slack above what rounding to nearest makes of so many terms. A sum of zeros is 0.
  func sign(of unit: Int, lower: UnsafePointer<Double>, upper: UnsafePointer<Double>) -> Int {
    // Sums of what is added and of what is taken off, rounded to nearest: a few ulps either way.
    var (least, most) = ((added: 0.0, taken: 0.0), (added: 0.0, taken: 0.0))
    var terms = 0.0
    for entry in Int(rows.rowStart[unit])..<Int(rows.rowStart[unit + 1]) {
      let source = Int(rows.column[entry])
      let (low, high) = (max(lower[source], 0), max(upper[source], 0))
      if rows.weight[entry] > 0 {
        least.added += low
        most.added += high
      } else {
        least.taken += low
        most.taken += high
      }
      terms += 1
    }
    let slack = terms * 0x1p-51
    if most.added * (1 + slack) <= least.taken * (1 - slack) { return -1 }
    if least.added * (1 - slack) >= most.taken * (1 + slack) { return 1 }
    return 0
  }
}
