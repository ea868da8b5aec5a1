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
  /// order.
  package var unstableUnits: [(layer: Int, unit: Int)] {
    layers.enumerated().flatMap { index, layer in
      let facts = layer.live.pointee
      return (0..<Int(facts.unstable_count)).map {
        (index, Int(facts.unit[Int(facts.unstable[$0])]))
      }
    }
  }
}

extension BoundWorkspace {
  /// What became of a relaxation whose bounds were narrowed.
  enum Narrowed {
    /// No point is left: two bounds contradict each other.
    case empty
    case relaxation(Relaxation)
    /// Nothing is known: a number left its range.
    case unknown
  }

  /// The relaxation of a part of the ball on which some units have narrower bounds; layers before the
  /// first of them are shared.
  func narrowed(_ known: Relaxation, by found: [UnitBounds]) -> Narrowed {
    guard let first = found.map(\.layer).min() else { return .relaxation(known) }
    let byLayer = Dictionary(grouping: found, by: \.layer)
    var layers = Array(known.layers[..<first])
    for index in first..<known.layers.count {
      let (layer, old) = (store.layer(index), known.layers[index])
      guard boundByIntervals(layer, index, on: layers[index - 1]) else { return .unknown }
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
      if (0..<layer.count).contains(where: { bounds.lower[$0] > bounds.upper[$0] }) {
        return .empty
      }
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
