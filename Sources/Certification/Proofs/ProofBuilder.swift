import DualBounds
import ProofRecords

/// Turns what the engine kept into what a proof says: units by the file's numbers, layers by the count of
/// ReLUs in front of them.
struct ProofBuilder {
  private let problem: BoundProblem
  /// For each of the problem's layers its place among the layers of ReLUs; nil for others.
  private let hidden: [Int?]
  private(set) var proof: ExampleProof
  /// The relaxations so far, by their top layer.
  private var numbers: [ObjectIdentifier: Int] = [:]

  init(_ problem: BoundProblem, _ proof: ExampleProof) {
    (self.problem, self.proof) = (problem, proof)
    var count = 0
    hidden = problem.layers.map { layer in
      guard layer.isReLU else { return nil }
      defer { count += 1 }
      return count
    }
  }

  /// Adds the bounds of a ball and the rows of its margins.
  mutating func add(_ bounds: BallBounds) {
    let first = number(bounds.relaxation.root)
    for rival in 0..<problem.classCount where rival != proof.specificationClass {
      proof.margins.append(MarginProof(rival: rival, relaxation: first, lines: nil))
    }
    for origin in bounds.origins {
      proof.margins.append(
        MarginProof(
          rival: origin.other, relaxation: number(origin.relaxation), lines: lines(origin.lines)))
    }
  }

  /// Adds what a search proved.
  mutating func add(_ search: SplitProof, rival: Int) {
    for group in search.groups {
      let relaxation = number(group.relaxation)
      let units = group.leaves.isEmpty ? [] : group.relaxation.unstableUnits
      proof.searched.append(
        SearchProof(
          rival: rival, relaxation: relaxation,
          leaves: group.leaves.map { guide($0.guide, units, path: $0.path) }))
    }
  }

  mutating func add(_ point: PointProof) { proof.point = point }

  /// The number of a relaxation, which is added with all that it rests on where it is new.
  private mutating func number(_ relaxation: Relaxation) -> Int {
    let layers = relaxation.layers
    let key = ObjectIdentifier(layers[layers.count - 1])
    if let known = numbers[key] { return known }
    var made = RelaxationProof(origin: .algorithm1, layers: [])
    var (shared, isEmpty) = ([LayerRelaxation](), false)
    switch relaxation.origin {
    case nil: break
    case .tightened(let parent, let rows):
      let number = number(parent)
      // Nothing lies above the first ReLU.
      if parent.layers.last === layers.last { return number }
      shared = parent.layers
      made.origin = .tightened(parent: number, rows: rows.map(row))
    case .narrowed(let parent, let other, let splits, let guides):
      let number = number(parent)
      (shared, isEmpty) = (parent.layers, layers.count < parent.layers.count)
      let units = parent.unstableUnits
      let logits = problem.layers[problem.layers.count - 1].layout
      made.origin = .narrowed(
        parent: number, rival: logits.logical(other), splits: splits.map(side),
        rows: guides.map { guide($0, units, path: splits) })
    }
    let claimed = isEmpty ? layers.count - 1 : layers.count
    for index in 0..<claimed where hidden[index] != nil {
      let isShared = index < shared.count && shared[index] === layers[index]
      made.layers.append(isShared ? nil : unstable(layers[index], index))
    }
    proof.relaxations.append(made)
    numbers[key] = proof.relaxations.count - 1
    return proof.relaxations.count - 1
  }

  private func unstable(_ layer: LayerRelaxation, _ index: Int) -> UnstableUnits {
    let layout = problem.layers[index].layout
    let units = layer.unstableUnits.map { (logical: layout.logical($0), unit: $0) }
      .sorted { $0.logical < $1.logical }
    return UnstableUnits(
      units: units.map(\.logical), lower: units.map { layer.bounds.lower[$0.unit] },
      upper: units.map { layer.bounds.upper[$0.unit] })
  }

  private func row(_ origin: UnitOrigin) -> UnitRow {
    UnitRow(
      layer: hidden[origin.layer] ?? 0,
      unit: problem.layers[origin.layer].layout.logical(origin.unit),
      isUpper: origin.isUpper, lines: lines(origin.lines))
  }

  private func lines(_ choice: LineChoice) -> ProofRecords.RowLines {
    lines(
      choice.layers.enumerated().flatMap { index, layer in
        layer.units.indices.map { ((index, Int(layer.units[$0])), layer.slopes[$0]) }
      })
  }

  private func lines(
    _ slopes: [((layer: Int, unit: Int), Double)]
  ) -> ProofRecords.RowLines {
    var layers: [[ProofRecords.RowLines.Line]] = []
    for ((layer, unit), slope) in slopes where LineChoice.isSlope(slope) && slope > 0 {
      guard let place = hidden[layer] else { continue }
      while layers.count <= place { layers.append([]) }
      layers[place].append(.init(unit: problem.layers[layer].layout.logical(unit), slope: slope))
    }
    for place in layers.indices { layers[place].sort { $0.unit < $1.unit } }
    return ProofRecords.RowLines(layers: layers)
  }

  private func side(_ split: DualBounds.SplitSide) -> ProofRecords.SplitSide {
    .init(
      layer: hidden[split.layer] ?? 0,
      unit: problem.layers[split.layer].layout.logical(split.unit), isActive: split.isActive)
  }

  /// - Parameter path: the splits, in their order; some may be of units that the bounds leave no choice.
  private func guide(
    _ guide: RowGuide, _ units: [(layer: Int, unit: Int)], path: [DualBounds.SplitSide]
  ) -> GuideRow {
    let multipliers = Dictionary(
      uniqueKeysWithValues: units.indices.filter { guide.sides[$0] != 0 }.map {
        (Unit(units[$0]), RowGuide.multiplier(guide.multipliers[$0]))
      })
    func named(_ place: Int) -> (layer: Int, unit: Int) {
      let (layer, unit) = units[place]
      return (hidden[layer] ?? 0, problem.layers[layer].layout.logical(unit))
    }
    let free = units.indices.filter { guide.sides[$0] == 0 }
    return GuideRow(
      weight: guide.boundedWeight,
      target: guide.unit.map {
        let unit = named($0.place)
        return .init(layer: unit.layer, unit: unit.unit, isUpper: $0.sign < 0)
      },
      splits: path.map { split in
        let side = side(split)
        return .init(
          layer: side.layer, unit: side.unit, isActive: side.isActive,
          multiplier: multipliers[Unit((split.layer, split.unit))] ?? 0)
      },
      lines: lines(free.map { (units[$0], guide.slopes[$0]) }))
  }
}

/// A unit by the kernels' numbers.
private struct Unit: Hashable {
  let layer, unit: Int

  init(_ place: (layer: Int, unit: Int)) { (layer, unit) = place }
}

extension Relaxation {
  /// What Algorithm 1 made, and everything else was made of.
  fileprivate var root: Relaxation {
    switch origin {
    case nil: self
    case .tightened(let parent, _), .narrowed(let parent, _, _, _): parent.root
    }
  }
}
