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
    for cell in ExactCells(chain, over: box).cells {
      for (stage, values) in cell.values.enumerated() { include(values, stage, cell.points) }
      includeMargins(cell.values[cell.values.count - 1], cell.points)
    }
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
