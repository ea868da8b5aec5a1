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
    case .narrowed(let parent, let rival, var rows) where !rows.isEmpty && random.chance(0.6):
      let place = Int.random(in: 0..<rows.count, using: &random)
      change(&rows[place])
      relaxation.origin = .narrowed(
        parent: parent, rival: random.chance(0.2) ? rival + 1 : rival, rows: rows)
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
      let units = first.layers.first ?? nil, let unit = units.units.first
    else { return }
    let isActive = random.chance(0.5)
    let row = GuideRow(
      weight: 0, target: .init(layer: 0, unit: unit, isUpper: !isActive),
      splits: [.init(layer: 0, unit: unit, isActive: isActive, multiplier: 1)],
      lines: RowLines(layers: []))
    var claimed = units
    claimed.units.removeFirst()
    claimed.lower.removeFirst()
    claimed.upper.removeFirst()
    proof.relaxations.append(
      RelaxationProof(
        origin: .narrowed(parent: 0, rival: rival, rows: [row]),
        layers: [claimed] + first.layers.dropFirst()))
    proof.searched.append(
      SearchProof(
        rival: rival, relaxation: proof.relaxations.count - 1,
        leaves: [GuideRow(weight: 1, target: nil, splits: [], lines: RowLines(layers: []))]))
  }
}
