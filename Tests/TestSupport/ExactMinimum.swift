import NumberSupport

/// The true ranges of a small chain over a box, by every pattern of ReLU signs that some input has.
///
/// Within one pattern the network is affine, so that every pre-activation has its extrema over the cell
/// of that pattern at the cell's vertices.
public struct ExactMinimum: Sendable {
  /// `[stage][unit]`: the smallest and greatest pre-activation, the logits last.
  public private(set) var lower: [[Rational]] = []
  /// As `lower`.
  public private(set) var upper: [[Rational]] = []
  /// `[class][class]`: the smallest `z_y - z_j`.
  public private(set) var margins: [[Rational]] = []
  /// In how many cells the network is affine.
  public private(set) var cellCount = 0

  /// Divides the box into cells.
  public init(_ chain: ExactChain, over box: ExactBox) {
    let count = box.center.count
    let inputs = (0..<count).map { AffineForm(coordinate: $0, of: count) }
    descend(chain, 0, inputs, Polytope(from: box.lower, to: box.upper))
  }

  private mutating func descend(
    _ chain: ExactChain, _ stage: Int, _ input: [AffineForm], _ cell: Polytope
  ) {
    let values = zip(chain.stages[stage].rows, chain.stages[stage].bias).map { row, bias in
      row.reduce(AffineForm(offset: bias)) { $0 + $1.weight * input[$1.column] }
    }
    include(values, stage, cell)
    guard stage + 1 < chain.stages.count else { return includeMargins(values, cell) }
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
    for (cell, kept) in cells { descend(chain, stage + 1, kept, cell) }
  }

  private mutating func include(_ values: [AffineForm], _ stage: Int, _ cell: Polytope) {
    let ranges = values.map { cell.range(of: $0) }
    guard stage < lower.count else {
      lower.append(ranges.map(\.lowerBound))
      upper.append(ranges.map(\.upperBound))
      return
    }
    lower[stage] = zip(lower[stage], ranges).map { min($0, $1.lowerBound) }
    upper[stage] = zip(upper[stage], ranges).map { max($0, $1.upperBound) }
  }

  private mutating func includeMargins(_ logits: [AffineForm], _ cell: Polytope) {
    let least = logits.map { own in
      logits.map { cell.range(of: own - $0).lowerBound }
    }
    margins = cellCount == 0 ? least : zip(margins, least).map { zip($0, $1).map(min) }
    cellCount += 1
  }
}
