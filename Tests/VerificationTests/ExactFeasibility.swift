import NumberSupport
import TestSupport

/// Walks through the cells of a box in which a network is affine.
///
/// - Parameter visit: is given the outputs and the cell.
func forEachCell(
  of chain: ExactChain, over box: Polytope, _ visit: ([AffineForm], Polytope) -> Void
) {
  for cell in ExactCells(chain, over: box).cells {
    visit(cell.values[cell.values.count - 1], cell.points)
  }
}

/// Whether some input of a box meets a conjunction of constraints, exactly.
struct ExactFeasibility {
  /// `sum of factors y + constant <= 0`.
  struct Constraint {
    var factors: [Rational]
    var constant: Rational

    /// The left side, of outputs that are functions of the input.
    func form(_ outputs: [AffineForm]) -> AffineForm {
      zip(factors, outputs).reduce(AffineForm(offset: constant)) { $0 + $1.0 * $1.1 }
    }
  }

  private(set) var isFeasible = false
  /// Whether it hangs on a face of a cell alone, of which nothing is said.
  private(set) var hasTie = false

  /// - Parameter slack: how much each constraint may be exceeded by.
  init(
    _ chain: ExactChain, over box: Polytope, _ constraints: [Constraint], slack: Rational = .zero
  ) {
    var found = (isFeasible: false, hasTie: false)
    forEachCell(of: chain, over: box) { outputs, cell in
      var rest = cell
      for constraint in constraints {
        let form = constraint.form(outputs) - AffineForm(offset: slack)
        let range = rest.range(of: form)
        if range.upperBound.sign <= 0 { continue }
        if range.lowerBound.sign > 0 { return }
        guard let parts = rest.split(by: form) else {
          found.hasTie = true
          return
        }
        rest = parts.below
      }
      found.isFeasible = true
    }
    (isFeasible, hasTie) = found
  }
}
