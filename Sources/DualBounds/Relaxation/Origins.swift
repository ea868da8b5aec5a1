import CKernels
import ReLUChain

/// How the bounds of a relaxation came about: what a proof has to say of it.
package indirect enum RelaxationOrigin: Sendable {
  /// Those of another relaxation, tightened by rows with lines of their own.
  case tightened(Relaxation, rows: [UnitOrigin])
  /// Those of another relaxation where the margin against `other`, a logit by the kernels' number, is not
  /// above 0 and all `splits` hold, narrowed by rows over that other one.
  case narrowed(Relaxation, other: Int, splits: [SplitSide], guides: [RowGuide])
}

/// One side of a split. Nodes of a search hold many of them, so they are small.
package struct SplitSide: Sendable, Equatable {
  private let place: Int32
  private let number: Int32
  /// Whether the pre-activation is not negative there; else it is not positive.
  package let isActive: Bool

  /// The unit, by the kernels' numbers.
  package var layer: Int { Int(place) }
  package var unit: Int { Int(number) }

  package init(layer: Int, unit: Int, isActive: Bool) {
    (place, number, self.isActive) = (Int32(layer), Int32(unit), isActive)
  }
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

/// What a search rests on that proved a margin: parts that cover the ball.
package struct SplitProof: Sendable {
  /// Parts whose rows stand on the same bounds.
  package struct Group: Sendable {
    /// The bounds.
    package var relaxation: Relaxation
    /// A row for each part, and the splits on the way to it; none where the bounds contradict each other, which
    /// is the part that they hold on.
    package var leaves: [(guide: RowGuide, path: [SplitSide])] = []
  }

  package var groups: [Group] = []

  /// Adds a part, or with no row that on which the bounds hold.
  mutating func add(_ guide: RowGuide?, _ path: [SplitSide], on relaxation: Relaxation) {
    var place = groups.lastIndex { $0.relaxation.layers.last === relaxation.layers.last }
    if place == nil {
      groups.append(Group(relaxation: relaxation))
      place = groups.count - 1
    }
    if let guide, let place { groups[place].leaves.append((guide, path)) }
  }
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

  /// Those of units that lie in a window of their layer.
  func within(_ windows: [cm_window], of layouts: [UnitLayout]) -> LineChoice {
    var choice = self
    for (index, window) in windows.enumerated() {
      let (layer, layout) = (layers[index], layouts[index])
      let kept = layer.units.indices.filter {
        let cell = layout.cell(of: Int(layer.units[$0]))
        return cell.y0 >= window.y0 && cell.y1 <= window.y1 && cell.x0 >= window.x0
          && cell.x1 <= window.x1
      }
      choice.layers[index] = Layer(
        units: kept.map { layer.units[$0] },
        slopes: kept.flatMap { layer.slopes[$0 * rowCount..<($0 + 1) * rowCount] })
    }
    return choice
  }
}
