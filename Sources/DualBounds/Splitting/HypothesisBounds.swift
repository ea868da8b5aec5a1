// Bounds under a hypothesis. To prove a margin above 0 only the points at which it is not need to be
// looked at: `margin <= 0` is one more constraint with a multiplier of its own when units are bounded
// (INVPROP, Kotha et al. 2023).
extension MarginSearch {
  /// Narrower bounds of unstable units on that part of the ball where the margin is not above 0. They
  /// hold for this one margin and never leave the search.
  ///
  /// - Returns: the bounds, and the rows that prove them.
  func hypothesisBounds(_ choice: FoldedChoice) -> (bounds: [UnitBounds], guides: [RowGuide]) {
    let scale = max(row.bound(choice).magnitude, 1e-9)
    let climber = UnitClimber(
      network: network, own: own, other: other, choice: choice, scale: scale)
    let block = FoldedBlock(network)
    var guides: [RowGuide] = []
    for layer in decisiveUnits(choice) {
      let climbs = UnitClimbs(layer, climber, workspace.crew)
      climbs.shared { guides += gaining(climbs, block) }
    }
    let proved = workspace.bounds(of: guides, on: relaxation)
    // A proof reads the network itself, which takes about a pass.
    workOfParts += guides.count * network.work
    let bounds = zip(guides, proved).compactMap { guide, bound -> UnitBounds? in
      guard let (place, sign) = guide.unit, bound.isFinite else { return nil }
      let (layer, unit) = network.units[place]
      return sign > 0
        ? UnitBounds(layer: layer, unit: unit, lower: bound)
        : UnitBounds(layer: layer, unit: unit, upper: -bound)
    }
    return (bounds, guides)
  }

  /// The rows of a layer that gain enough to be worth a proof.
  private func gaining(_ climbs: UnitClimbs, _ block: FoldedBlock) -> [RowGuide] {
    var (guides, inVain) = ([RowGuide](), 0)
    while inVain < Self.mostInVain, !isSpent, let found = climbs.take(block) {
      workOfParts += found.work
      for unit in found.guides {
        guides += unit
        inVain = unit.isEmpty ? inVain + 1 : 0
      }
    }
    return guides
  }

  /// Units of a layer in a row that gained nothing, after which the cheaper ones are left out. Often a few
  /// units of the last layer are all that gains.
  private static let mostInVain = 16

  /// The units whose relaxation may cost the margin's row of the last pass most, layer by layer from the last
  /// on, the dearest first: of many, the others are not worth two rows each.
  private func decisiveUnits(_ choice: FoldedChoice) -> [[Int]] {
    let costs = network.units.indices.map { unit in
      let (lower, upper) = (network.lower[unit], network.upper[unit])
      return row.coefficient(unit).magnitude * (-lower * upper / (upper - lower))
    }
    let free = network.units.indices.filter { choice.sides[$0] == 0 }
    let dearest = free.sorted { (costs[$1], $0) < (costs[$0], $1) }
    let layers = Dictionary(grouping: dearest.prefix(Self.mostBounded)) { network.units[$0].layer }
    return layers.sorted { $0.key > $1.key }.map(\.value)
  }

  private static let mostBounded = 400
}

extension FoldedNetwork {
  /// Every lower line by area.
  func choiceByArea(behind splits: [SplitSide] = []) -> FoldedChoice {
    var choice = FoldedChoice(count: units.count)
    for unit in units.indices { choice.slopes[unit] = upper[unit] > -lower[unit] ? 1 : 0 }
    for split in splits {
      let place = units.firstIndex { $0 == (split.layer, split.unit) }
      if let place { choice.sides[place] = split.isActive ? 1 : -1 }
    }
    return choice
  }

  /// What was chosen for another relaxation's units, for those that are still unstable.
  ///
  /// - Parameter splits: those that hold: all sides, whatever had one there.
  func carry(
    _ choice: FoldedChoice, from old: FoldedNetwork, behind splits: [SplitSide]
  ) -> FoldedChoice {
    var carried = choiceByArea(behind: splits)
    var place = 0
    for (unit, (layer, number)) in units.enumerated() {
      while place < old.units.count, old.units[place] < (layer, number) { place += 1 }
      guard place < old.units.count, old.units[place] == (layer, number) else { continue }
      carried.slopes[unit] = choice.slopes[place]
      carried.multipliers[unit] = choice.multipliers[place]
    }
    return carried
  }
}
