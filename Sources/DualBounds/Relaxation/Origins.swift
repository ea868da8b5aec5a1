/// How the bounds of a relaxation came about: what a proof has to say of it.
package indirect enum RelaxationOrigin: Sendable {
  /// Those of another relaxation, tightened by rows with lines of their own.
  case tightened(Relaxation, rows: [UnitOrigin])
  /// Those of another relaxation where the margin against `other`, a logit by the kernels' number, is not
  /// above 0, narrowed by rows over that other one.
  case narrowed(Relaxation, other: Int, guides: [RowGuide])
}

/// The row that gave one end of a unit's bounds.
package struct UnitOrigin: Sendable {
  /// By the kernels' numbers.
  package let layer: Int
  package let unit: Int
  package let isUpper: Bool
  package let lines: LineChoice
}

/// The row that improved a margin.
package struct MarginOrigin: Sendable {
  /// The class that is to lose.
  package let other: Int
  package let relaxation: Relaxation
  package let lines: LineChoice
}

/// What a search rests on that proved a margin.
package struct SplitProof: Sendable {
  /// The bounds that the leaves' rows stand on.
  package var relaxation: Relaxation
  /// Parts that cover the ball, each with the splits on the way to it, by their places in the guide; none
  /// where the bounds contradict each other.
  package var leaves: [(guide: RowGuide, path: [Int])] = []
}

extension LineChoice {
  /// The lines of one row of a block.
  func only(_ row: Int) -> LineChoice {
    LineChoice(
      layers: layers.map { layer in
        Layer(
          units: layer.units,
          slopes: layer.units.indices.map { layer.slopes[$0 * rowCount + row] })
      }, rowCount: 1)
  }
}
