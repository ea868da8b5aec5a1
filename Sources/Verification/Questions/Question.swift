import Attack
import DualBounds
import PropertyFiles
import ReLUChain

/// One case of a property, made ready for bounding: shared by every worker.
struct Question: Sendable {
  /// Which case.
  let caseIndex: Int
  /// The network that ends in the case's constraints.
  let problem: BoundProblem
  /// The distinct constraints, row by row.
  let constraints: [OutputConstraint]
  /// The conjunctions as numbers of rows.
  let conjunctions: [[Int]]
  /// The same with rows that follow from them: sums of several, one of which may be positive everywhere
  /// in a box where none of them is.
  private let excluding: [[Int]]
  /// The box, widened for what the deployed network makes of its points.
  let box: InputRegion
  /// The points that a counterexample may use.
  let points: PointGrid
  /// In which the deployed network takes inputs; nil for the real ones.
  let format: FloatFormat?

  /// Lays the network out for one case.
  init(
    _ chain: ReLUChain, _ propertyCase: PropertyCase, index: Int, _ options: VerificationOptions
  ) {
    caseIndex = index
    var rows = RowList()
    conjunctions = propertyCase.conjunctions.map { $0.map { rows.row(of: $0) } }
    let isShort = propertyCase.conjunctions.count <= Self.mostWithSums
    excluding = propertyCase.conjunctions.map { conjunction in
      let sums = isShort ? OutputConstraint.sums(of: conjunction) : []
      return (conjunction + sums).map { rows.row(of: $0) }
    }
    constraints = rows.constraints
    problem = BoundProblem(
      chain.answering(constraints), arithmetic: options.arithmetic, wideSums: options.wideSums)
    box = InputRegion(propertyCase.box, options.arithmetic)
    points = PointGrid(propertyCase.box, options.arithmetic)
    format = options.arithmetic.format
  }

  /// Every row costs a pass back to the input: where there are more conjunctions, sums are left out.
  private static let mostWithSums = 16

  /// The output that is 0.
  var zero: Int { constraints.count }

  /// Whether a conjunction is met nowhere in a box, by the bounds of its rows there.
  func excludes(_ conjunction: Int, _ bounds: MarginBounds) -> Bool {
    excluding[conjunction].contains { bounds.margins[$0] > 0 }
  }

  /// The rows each of which excludes a conjunction where it is above 0.
  func excludingRows(_ conjunction: Int) -> [Int] { excluding[conjunction] }

  /// The row of a conjunction that is nearest to a proof; nil where nothing is known of any.
  func nearestRow(of conjunction: Int, _ bounds: MarginBounds) -> Int? {
    excluding[conjunction].filter { bounds.margins[$0].isFinite }.max {
      (bounds.margins[$0], -$0) < (bounds.margins[$1], -$1)
    }
  }

  /// The value of a constraint at outputs; about, for a search.
  func value(of row: Int, at outputs: [Float]) -> Double {
    constraints[row].value(at: outputs)
  }

  /// The row of a conjunction that is furthest from being met at outputs, and its value.
  func worst(_ conjunction: Int, at outputs: [Float]) -> (row: Int, value: Double) {
    var worst = (row: conjunctions[conjunction][0], value: -Double.infinity)
    for row in conjunctions[conjunction] {
      let value = value(of: row, at: outputs)
      // NaN is as far as anything can be.
      if !(value <= worst.value) { worst = (row, value.isNaN ? .infinity : value) }
    }
    return worst
  }
}

/// Constraints, each once.
private struct RowList {
  private(set) var constraints: [OutputConstraint] = []
  private var places: [OutputConstraint: Int] = [:]

  /// The constraint's place.
  mutating func row(of constraint: OutputConstraint) -> Int {
    if let row = places[constraint] { return row }
    places[constraint] = constraints.count
    constraints.append(constraint)
    return constraints.count - 1
  }
}

extension PropertyCase {
  /// Whether some conjunction seems to be met in the middle of the box; about, for a search. What is not a number
  /// meets nothing.
  func seemsMet(atMiddleBy gradients: GradientWorkspace, _ arithmetic: Arithmetic) -> Bool {
    let middle = InputRegion(box, arithmetic).ball.center
    let outputs = gradients.logits(at: PointGrid(box, arithmetic).nearest(middle))
    return conjunctions.contains { $0.allSatisfy { $0.value(at: outputs) <= 0 } }
  }
}

extension OutputConstraint {
  /// Its left side at outputs; about.
  fileprivate func value(at outputs: [Float]) -> Double {
    terms.reduce(constant.nearest) { sum, term in
      sum + term.coefficient.nearest * Double(outputs[term.output])
    }
  }

  /// The means of several constraints, each of which holds where they do: all pairs and all together, of
  /// few every choice.
  static func sums(of constraints: [OutputConstraint]) -> [OutputConstraint] {
    let count = constraints.count
    guard count > 1, count <= 16 else { return [] }
    return (1..<1 << count).compactMap { choice in
      let chosen = constraints.indices.filter { choice >> $0 & 1 == 1 }
      guard chosen.count > 1, count <= 5 || chosen.count == 2 || chosen.count == count else {
        return nil
      }
      return mean(of: chosen.map { constraints[$0] })
    }
  }

  private static func mean(of constraints: [OutputConstraint]) -> OutputConstraint? {
    // A power of two leaves exact numbers exact.
    let share = Enclosure(constraints.count > 2 ? 0.25 : 0.5)
    var factors: [Int: Enclosure] = [:]
    var constant = Enclosure(0)
    for constraint in constraints {
      constant = constant + share * constraint.constant
      for term in constraint.terms {
        factors[term.output] =
          (factors[term.output] ?? Enclosure(0)) + share * term.coefficient
      }
    }
    let terms = factors.sorted { $0.key < $1.key }.compactMap { output, factor in
      factor.isZero ? nil : Term(output: output, coefficient: factor)
    }
    return terms.isEmpty ? nil : OutputConstraint(terms: terms, constant: constant)
  }
}
