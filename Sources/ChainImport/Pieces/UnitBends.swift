/// A continuous function of one number as a sum of ReLUs: `constant + sum of weight relu(sign (x - place))`.
struct UnitBends: Equatable, Sendable {
  struct Part: Equatable, Sendable {
    var sign: Double
    var place: Double
    var weight: Double
  }

  /// At least one.
  private(set) var parts: [Part] = []
  private(set) var constant = 0.0
  /// How often a deployed network rounds, of the sum of the parts' magnitudes and `magnitude`.
  private(set) var roundings = 0
  private(set) var magnitude = 0.0

  /// Where the slope changes.
  var places: [Double] { Set(parts.map(\.place)).sorted() }

  /// - Throws: `unfit` too where no such charge covers what a deployed network rounds.
  init(_ function: UnitFunction) throws(UnitObstacle) {
    try function.checkContinuity()
    try setParts(of: function)
    try setCharge(of: function)
  }

  private mutating func setParts(of function: UnitFunction) throws(UnitObstacle) {
    let lines = stride(from: 0, to: function.cells.count, by: 2).map { function.cells[$0] }
    var bends: [(place: Double, below: UnitLine, above: UnitLine)] = []
    for (index, place) in function.places.enumerated()
    where lines[index].slope != lines[index + 1].slope {
      bends.append((place, lines[index], lines[index + 1]))
    }
    // A straight line bends at 0, by nothing.
    if bends.isEmpty { bends = [(0, lines[0], lines[0])] }
    let first = bends[0]
    constant = try first.below.value(at: first.place)
    if first.below.slope != 0 {
      parts.append(Part(sign: -1, place: first.place, weight: -first.below.slope))
    }
    if first.above.slope != 0 {
      parts.append(Part(sign: 1, place: first.place, weight: first.above.slope))
    }
    for bend in bends.dropFirst() {
      let change = try UnitLine.sum(bend.above.slope, -bend.below.slope)
      parts.append(Part(sign: 1, place: bend.place, weight: change))
    }
    if parts.isEmpty { throw .unfit }
  }

  /// The sum of the parts' magnitudes at a place; rounded down.
  private func sum(at place: Double) -> Double {
    parts.reduce(0) {
      $0 + $1.weight.magnitude * max($1.sign * (place - $1.place), 0)
    } * (1 - 0x1p-40)
  }

  /// Finds the least multiple of one rounding, and magnitude besides, that cover every cell.
  private mutating func setCharge(of function: UnitFunction) throws(UnitObstacle) {
    var steps = function.cells.map(\.roundings).max() ?? 0
    if steps == 0 {
      // What vanishes may have been an infinity on the way.
      guard function.cells.contains(where: { $0.reach != UnitMagnitude() }) else { return }
      steps = 1
    }
    var factor = 1.0
    for (cell, sign) in [(0, -1.0), (function.cells.count - 1, 1.0)] {
      let growth = parts.reduce(0) { $0 + ($1.sign == sign ? $1.weight.magnitude : 0) }
      let line = function.cells[cell]
      guard line.reach.slope <= growth else { throw .unfit }
      if line.error.slope == 0 { continue }
      guard growth > 0 else { throw .unfit }
      factor = max(factor, (line.error.slope / growth * (1 + 0x1p-40)).rounded(.up))
    }
    guard factor <= 64 else { throw .unfit }
    for (cell, line) in function.cells.enumerated() {
      let ends = [cell / 2 - 1, cell / 2].filter(function.places.indices.contains)
      // Between its ends and 0, where all of this is linear.
      for place in ends.map({ function.places[$0] }) + [0] {
        let inside = cell.isMultiple(of: 2) || ends.isEmpty ? place : function.places[cell / 2]
        let least = max(line.error.value(at: inside) / factor, line.reach.value(at: inside))
        magnitude = max(magnitude, (least - sum(at: inside)) * (1 + 0x1p-40))
      }
    }
    let underflow = function.cells.map(\.underflow).max() ?? 0
    roundings = Int(factor) * steps + Int(underflow.rounded(.up))
  }
}
