import CKernels

/// Which lower lines the rows of a block take for unstable units.
package enum RowLines: Sendable {
  /// The relaxation's own, parallel to the upper ones: one pass gives a row's lower and upper bound.
  case parallel
  /// Lines of every row's own, climbed for so many passes from those by area, or from given ones; the
  /// best of them are kept where they are asked for.
  case own(passes: Int, from: LineChoice? = nil, keeps: Bool = false)
}

extension RowPass {
  /// One row of a block: what it starts from, and the best lower bounds found.
  package struct Row: BitwiseCopyable {
    /// The row's value in the midpoint network.
    var midpoint = 0.0
    /// What the top layer's own charges cost, and the deployed network's share of it.
    var cost = 0.0
    var budget = 0.0
    package var deployed = -Double.infinity
    package var real = -Double.infinity
    /// What the last pass took from the midpoint.
    var paid = Double.infinity
    /// Whether the row is good enough; it is left alone then, whatever its block still does.
    var isDone = false
  }

  /// What the rows of a block start as.
  package enum Start {
    /// Units of a layer in one window of it, or each unit and its negative by turns.
    case units(UnsafeBufferPointer<Int32>, of: Int, window: cm_window, bothWays: Bool)
    /// Differences `e_own - e_other` of logits, by the kernels' numbers.
    case differences(own: Int, others: [Int])
    /// So many rows that guides say everything of.
    case guided(Int)

    /// The number of rows.
    var count: Int {
      switch self {
      case .units(let units, _, _, let bothWays): bothWays ? 2 * units.count : units.count
      case .differences(_, let others): others.count
      case .guided(let count): count
      }
    }
  }
}
