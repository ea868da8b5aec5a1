import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Balls of l2 and l1: against Algorithm 1 in exact arithmetic, and against their own points.
@Suite struct NormTests {
  static let norms: [Norm] = [.l2, .l1]
  /// As in AlgorithmAgreementTests.
  private static let tolerance = 1e-12

  private static func chains(_ seed: UInt64, _ style: NumberStyle) -> RandomChains {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (10, 10, 1...4)
    return chains
  }

  @Test(
    "with every row computed, bounds and margins are those of Algorithm 1 with the dual norm",
    arguments: norms, seeds(60))
  func everyRowAgrees(norm: Norm, seed: UInt64) {
    let styles: [NumberStyle] = [.smallIntegers, .dyadic, .singles, .doubles]
    var chains = Self.chains(seed, styles[Int(seed % 4)])
    for style in [BallStyle.point, .small, .middling, .wide] {
      let instance = BoundCase(&chains, style, norm: norm)
      let truth = ExactAlgorithm1(
        instance.exact, over: instance.box, and: instance.part, slopeBits: 400)
      let sizes = instance.magnitudes
      let answer = instance.answer(everyRow: true)
      for (stage, (bounds, exact)) in zip(answer.layers, truth.layers).enumerated() {
        expectNear(bounds, exact, sizes[stage], "\(style), layer \(stage)")
      }
      for (label, margins) in answer.margins {
        for (other, exact) in truth.margins(specificationClass: label).enumerated() {
          let size = (sizes.last ?? [])[label] + (sizes.last ?? [])[other]
          let gap = (exact - Rational(margins[other])).approximation
          #expect(
            abs(gap) <= Self.tolerance * size + underflowTolerance, "\(style), \(label), \(other)")
        }
      }
    }
  }

  @Test(
    "the first layer of ReLUs is bounded by the norms of its composed rows, without rows",
    arguments: norms, seeds(60))
  func firstLayer(norm: Norm, seed: UInt64) {
    var chains = Self.chains(seed, seed % 2 == 0 ? .doubles : .spread)
    chains.depths = 2...3
    for style in [BallStyle.small, .wide] {
      let instance = BoundCase(&chains, style, norm: norm)
      let truth = ExactAlgorithm1(
        instance.exact, over: instance.box, and: instance.part, slopeBits: 400)
      let layers = instance.answer().layers
      for unit in layers[0].lower.indices {
        #expect(Rational.isLower(layers[0].lower[unit], than: truth.layers[0].lower[unit]))
        #expect(Rational.isUpper(layers[0].upper[unit], than: truth.layers[0].upper[unit]))
      }
      // Where no box is added, nothing is lost by intervals either.
      if instance.radius.allSatisfy({ $0 == 0 }) {
        expectNear(layers[0], truth.layers[0], instance.magnitudes[0], "\(style)")
      }
    }
  }

  private func expectNear(
    _ bounds: PreActivationBounds, _ exact: ExactAlgorithm1.Layer, _ sizes: [Double],
    _ place: String
  ) {
    for unit in exact.lower.indices {
      let allowed = Self.tolerance * sizes[unit] + underflowTolerance
      let below = (exact.lower[unit] - Rational(bounds.lower[unit])).approximation
      let above = (Rational(bounds.upper[unit]) - exact.upper[unit]).approximation
      #expect(abs(below) <= allowed && abs(above) <= allowed, "\(place), unit \(unit)")
    }
  }

  @Test(
    "no point of the ball leaves the bounds or falls below a margin",
    arguments: NumberStyle.allCases, seeds(24))
  func pointsOfTheBall(style: NumberStyle, seed: UInt64) throws {
    var chains = Self.chains(seed, style)
    (chains.inputLimit, chains.widthLimit) = (16, 16)
    for ball in BallStyle.allCases {
      for norm in Self.norms {
        let instance = BoundCase(&chains, ball, norm: norm)
        let answer = instance.answer(
          seed % 4 == 0 ? .float32 : .real,
          direction: seed % 2 == 0 ? .columns : .automatic,
          kernels: seed % 3 == 0 ? present("portable") : .best,
          rowsPerBlock: seed % 5 == 0 ? 4 : 32,
          slopes: Slopes.allCases[Int(seed / 2) % 3])
        for change in try changes(instance, using: &chains.random) {
          let part = try #require(instance.part)
          #expect(part.contains(change))
          let center = instance.box.point(using: &chains.random)
          let point = zip(center, change).map { $0 + $1 }
          let contradiction = answer.contradiction(by: instance.exact.preActivations(at: point))
          #expect(contradiction == nil, "\(ball), \(norm)")
        }
      }
    }
  }

  /// Points of the norm's part: drawn ones, and those that a difference of logits, or a unit of the
  /// first layer, likes best.
  private func changes(
    _ instance: BoundCase, using random: inout SeededGenerator
  ) throws -> [[Rational]] {
    let part = try #require(instance.part)
    let count = instance.center.count
    var changes = (0..<2).map { _ in part.point(count: count, using: &random) }
    let network = DoubleNetwork(instance.chain)
    let label = Int.random(in: 0..<instance.chain.classCount, using: &random)
    let other = Int.random(in: 0..<instance.chain.classCount, using: &random)
    let step = max(part.extent.approximation, 1e-6) * 0.01
    func margin(_ point: [Double]) -> Double {
      let logits = network.logits(at: point)
      return logits[label] - logits[other]
    }
    let slope = (0..<count).map { feature in
      var (above, below) = (instance.center, instance.center)
      above[feature] += step
      below[feature] -= step
      return margin(above) - margin(below)
    }
    changes.append(part.corner(against: slope))
    var row = [Rational](repeating: .zero, count: instance.exact.stages[0].rows.count)
    row[Int.random(in: row.indices, using: &random)] = random.chance(0.5) ? .one : -.one
    changes.append(
      part.corner(against: instance.exact.stages[0].transposedProduct(row).map(\.approximation)))
    return changes
  }

  @Test(
    "the deployed network stays within the bounds of a ball widened for its inputs' rounding",
    arguments: norms, seeds(40))
  func deployed(norm: Norm, seed: UInt64) throws {
    var chains = Self.chains(seed, seed % 2 == 0 ? .singles : .nearOne)
    (chains.inputLimit, chains.widthLimit) = (16, 16)
    for style in [BallStyle.small, .middling, .wide] {
      var instance = BoundCase(&chains, style, norm: norm)
      let part = try #require(instance.part)
      let extent = part.extent.approximation
      // Half a unit in the last place of any number within the ball.
      instance.radius = instance.center.map { 0x1p-23 * (abs($0) + extent) }
      let answer = instance.answer(.float32, slopes: Slopes.allCases[Int(seed / 2) % 3])
      let network = DeployedNetwork(instance.chain, stored: .binary32, summed: .binary32)
      for change in try changes(instance, using: &chains.random) {
        let meant = zip(instance.box.center, change).map { $0 + $1 }
        let point = meant.map { DeployedFormat.binary32.rounded($0.approximation) }
        for (feature, value) in point.enumerated() {
          let error = (Rational(value) - meant[feature]).magnitude
          #expect(error <= Rational(instance.radius[feature]))
        }
        for order in SummationOrder.allCases {
          let values = network.preActivations(
            at: point, Evaluation(order: order, fusing: 0.5), using: &chains.random)
          let contradiction = answer.contradiction(
            by: values.map { layer in layer.map { Rational($0) } }, isExact: false)
          #expect(contradiction == nil, "\(style), \(order)")
        }
      }
    }
  }

  @Test("no tighter slopes make a margin worse, and now and then they prove more", arguments: norms)
  func tighterSlopes(norm: Norm) {
    var gained = 0
    for seed in seeds(40) {
      var chains = Self.chains(seed, .singles)
      chains.depths = 2...4
      let instance = BoundCase(&chains, .middling, norm: norm)
      let answers = Slopes.allCases.map { instance.answer(slopes: $0) }
      for (looser, tighter) in zip(answers, answers.dropFirst()) {
        for (left, right) in zip(looser.allMargins, tighter.allMargins) {
          #expect(left <= right)
          gained += left + 1e-3 < right ? 1 : 0
        }
      }
    }
    #expect(gained > 40, "\(gained)")
  }

  @Test("what a row pays at the input is what its minimiser takes", arguments: seeds(40))
  func minimisers(seed: UInt64) {
    var chains = Self.chains(seed, .doubles)
    let cases =
      [BoundCase(&chains, .perFeature)]
      + Self.norms.map {
        BoundCase(&chains, .wide, norm: $0)
      }
    for instance in cases {
      let input = InputView(instance.chain, instance.ball)
      let (count, padded) = (instance.chain.inputCount, 4)
      let rows = Buffer<Double>(repeating: 0, count: count * padded)
      for entry in 0..<rows.count where chains.random.chance(0.8) {
        rows[entry] = Double.random(in: -1...1, using: &chains.random)
      }
      let cost = Buffer<Double>(repeating: 0, count: padded)
      let part = input.relaxation.normPart
      if let part {
        input.norms.pay(part, rows.pointer, over: input.view, padded: padded, cost: cost.pointer)
      }
      let coefficients = (0..<rows.count).map { rows[$0] }
      input.norms.minimise(part, rows.pointer, over: input.view, padded: padded)
      let layout = input.relaxation.problem.layers[0].layout
      for row in 0..<padded {
        var (lowest, paid) = (0.0, cost[row])
        for unit in 0..<count {
          let coefficient = coefficients[unit * padded + row]
          lowest += coefficient * rows[unit * padded + row]
          paid += abs(coefficient) * instance.radius[layout.logical(unit)]
        }
        // Some ten products, at values of at most a few hundred.
        #expect(abs(lowest + paid) <= 1e-12 * max(1, paid), "\(instance.ball.norm)")
      }
    }
  }

  @Test(
    "an l1 ball in one dimension, an l2 ball and an interval are the same", arguments: seeds(30))
  func oneDimension(seed: UInt64) {
    var chains = Self.chains(seed, .doubles)
    (chains.inputLimit, chains.mixesKinds) = (1, false)
    let chain = chains.chain()
    let workspace = BoundWorkspace(BoundProblem(chain))
    let radius = Double.random(in: 0...1, using: &chains.random)
    func margins(_ ball: Ball) -> [Double] {
      workspace.margins(over: ball, specificationClass: 0).margins
    }
    let expected = margins(Ball(center: [0.5], radius: [radius]))
    for norm in Norm.allCases {
      let found = margins(Ball(center: [0.5], radius: [0], norm: norm, extent: radius))
      for (left, right) in zip(found, expected) { #expect(abs(left - right) <= 1e-11) }
    }
  }

  @Test("a ball without a finite extent >= 0 certifies nothing, and leaves no trace")
  func endlessBalls() {
    let chain = denseChain([[1], [-1]], [0, 0], [[1, 0], [0, 1]], [1, 0])
    let workspace = BoundWorkspace(BoundProblem(chain))
    for norm in Norm.allCases {
      for extent in [-1, -0x1p-1074, .nan, .infinity, 1e300] {
        let ball = Ball(center: [1], radius: [0], norm: norm, extent: extent)
        #expect(!(workspace.margins(over: ball, specificationClass: 0).margins[1] > 0))
      }
      let after = workspace.margins(
        over: Ball(center: [3], radius: [0], norm: norm, extent: 1), specificationClass: 0)
      #expect(after.margins[1] > 2.9)
    }
  }
}
