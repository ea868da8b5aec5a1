import DualBounds
import NumberSupport
import ProofRecords
import TestSupport

/// Changes one thing of a proof, or several.
struct Forger {
  var random: SeededGenerator

  mutating func changed(_ proof: ExampleProof) -> ExampleProof {
    var proof = proof
    for _ in 0..<Int.random(in: 1...3, using: &random) { change(&proof) }
    return proof
  }

  /// The same searches behind the two sides of a unit of the first layer that none of their leaves splits: a
  /// record a side, over bounds in which that unit is stable; nil where there is no such unit.
  static func behindSplits(_ proof: ExampleProof) -> ExampleProof? {
    var made = proof
    made.searched = []
    for search in proof.searched {
      let layers = proof.relaxations[0].layers.indices.map {
        claims(of: search.relaxation, layer: $0, proof)
      }
      guard let first = layers.first ?? nil, let unit = first.units.first, !search.leaves.isEmpty,
        !search.leaves.contains(where: { $0.splits.contains { $0.layer == 0 && $0.unit == unit } })
      else {
        made.searched.append(search)
        continue
      }
      for isActive in [true, false] {
        var there = search
        there.relaxation = made.relaxations.count
        for leaf in there.leaves.indices {
          there.leaves[leaf].splits.append(
            .init(layer: 0, unit: unit, isActive: isActive, multiplier: 0))
        }
        made.searched.append(there)
        let split = GuideRow.Split(layer: 0, unit: unit, isActive: isActive, multiplier: 1)
        made.relaxations.append(
          behind(split, of: search.relaxation, search.rival, [first] + layers.dropFirst()))
      }
    }
    return made.searched.count > proof.searched.count ? made : nil
  }

  /// Bounds behind a split of the first layer's first unstable unit, which is stable there.
  private static func behind(
    _ split: GuideRow.Split, of parent: Int, _ rival: Int, _ layers: [UnstableUnits?]
  ) -> RelaxationProof {
    let row = GuideRow(
      weight: 0, target: .init(layer: 0, unit: split.unit, isUpper: !split.isActive),
      splits: [split], lines: RowLines(layers: []))
    var layers = layers
    if var first = layers[0] {
      first.units.removeFirst()
      first.lower.removeFirst()
      first.upper.removeFirst()
      layers[0] = first
    }
    return RelaxationProof(
      origin: .narrowed(parent: parent, rival: rival, splits: [split.side], rows: [row]),
      layers: layers)
  }

  private static func claims(
    of place: Int, layer: Int, _ proof: ExampleProof
  ) -> UnstableUnits? {
    let relaxation = proof.relaxations[place]
    if layer < relaxation.layers.count, let own = relaxation.layers[layer] { return own }
    return switch relaxation.origin {
    case .algorithm1: nil
    case .tightened(let parent, _), .narrowed(let parent, _, _, _):
      claims(of: parent, layer: layer, proof)
    }
  }

  private mutating func number(_ old: Double) -> Double {
    random.pick(
      [
        0, 1, -1, old / 2, old * 2, -old, old.nextUp, old.nextDown, 1e6, .nan, 0.5, .infinity,
        -.infinity,
      ], or: 0)
  }

  private mutating func change(_ proof: inout ExampleProof) {
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where !proof.relaxations.isEmpty:
      let place = Int.random(in: 0..<proof.relaxations.count, using: &random)
      change(&proof.relaxations[place], proof)
    case 1 where !proof.searched.isEmpty:
      let place = Int.random(in: 0..<proof.searched.count, using: &random)
      change(&proof.searched[place], proof)
    case 2 where !proof.margins.isEmpty:
      let place = Int.random(in: 0..<proof.margins.count, using: &random)
      proof.margins[place].relaxation = Int.random(in: 0...proof.relaxations.count, using: &random)
    case 3:
      // A part of the ball on which a unit is fixed, as if it were the whole.
      forgeNarrowing(&proof)
    case 4:
      let count = max(proof.specificationClass + 1, (proof.margins.map(\.rival).max() ?? 0) + 1)
      proof.searched.append(
        SearchProof(
          rival: Int.random(in: 0..<count, using: &random),
          relaxation: max(0, proof.relaxations.count - 1), leaves: []))
    default:
      if let first = proof.searched.first {
        proof.searched[0].rival = (first.rival + 1) % 3
      }
    }
  }

  private mutating func change(_ relaxation: inout RelaxationProof, _ proof: ExampleProof) {
    let layers = relaxation.layers.indices.filter {
      !(relaxation.layers[$0]?.units.isEmpty ?? true)
    }
    switch relaxation.origin {
    case .narrowed(let parent, let rival, var splits, let rows)
    where !splits.isEmpty && random.chance(0.4):
      let place = Int.random(in: 0..<splits.count, using: &random)
      if random.chance(0.5) { splits.remove(at: place) } else { splits[place].isActive.toggle() }
      relaxation.origin = .narrowed(parent: parent, rival: rival, splits: splits, rows: rows)
      return
    case .narrowed(let parent, let rival, let splits, var rows)
    where !rows.isEmpty && random.chance(0.6):
      let place = Int.random(in: 0..<rows.count, using: &random)
      change(&rows[place])
      relaxation.origin = .narrowed(
        parent: parent, rival: random.chance(0.2) ? rival + 1 : rival, splits: splits, rows: rows)
      return
    case .tightened(let parent, var rows) where !rows.isEmpty && random.chance(0.6):
      let place = Int.random(in: 0..<rows.count, using: &random)
      rows[place].isUpper.toggle()
      relaxation.origin = .tightened(parent: parent, rows: rows)
      return
    default: break
    }
    guard let layer = layers.randomElement(using: &random), var units = relaxation.layers[layer]
    else {
      if random.chance(0.3), !relaxation.layers.isEmpty { relaxation.layers.removeLast() }
      return
    }
    let place = Int.random(in: 0..<units.units.count, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: units.lower[place] = number(units.lower[place])
    case 1: units.upper[place] = number(units.upper[place])
    default:
      units.units.remove(at: place)
      units.lower.remove(at: place)
      units.upper.remove(at: place)
    }
    relaxation.layers[layer] = units
  }

  private mutating func change(_ search: inout SearchProof, _ proof: ExampleProof) {
    guard !search.leaves.isEmpty else { return }
    let place = Int.random(in: 0..<search.leaves.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: search.leaves.remove(at: place)
    case 1: search.relaxation = Int.random(in: 0...proof.relaxations.count, using: &random)
    default: change(&search.leaves[place])
    }
  }

  private mutating func change(_ row: inout GuideRow) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: row.weight = number(row.weight)
    case 1 where !row.splits.isEmpty:
      let place = Int.random(in: 0..<row.splits.count, using: &random)
      row.splits[place].multiplier = number(row.splits[place].multiplier)
    case 2 where !row.splits.isEmpty:
      row.splits[Int.random(in: 0..<row.splits.count, using: &random)].isActive.toggle()
    case 3:
      row.splits.append(
        .init(
          layer: 0, unit: Int.random(in: 0..<3, using: &random), isActive: random.chance(0.5),
          multiplier: random.pick([0, 0.5, 1, 4], or: 1)))
    default: row.target?.isUpper.toggle()
    }
  }

  private mutating func forgeNarrowing(_ proof: inout ExampleProof) {
    guard let first = proof.relaxations.first, let rival = proof.margins.first?.rival,
      let unit = (first.layers.first ?? nil)?.units.first
    else { return }
    let isFirstActive = random.chance(0.5)
    for isActive in random.chance(0.5) ? [isFirstActive] : [isFirstActive, !isFirstActive] {
      let split = GuideRow.Split(layer: 0, unit: unit, isActive: isActive, multiplier: 1)
      var made = Self.behind(split, of: 0, rival, first.layers)
      if case .narrowed(_, _, _, let rows) = made.origin, random.chance(0.3) {
        made.origin = .narrowed(parent: 0, rival: rival, splits: [], rows: rows)
      }
      proof.relaxations.append(made)
      var other = split
      other.isActive.toggle()
      let splits = random.pick([[], [split], [other]], or: [])
      proof.searched.append(
        SearchProof(
          rival: rival, relaxation: proof.relaxations.count - 1,
          leaves: [GuideRow(weight: 1, target: nil, splits: splits, lines: RowLines(layers: []))]))
    }
  }
}
