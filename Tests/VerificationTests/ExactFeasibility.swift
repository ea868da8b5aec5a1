import NumberSupport
import TestSupport

/// Walks through the cells of a box in which a network is affine: every pattern of ReLU signs that some
/// input has.
///
/// - Parameter visit: is given the outputs and the cell.
func forEachCell(
  of chain: ExactChain, over box: Polytope, _ visit: ([AffineForm], Polytope) -> Void
) {
  let count = chain.stages[0].inputCount
  let inputs = (0..<count).map { AffineForm(coordinate: $0, of: count) }
  descend(chain, 0, inputs, box, visit)
}

private func descend(
  _ chain: ExactChain, _ stage: Int, _ input: [AffineForm], _ cell: Polytope,
  _ visit: ([AffineForm], Polytope) -> Void
) {
  let values = zip(chain.stages[stage].rows, chain.stages[stage].bias).map { row, bias in
    row.reduce(AffineForm(offset: bias)) { $0 + $1.weight * input[$1.column] }
  }
  guard stage + 1 < chain.stages.count else { return visit(values, cell) }
  var cells = [(cell: cell, kept: [AffineForm]())]
  for value in values {
    cells = cells.flatMap { cell, kept in
      let none = AffineForm(offset: .zero)
      guard let parts = cell.split(by: value) else {
        return [(cell, kept + [cell.range(of: value).upperBound.sign > 0 ? value : none])]
      }
      return [(parts.above, kept + [value]), (parts.below, kept + [none])]
    }
  }
  for (cell, kept) in cells { descend(chain, stage + 1, kept, cell, visit) }
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
