/// What a search knows of points.
struct SearchedPoints {
  /// The smallest margin of the folded network so far.
  var smallestFolded = Double.infinity
  /// The smallest margin that a probe saw on the network itself.
  var smallestMargin = Double.infinity
  /// Probes so far.
  var count = 0

  static let most = 64
}

extension MarginSearch {
  /// Goes down the folded network's own margin from the mean of the row's last worst points.
  func look() -> Bool { look(from: row.pointCount > 0 ? row.takeMeanPoint() : []) }

  /// Goes down the folded network's own margin, and shows what is reached where it is the least so far; true
  /// for a counterexample.
  ///
  /// - Parameter way: from the centre; empty where there is none.
  func look(from way: [Double]) -> Bool {
    guard !way.isEmpty, points.count < SearchedPoints.most else { return false }
    let found = descend(from: way)
    guard found.margin < points.smallestFolded || found.margin <= 0 else { return false }
    points.smallestFolded = min(points.smallestFolded, found.margin)
    points.count += 1
    return show(found.way)
  }

  /// Shows a way from the centre to the probe; true for a counterexample.
  func show(_ found: [Double]) -> Bool {
    let layout = workspace.problem.layers[0].layout
    var way = found
    for unit in way.indices { way[layout.logical(unit)] = found[unit] }
    let probed = probe(way)
    points.smallestMargin = min(points.smallestMargin, probed.margin)
    return probed.isCounterexample
  }

  /// A few steps of the box's own size; a norm's ball is left to the probe.
  private func descend(from start: [Double]) -> (margin: Double, way: [Double]) {
    // A mean of points of the box may lie outside by its own rounding.
    var way = network.part == nil ? network.clamped(start) : start
    var derivative = way
    var best = (margin: row.margin(at: way, derivative: &derivative), way: way)
    guard network.part == nil else { return best }
    var size = 0.5
    for _ in 0..<8 where best.margin > 0 {
      for feature in way.indices {
        let step = derivative[feature] > 0 ? -size : derivative[feature] < 0 ? size : 0
        way[feature] += step * network.radius[feature]
      }
      way = network.clamped(way)
      size *= 0.7
      let margin = row.margin(at: way, derivative: &derivative)
      if margin < best.margin { best = (margin, way) }
    }
    return best
  }
}
