import DualBounds
import ReLUChain
import TestSupport
import Testing

/// The complete search against the true minimum, found by enumerating every sign pattern.
@Suite struct SplitSearchTests {
  private static func drawn(_ seed: UInt64, _ style: NumberStyle) -> RandomChains {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (3, 4, 2...3)
    chains.mixesKinds = seed % 2 == 0
    return chains
  }

  private static func search(
    _ workspace: BoundWorkspace, _ known: Relaxation, _ own: Int, _ other: Int,
    budget: Int = 4000, narrowsAtOnce: Bool = false
  ) -> SplitOutcome {
    workspace.provedSearch(
      known, own: own, other: other, budget: budget, narrowsAtOnce: narrowsAtOnce
    ) { _ in (false, .infinity) }.outcome
  }

  @Test(
    "what is proved is true, and what is true by more than rounding is proved",
    arguments: NumberStyle.allCases, seeds(14))
  func exactTruth(style: NumberStyle, seed: UInt64) {
    for narrowsAtOnce in [false, true] { exactTruth(style, seed, narrowsAtOnce) }
  }

  private func exactTruth(_ style: NumberStyle, _ seed: UInt64, _ narrowsAtOnce: Bool) {
    var chains = Self.drawn(seed, style)
    for ball in [BallStyle.middling, .wide, .perFeature] {
      let instance = BoundCase(&chains, ball)
      let truth = ExactMinimum(instance.exact, over: instance.box).margins
      let workspace = BoundWorkspace(BoundProblem(instance.chain))
      let known = workspace.relaxation(over: instance.ball)
      let sizes = instance.magnitudes.last ?? []
      for own in 0..<instance.chain.classCount {
        for other in 0..<instance.chain.classCount where other != own {
          let outcome = Self.search(
            workspace, known, own, other, narrowsAtOnce: narrowsAtOnce)
          let least = truth[own][other]
          if outcome.end == .proved {
            #expect(least.sign > 0, "\(ball): \(own) over \(other)")
          } else {
            #expect(Rational.isLower(outcome.bound, than: least), "\(ball): \(own) over \(other)")
          }
          // The charges of all layers together are far below this.
          let rounding = 1e-9 * (sizes[own] + sizes[other])
          if least.approximation > rounding, known.isKnown, style != .underflowing {
            #expect(outcome.end == .proved, "\(ball): \(own) over \(other), \(least)")
          }
        }
      }
    }
  }

  @Test("the same where the next layer does not read every unit", arguments: seeds(150))
  func unreadUnits(seed: UInt64) {
    let (instance, _) = RowGuideTests.unread(seed)
    let truth = ExactMinimum(instance.exact, over: instance.box).margins
    let workspace = BoundWorkspace(BoundProblem(instance.chain))
    let known = workspace.relaxation(over: instance.ball)
    for (own, other, narrowsAtOnce) in [(0, 1, false), (1, 0, false), (0, 1, true), (1, 0, true)] {
      let outcome = Self.search(workspace, known, own, other, narrowsAtOnce: narrowsAtOnce)
      let least = truth[own][other]
      #expect(outcome.end != .proved || least.sign > 0)
      #expect(outcome.end == .proved || Rational.isLower(outcome.bound, than: least))
      if least.approximation > 1e-6 { #expect(outcome.end == .proved, "\(least)") }
    }
  }

  @Test(
    "a margin that is just 0 somewhere is not proved, one that is just above it is",
    arguments: seeds(120))
  func nearTies(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: .smallIntegers)
    func rows(_ count: Int, _ inputs: Int) -> [[Double]] {
      (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
    }
    let hidden = [(rows: rows(4, 2), bias: rows(1, 4)[0]), (rows: rows(3, 4), bias: rows(1, 3)[0])]
    let last = rows(2, 3)
    let ball = chains.ball(inputCount: 2, style: .wide)
    func drawn(_ bias: [Double]) -> BoundCase {
      BoundCase(
        denseChain(hidden + [(rows: last, bias: bias)]), center: ball.center, radius: ball.radius)
    }
    let exact = drawn([0, 0])
    let least = ExactMinimum(exact.exact, over: exact.box).margins[0][1]
    for excess in [0, 0x1p-45, 0x1p-20] {
      // The second logit is lifted by the whole margin, less an excess.
      let lift = least.approximation - excess
      guard Rational(lift) == least - Rational(excess) else { continue }
      let instance = drawn([0, lift])
      let workspace = BoundWorkspace(BoundProblem(instance.chain))
      let known = workspace.relaxation(over: instance.ball)
      let end = Self.search(workspace, known, 0, 1).end
      if excess == 0 { #expect(end != .proved) }
      if excess == 0x1p-20 { #expect(end == .proved) }
    }
  }

  /// `|a + b| + |a - b| - |a| - |b|`, which is 0 at least, among thousands of open units that hardly count: bounds
  /// lack 2.
  @Test("thousands of open units are searched, too", arguments: [2100, 8000])
  func manyUnits(count: Int) {
    let signs: [[Double]] = [[1, 1], [1, -1], [1, 0], [0, 1]]
    let rows = signs + signs.map { $0.map(-) } + (0..<count).map { [Double($0 + 1) / 8192, 1] }
    let weights = [1, 1, -1, -1, 1, 1, -1, -1] + (0..<count).map { _ in 0x1p-40 }
    for shift in [1.5, -0.01] {
      let chain = denseChain([
        (rows, rows.map { _ in 0 }),
        ([weights, weights.map { _ in 0 }], [shift, 0]),
      ])
      let workspace = BoundWorkspace(BoundProblem(chain))
      let known = workspace.relaxation(over: Ball(center: [0, 0], radius: [1, 1]))
      #expect(workspace.margins(of: known, specificationClass: 0).margins[1] < 0)
      let outcome = Self.search(workspace, known, 0, 1, budget: 100)
      #expect((outcome.end == .proved) == (shift > 0), "\(shift): \(outcome)")
    }
  }

  /// With many inputs a search keeps rows of the first layer's active units.
  @Test("the same where each input comes as sixteen of a sixteenth", arguments: seeds(30))
  func manyInputs(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .smallIntegers : .singles)
    func layer(_ count: Int, _ inputs: Int) -> (rows: [[Double]], bias: [Double]) {
      let rows = (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
      return (rows, (0..<count).map { _ in chains.number() })
    }
    let copies = 16
    func spread(_ numbers: [Double], _ factor: Double) -> [Double] {
      numbers.flatMap { [Double](repeating: factor * $0, count: copies) }
    }
    let (first, later) = (layer(5, 3), [layer(4, 5), layer(3, 4), layer(3, 3)])
    let ball = chains.ball(inputCount: 3, style: seed % 3 == 0 ? .middling : .wide)
    let small = BoundCase(denseChain([first] + later), center: ball.center, radius: ball.radius)
    let truth = ExactMinimum(small.exact, over: small.box).margins
    let sixteenths = first.rows.map { spread($0, 0x1p-4) }
    let large = BoundCase(
      denseChain([(sixteenths, first.bias)] + later), center: spread(ball.center, 1),
      radius: spread(ball.radius, 1))
    let workspace = BoundWorkspace(BoundProblem(large.chain))
    let known = workspace.relaxation(over: large.ball)
    let sizes = large.magnitudes.last ?? []
    for (own, other) in [(0, 1), (1, 0), (2, 0), (0, 2)] {
      let least = truth[own][other]
      for narrowsAtOnce in [false, true] {
        let outcome = Self.search(workspace, known, own, other, narrowsAtOnce: narrowsAtOnce)
        #expect(outcome.end != .proved || least.sign > 0, "\(own) over \(other)")
        #expect(outcome.end == .proved || Rational.isLower(outcome.bound, than: least))
        if least.approximation > 1e-9 * (sizes[own] + sizes[other]) {
          #expect(outcome.end == .proved, "\(own) over \(other), \(least)")
        }
      }
    }
  }

  @Test(
    "what is proved of a deployed network holds in any order of summation",
    arguments: [NumberStyle.singles, .smallIntegers, .spread], seeds(20))
  func deployed(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (5, 8, 2...4)
    for deployment in [.single] + Deployment.others {
      let instance = BoundCase(&chains, .middling)
      let workspace = BoundWorkspace(
        BoundProblem(
          instance.chain, arithmetic: deployment.arithmetic, wideSums: deployment.hasWideSums))
      let known = workspace.relaxation(over: instance.ball)
      guard known.isKnown, let box = DeployedBox(instance.box, deployment.stored) else { continue }
      let network = deployment.network(instance.chain)
      for other in 1..<instance.chain.classCount
      where Self.search(workspace, known, 0, other, budget: 300).end == .proved {
        for _ in 0..<20 {
          let point = box.point(using: &chains.random)
          let evaluation = Evaluation(
            order: chains.random.pick(SummationOrder.allCases, or: .forward), fusing: 0.5)
          let logits =
            network.preActivations(at: point, evaluation, using: &chains.random).last ?? []
          #expect(logits[0] > logits[other], "\(deployment), at \(point)")
        }
      }
    }
  }

  @Test("a search does not depend on what its worker did before", arguments: seeds(20))
  func reuse(seed: UInt64) {
    var chains = Self.drawn(seed, .doubles)
    (chains.inputLimit, chains.widthLimit) = (8, 14)
    let instance = BoundCase(&chains, .middling)
    let problem = BoundProblem(instance.chain)
    let (fresh, used) = (BoundWorkspace(problem), BoundWorkspace(problem, rowsPerBlock: 8))
    let pairs =
      (1..<instance.chain.classCount).map { (0, $0) } + [(instance.chain.classCount - 1, 0)]
    let known = used.relaxation(over: instance.ball)
    let first = pairs.map { Self.search(used, known, $0.0, $0.1, budget: 200) }
    for (pair, outcome) in zip(pairs, first).reversed() {
      #expect(Self.search(used, known, pair.0, pair.1, budget: 200) == outcome)
      #expect(
        Self.search(fresh, fresh.relaxation(over: instance.ball), pair.0, pair.1, budget: 200)
          == outcome)
    }
  }

  @Test(
    "what is proved of a ball of l2 or l1 holds at its points", arguments: [Norm.l2, .l1], seeds(60)
  )
  func norms(norm: Norm, seed: UInt64) {
    var chains = Self.drawn(seed, seed % 2 == 0 ? .doubles : .smallIntegers)
    (chains.inputLimit, chains.widthLimit) = (5, 10)
    let instance = BoundCase(&chains, seed % 3 == 0 ? .wide : .middling, norm: norm)
    let workspace = BoundWorkspace(BoundProblem(instance.chain))
    let known = workspace.relaxation(over: instance.ball)
    guard let part = instance.part else { return }
    for (own, other) in [(0, instance.chain.classCount - 1), (instance.chain.classCount - 1, 0)]
    where own != other && Self.search(workspace, known, own, other, budget: 300).end == .proved {
      for _ in 0..<60 {
        let inside = instance.box.point(using: &chains.random)
        let change = part.point(count: inside.count, using: &chains.random)
        let logits = instance.exact.logits(at: zip(inside, change).map { $0 + $1 })
        #expect((logits[own] - logits[other]).sign > 0, "\(own) over \(other)")
      }
    }
  }

  @Test("points that are shown lie in the ball", arguments: seeds(30))
  func probes(seed: UInt64) {
    var chains = Self.drawn(seed, .doubles)
    (chains.inputLimit, chains.widthLimit) = (6, 10)
    let norm: Norm? = seed % 3 == 0 ? .l2 : seed % 3 == 1 ? .l1 : nil
    let instance =
      norm.map { BoundCase(&chains, .middling, norm: $0) } ?? BoundCase(&chains, .middling)
    let workspace = BoundWorkspace(BoundProblem(instance.chain))
    let known = workspace.relaxation(over: instance.ball)
    for other in 1..<instance.chain.classCount {
      _ = workspace.search(known, own: 0, other: other, budget: 50) { way in
        let reach = (instance.part.map { $0.extent.approximation } ?? 0) * (1 + 1e-12)
        for (moved, radius) in zip(way, instance.radius) {
          #expect(abs(moved) <= radius + reach)
        }
        return (false, .infinity)
      }
    }
  }
}
