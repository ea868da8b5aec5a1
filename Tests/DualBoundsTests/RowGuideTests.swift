import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Rows with splits and multipliers, against the true minimum over the cells of every sign pattern: no
/// tolerance.
@Suite struct RowGuideTests {
  /// Slopes and multipliers, and what is none.
  private static let numbers: [Double] = [
    0, 0x1p-1074, 0x1p-70, 0.03, 0.25, 0.75, 1, 1 + 0x1p-52, 3, 1e5, 1e30, -0.5, .nan, .infinity,
    -.infinity,
  ]

  @Test(
    "whatever a guide says, its row is not above the truth on the part that it speaks of",
    arguments: NumberStyle.allCases, seeds(14))
  func anyGuide(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (2, 3, 2...3)
    chains.mixesKinds = seed % 2 == 0
    for ball in [BallStyle.small, .middling, .wide, .perFeature] {
      let instance = BoundCase(&chains, ball)
      let guided = GuidedCase(instance, .real)
      guard guided.relaxation.isKnown else { continue }
      let cells = ExactCells(instance.exact, over: instance.box).cells
      let guides = (0..<24).map { _ in guided.guide(&chains.random, Self.numbers) }
      for (guide, bound) in zip(guides, guided.bounds(guides)) {
        for cell in cells where guided.meets(guide, cell) {
          let least = cell.points.range(of: guided.objective(guide, cell)).lowerBound
          #expect(Rational.isLower(bound, than: least), "\(ball), \(guide)")
        }
      }
    }
  }

  /// Only two features move: the others would make the cells too many.
  static func unread(_ seed: UInt64) -> (BoundCase, RandomChains) {
    var chains = RandomChains(seed: seed, style: .dyadic)
    let chain = chainWithUnreadUnits { chains.number() }
    let center = (0..<7).map { _ in chains.number() }
    let radius = (0..<7).map { $0 == 3 || $0 == 5 ? 1.0 : 0 }
    return (BoundCase(chain, center: center, radius: radius), chains)
  }

  @Test(
    "the same where the next layer does not read every unit, and a guide speaks of those that it does",
    arguments: seeds(60))
  func unreadUnits(seed: UInt64) {
    var (instance, chains) = Self.unread(seed)
    let guided = GuidedCase(instance, .real)
    let cells = ExactCells(instance.exact, over: instance.box).cells
    let guides = (0..<48).map { _ in guided.guide(&chains.random, Self.numbers) }
    for (guide, bound) in zip(guides, guided.bounds(guides)) {
      for cell in cells where guided.meets(guide, cell) {
        let least = cell.points.range(of: guided.objective(guide, cell)).lowerBound
        #expect(Rational.isLower(bound, than: least), "\(guide)")
      }
    }
  }

  @Test(
    "the same as deployed, in any order of summation", arguments: NumberStyle.allCases, seeds(8))
  func deployed(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (6, 10, 2...4)
    for deployment in [.single] + Deployment.others {
      let instance = BoundCase(&chains, chains.random.chance(0.5) ? .middling : .wide)
      let guided = GuidedCase(
        instance, deployment.arithmetic, wideSums: deployment.hasWideSums)
      guard guided.relaxation.isKnown, let box = DeployedBox(instance.box, deployment.stored)
      else { continue }
      let guides = (0..<32).map { _ in guided.guide(&chains.random, Self.numbers) }
      let bounds = guided.bounds(guides)
      let network = deployment.network(instance.chain)
      for _ in 0..<12 {
        let point = box.point(using: &chains.random)
        let evaluation = Evaluation(
          order: chains.random.pick(SummationOrder.allCases, or: .forward), fusing: 0.5)
        let values = network.preActivations(at: point, evaluation, using: &chains.random).map {
          $0.map { $0.isFinite ? Rational($0) : nil }
        }
        for (guide, bound) in zip(guides, bounds) where guided.holds(guide, values) {
          guard let value = guided.objective(guide, values) else {
            // What can overflow has no bound.
            #expect(bound == -.infinity)
            continue
          }
          #expect(Rational.isLower(bound, than: value), "\(deployment), \(guide), at \(point)")
        }
      }
    }
  }

  @Test(
    "balls of l2 and l1, too", arguments: [Norm.l2, .l1], seeds(40))
  func norms(norm: Norm, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .doubles : .smallIntegers)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (6, 10, 2...4)
    let instance = BoundCase(&chains, .middling, norm: norm)
    let guided = GuidedCase(instance, .real)
    guard guided.relaxation.isKnown, let part = instance.part else { return }
    let guides = (0..<32).map { _ in guided.guide(&chains.random, Self.numbers) }
    let bounds = guided.bounds(guides)
    for _ in 0..<60 {
      let inside = instance.box.point(using: &chains.random)
      let change = part.point(count: inside.count, using: &chains.random)
      let values = instance.exact.preActivations(at: zip(inside, change).map { $0 + $1 })
        .map { $0.map { Optional($0) } }
      for (guide, bound) in zip(guides, bounds) where guided.holds(guide, values) {
        guard let value = guided.objective(guide, values) else { continue }
        #expect(Rational.isLower(bound, than: value), "\(guide)")
      }
    }
  }
}

/// A relaxation, and guides over it.
private struct GuidedCase {
  let workspace: BoundWorkspace
  let relaxation: Relaxation
  private let instance: BoundCase
  /// Of every unstable unit its stage, and its number in the file.
  private let units: [(stage: Int, unit: Int)]

  init(_ instance: BoundCase, _ arithmetic: Arithmetic, wideSums: Bool = true) {
    self.instance = instance
    let problem = BoundProblem(instance.chain, arithmetic: arithmetic, wideSums: wideSums)
    workspace = BoundWorkspace(problem)
    relaxation = workspace.relaxation(over: instance.ball)
    let stages = problem.layers.indices.map { index in
      problem.layers[..<index].count(where: \.isReLU)
    }
    units = relaxation.unstableUnits.map { layer, unit in
      (stages[layer], problem.layers[layer].layout.logical(unit))
    }
  }

  /// The logits' stage.
  private var last: Int { instance.chain.stages.count - 1 }

  func guide(_ random: inout SeededGenerator, _ numbers: [Double]) -> RowGuide {
    let classes = instance.chain.classCount
    let own = Int.random(in: 0..<classes, using: &random)
    let other = (own + Int.random(in: 1..<max(2, classes), using: &random)) % classes
    let share = random.pick([0.2, 0.7], or: 0)
    let sides = units.map { _ -> Int8 in
      random.chance(share) ? (random.chance(0.5) ? 1 : -1) : 0
    }
    let unit: (place: Int, sign: Double)? =
      units.isEmpty || random.chance(0.4)
      ? nil
      : (Int.random(in: 0..<units.count, using: &random), random.chance(0.5) ? 1 : -1)
    let layout = workspace.problem.layers[workspace.problem.layers.count - 1].layout
    return RowGuide(
      own: layout.physical(own), other: layout.physical(other),
      weight: unit == nil ? 1 : random.pick([0, 0.25, 1, 3, .nan, -1], or: 1), unit: unit,
      sides: sides, slopes: units.map { _ in random.pick(numbers, or: 0) },
      multipliers: units.map { _ in
        random.chance(0.5) ? random.pick(numbers, or: 0) : Double.random(in: 0...2, using: &random)
      })
  }

  func bounds(_ guides: [RowGuide]) -> [Double] { workspace.bounds(of: guides, on: relaxation) }

  /// A weight that is none counts as 0.
  private func weight(_ guide: RowGuide) -> Rational {
    guide.weight >= 0x1p-60 ? Rational(min(guide.weight, 0x1p60)) : .zero
  }

  private func classes(_ guide: RowGuide) -> (own: Int, other: Int) {
    let layout = workspace.problem.layers[workspace.problem.layers.count - 1].layout
    return (layout.logical(guide.own), layout.logical(guide.other))
  }

  /// Whether a cell has points on the right side of every split.
  func meets(_ guide: RowGuide, _ cell: ExactCells.Cell) -> Bool {
    zip(units, guide.sides).allSatisfy { place, side in
      side == 0 || cell.reaches(side, of: cell.values[place.stage][place.unit])
    }
  }

  func objective(_ guide: RowGuide, _ cell: ExactCells.Cell) -> AffineForm {
    let (own, other) = classes(guide)
    let margin = weight(guide) * (cell.values[last][own] - cell.values[last][other])
    guard let (place, sign) = guide.unit else { return margin }
    return margin + Rational(sign) * cell.values[units[place].stage][units[place].unit]
  }

  func holds(_ guide: RowGuide, _ values: [[Rational?]]) -> Bool {
    zip(units, guide.sides).allSatisfy { place, side in
      guard side != 0, let value = values[place.stage][place.unit] else { return side == 0 }
      return side > 0 ? value.sign >= 0 : value.sign <= 0
    }
  }

  /// Nil where something is not a number.
  func objective(_ guide: RowGuide, _ values: [[Rational?]]) -> Rational? {
    let (own, other) = classes(guide)
    guard let left = values[last][own], let right = values[last][other] else { return nil }
    let margin = weight(guide) * (left - right)
    guard let (place, sign) = guide.unit else { return margin }
    return values[units[place].stage][units[place].unit].map { margin + Rational(sign) * $0 }
  }
}
