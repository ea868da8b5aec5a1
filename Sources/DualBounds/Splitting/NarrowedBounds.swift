import CKernels

/// The bounds of one unstable unit on a part of the ball.
struct UnitBounds: Sendable {
  /// By the kernels' numbers.
  let layer: Int
  let unit: Int
  var lower = -Double.infinity
  var upper = Double.infinity
}

extension Relaxation {
  /// The unstable units by the kernels' numbers, layer by layer: those that guides speak of, in their
  /// order. A row from the logits reaches no others: a convolution need not read all positions below it.
  package var unstableUnits: [(layer: Int, unit: Int)] {
    let top = layers.count - 1
    var (units, window) = ([[(layer: Int, unit: Int)]](), layers[top].everything)
    for index in stride(from: top, through: 0, by: -1) {
      let facts = layers[index].live.pointee
      units.append(
        layers[index].unstableUnits.filter { window.contains($0, of: facts) }.map { (index, $0) })
      guard index > 0 else { break }
      window = problem.producer(index).inputWindow(
        window, everything: layers[index - 1].everything)
    }
    return units.reversed().flatMap(\.self)
  }
}

extension BoundWorkspace {
  /// What became of a relaxation whose bounds were narrowed.
  enum Narrowed {
    /// No point is left: two bounds of the last of these layers contradict each other.
    case empty([LayerRelaxation])
    case relaxation(Relaxation)
    /// Nothing is known: a number left its range.
    case unknown
  }

  /// The relaxation of a part of the ball on which some units have narrower bounds; layers before the
  /// first of them are shared.
  ///
  /// - Parameter splits: those that the part lies behind. What they say of their own units is left to the rows,
  ///   where it has multipliers; it only shows where there is no such part.
  func narrowed(
    _ known: Relaxation, by found: [UnitBounds], behind splits: [SplitSide] = []
  ) -> Narrowed {
    guard let first = found.map(\.layer).min() else { return .relaxation(known) }
    let byLayer = Dictionary(grouping: found, by: \.layer)
    var layers = Array(known.layers[..<first])
    for index in first..<known.layers.count {
      let (layer, old) = (store.layer(index), known.layers[index])
      guard boundByIntervals(layer, index, on: layers, known.normPart) else { return .unknown }
      takeMaxima(layer, index, on: layers)
      layers.append(layer)
      guard problem.layers[index].isReLU else {
        pass(layer)
        continue
      }
      // Up to the first ReLU intervals do not know the norm, and nothing has changed.
      let knowsMore = index > problem.firstReLU ?? .max
      let bounds = layer.bounds
      for unit in 0..<layer.count {
        let (lower, upper) = (old.bounds.lower[unit], old.bounds.upper[unit])
        bounds.lower[unit] = knowsMore ? max(bounds.lower[unit], lower) : lower
        bounds.upper[unit] = knowsMore ? min(bounds.upper[unit], upper) : upper
      }
      for unit in byLayer[index] ?? [] {
        bounds.lower[unit.unit] = max(bounds.lower[unit.unit], unit.lower)
        bounds.upper[unit.unit] = min(bounds.upper[unit.unit], unit.upper)
      }
      let isEmpty = (0..<layer.count).contains { bounds.lower[$0] > bounds.upper[$0] }
      let isContradicted = splits.contains {
        $0.layer == index && ($0.isActive ? bounds.upper[$0.unit] < 0 : bounds.lower[$0.unit] > 0)
      }
      if isEmpty || isContradicted { return .empty(layers) }
      relax(layer)
    }
    return .relaxation(
      Relaxation(
        problem: problem, layers: layers, normPart: known.normPart, isKnown: known.isKnown))
  }

  /// Sound lower bounds of rows that have everything given; -infinity where nothing is known.
  package func bounds(of guides: [RowGuide], on relaxation: Relaxation) -> [Double] {
    var found: [Double] = []
    var first = 0
    while first < guides.count {
      let block = Array(guides[first..<min(first + rows.most, guides.count)])
      rows.bound(block, on: relaxation.layers, relaxation.normPart)
      found += block.indices.map { rows.rows[$0].deployed }
      first += block.count
    }
    return found
  }
}
