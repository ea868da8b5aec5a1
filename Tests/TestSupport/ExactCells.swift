import NumberSupport

/// The cells of a box in which a small chain is affine, one for every pattern of ReLU signs that some
/// input has.
public struct ExactCells: Sendable {
  /// One of them.
  public struct Cell: Sendable {
    /// Its points.
    public var points: Polytope
    /// `[stage][unit]`: the pre-activations, the logits last.
    public var values: [[AffineForm]]

    /// Whether the cell has points on one side of a unit's zero that are not all on it.
    public func reaches(_ side: Int8, of unit: AffineForm) -> Bool {
      let range = points.range(of: unit)
      return side > 0 ? range.upperBound.sign > 0 : range.lowerBound.sign < 0
    }
  }

  /// All of them.
  public private(set) var cells: [Cell] = []

  /// Divides the box.
  public init(_ chain: ExactChain, over box: ExactBox) {
    self.init(chain, over: Polytope(from: box.lower, to: box.upper))
  }

  /// Divides a polytope of inputs.
  public init(_ chain: ExactChain, over inputs: Polytope) {
    let count = chain.stages[0].inputCount
    let coordinates = (0..<count).map { AffineForm(coordinate: $0, of: count) }
    descend(chain, coordinates, Cell(points: inputs, values: []))
  }

  private mutating func descend(_ chain: ExactChain, _ input: [AffineForm], _ cell: Cell) {
    let stage = chain.stages[cell.values.count]
    let values = zip(stage.rows, stage.bias).map { row, bias in
      row.reduce(AffineForm(offset: bias)) { $0 + $1.weight * input[$1.column] }
    }
    var parts = [(cell: cell, kept: [AffineForm]())]
    parts[0].cell.values.append(values)
    guard parts[0].cell.values.count < chain.stages.count else {
      cells.append(parts[0].cell)
      return
    }
    for value in values {
      parts = parts.flatMap { cell, kept in
        let none = AffineForm(offset: .zero)
        guard let split = cell.points.split(by: value) else {
          return [(cell, kept + [cell.points.range(of: value).upperBound.sign > 0 ? value : none])]
        }
        return [
          (Cell(points: split.above, values: cell.values), kept + [value]),
          (Cell(points: split.below, values: cell.values), kept + [none]),
        ]
      }
    }
    for (cell, kept) in parts { descend(chain, kept, cell) }
  }
}
