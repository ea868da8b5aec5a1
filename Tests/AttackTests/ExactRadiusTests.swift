import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// Radii that are closed from both sides, against the exact truth.
@Suite struct ExactRadiusTests {
  private static func certificate(
    _ chain: ReLUChain, _ center: [Double], _ arithmetic: Arithmetic = .real,
    _ shape: BallShape = .norm(.linf), domain: Domain? = nil, cap: Double = 4,
    label: Int? = nil, splits: Int = 2000
  ) throws -> Certificate {
    let source = ExampleSource(
      featureCount: center.count, isExact: true, label: { _ in label },
      copyFeatures: { _, features in
        for (place, value) in center.enumerated() { features[place] = value }
      })
    var options = CertificationOptions(
      epsilons: [Numeral(exactly: 0.0625)], shape: shape, arithmetic: arithmetic, slopes: .auto,
      domain: domain, radii: RadiusOptions(selection: .exact, tolerance: 0.01, cap: cap),
      attack: AttackOptions())
    options.splits = splits
    return try certify(chain: chain, source: source, indices: [0], options: options)[0][0]
  }

  private static func chain(_ chains: inout RandomChains) -> ReLUChain {
    func stage(_ count: Int, _ inputs: Int) -> (rows: [[Double]], bias: [Double]) {
      let rows = (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
      return (rows, (0..<count).map { _ in chains.number() })
    }
    return denseChain([stage(4, 2), stage(4, 4), stage(3, 4)])
  }

  /// The inputs within `radius`: a box cut by a domain, or an l1 ball.
  private static func ball(
    _ center: [Double], _ radius: Double, l1: Bool, domain: ClosedRange<Rational>?
  ) -> Polytope {
    let (middle, reach) = (center.map { Rational($0) }, Rational(radius))
    if l1 { return Polytope(around: middle, l1Radius: reach) }
    let ends = domain ?? Rational(-1 << 20)...Rational(1 << 20)
    return Polytope(
      from: middle.map { max($0 - reach, ends.lowerBound) },
      to: middle.map { min($0 + reach, ends.upperBound) })
  }

  /// The smallest margin of a class over a polytope, exactly.
  private static func least(_ chain: ExactChain, over inputs: Polytope, of own: Int) -> Rational {
    var least: Rational?
    for cell in ExactCells(chain, over: inputs).cells {
      let logits = cell.values[cell.values.count - 1]
      for other in logits.indices where other != own {
        let bound = cell.points.range(of: logits[own] - logits[other]).lowerBound
        least = min(least ?? bound, bound)
      }
    }
    return least ?? .zero
  }

  @Test(
    "the true radius lies between the two ends, which meet",
    arguments: [(false, false), (false, true), (true, false)])
  func oracle(l1: Bool, isCut: Bool) throws {
    var closed = 0
    for seed in seeds(120) {
      var chains = RandomChains(seed: seed, style: .dyadic)
      let chain = Self.chain(&chains)
      let center = [chains.number(), chains.number()]
      let size = center.map(\.magnitude).max() ?? 0
      let domain = isCut ? Domain(from: Numeral(exactly: -size), to: Numeral(exactly: size)) : nil
      let ends = isCut ? Rational(-size)...Rational(size) : nil
      if isCut && size == 0 { continue }
      let found = try Self.certificate(
        chain, center, .real, shape(l1), domain: domain)
      let (exact, own) = (ExactChain(chain), found.prediction)
      guard let radius = found.radius else {
        #expect(found.exactRadius?.reason == .tie && found.radiusUpper == nil, "seed \(seed)")
        continue
      }
      if radius > 0 {
        let inside = Self.ball(center, radius, l1: l1, domain: ends)
        #expect(Self.least(exact, over: inside, of: own).sign > 0, "seed \(seed): \(radius)")
      }
      if let upper = found.radiusUpper {
        #expect(upper > radius)
        let outside = Self.ball(center, upper, l1: l1, domain: ends)
        #expect(Self.least(exact, over: outside, of: own).sign < 0, "seed \(seed): \(upper)")
      }
      #expect((found.exactRadius?.reason == nil) == found.radiusIsConverged)
      guard found.radiusIsConverged else { continue }
      closed += 1
      #expect(found.radiusIsCapped || (found.radiusUpper ?? .infinity) <= radius * 1.01)
    }
    // Where a search decides everything, hardly anything stays open.
    #expect(closed > 100, "\(closed)")
  }

  private func shape(_ l1: Bool) -> BallShape { .norm(l1 ? .l1 : .linf) }

  /// `z_0 - z_1 = 2.5 - (4 y - 3 x)` around 0.
  private static let plane = denseChain([(rows: [[0, 0], [-3, 4]], bias: [2.5, 0])])

  @Test(
    "every norm and arithmetic closes around the distance of a plane, in a domain, too",
    arguments: [Arithmetic.real, .float32, .float16, .bfloat16])
  func plane(arithmetic: Arithmetic) throws {
    let unit = Domain(from: Numeral(exactly: 0), to: Numeral(exactly: 1))
    let cases: [(BallShape, Domain?, Rational)] = [
      (.norm(.linf), nil, Rational(5, over: 14)), (.norm(.linf), unit, Rational(5, over: 8)),
      (.norm(.l2), nil, Rational(1, over: 2)), (.norm(.l1), nil, Rational(5, over: 8)),
      (.weighted([2, 1]), nil, Rational(1, over: 4)),
      (.weighted([0, 1]), nil, Rational(5, over: 8)),
    ]
    for (shape, domain, truth) in cases {
      let found = try Self.certificate(Self.plane, [0, 0], arithmetic, shape, domain: domain)
      let (radius, upper) = (try #require(found.radius), try #require(found.radiusUpper))
      #expect(!(Rational(radius) > truth), "\(shape) \(arithmetic)")
      #expect(!(Rational(upper) < truth), "\(shape) \(arithmetic)")
      #expect(found.exactRadius?.winner == 1 && found.exactRadius?.winnerMargin ?? 0 > 0)
      guard !arithmetic.isHalf else { continue }
      #expect(found.radiusIsConverged && upper <= radius * 1.01, "\(shape) \(radius)...\(upper)")
    }
  }

  @Test("inside the lower end of a deployed network's radius no other class wins, in any order")
  func deployed() throws {
    var random = SeededGenerator(state: 11)
    for seed in seeds(60) {
      var chains = RandomChains(seed: seed, style: .singles)
      let chain = Self.chain(&chains)
      let center = (0..<2).map { _ in Double(Float(chains.number())) }
      let found = try Self.certificate(chain, center, .float32)
      guard let radius = found.radius, radius > 0,
        let box = DeployedBox(ExactBox(center: center, radius: [radius, radius]), .binary32)
      else { continue }
      let network = DeployedNetwork(chain, stored: .binary32, summed: .binary32)
      for _ in 0..<40 {
        let point = box.point(using: &random)
        for order in SummationOrder.allCases {
          let layers = network.preActivations(
            at: point, Evaluation(order: order, fusing: 0.5), using: &random)
          let logits = layers[layers.count - 1]
          for other in logits.indices where other != found.prediction {
            #expect(logits[found.prediction] > logits[other], "seed \(seed), \(radius): \(point)")
          }
        }
      }
      if let upper = found.radiusUpper { #expect(upper > radius) }
    }
  }

  @Test("a tie has no radius, what nothing beats is proved up to the cap, and both say so")
  func ends() throws {
    let tie = denseChain([(rows: [[1, 0], [1, 0]], bias: [0, 0])])
    let tied = try Self.certificate(tie, [1, 1])
    #expect(tied.radius == nil && tied.radiusUpper == nil && tied.exactRadius?.reason == .tie)
    let constant = denseChain([(rows: [[1, 0], [1, 0]], bias: [1, 0])])
    let capped = try Self.certificate(constant, [1, 1], cap: 2)
    #expect(capped.radius == 2 && capped.radiusIsCapped && capped.radiusUpper == nil)
    #expect(capped.exactRadius?.reason == nil && capped.radiusIsConverged)
  }

  @Test("the radius is that of the predicted class, also where the label loses")
  func misclassified() throws {
    let found = try Self.certificate(Self.plane, [0, 0], label: 1)
    #expect(found.verdict == .misclassified && found.prediction == 0)
    let truth = Rational(5, over: 14)
    #expect(!(Rational(try #require(found.radius)) > truth))
    #expect(!(Rational(try #require(found.radiusUpper)) < truth) && found.radiusIsConverged)
  }

  @Test("a bracket asks only for sizes between its ends, and closes on any threshold")
  func bracket() throws {
    for seed in seeds(300) {
      var random = SeededGenerator(state: seed)
      let threshold = Double.random(in: 1e-5...2, using: &random)
      // Sizes from here on up to the threshold, and beyond, are left open.
      let hard = seed % 3 == 0 ? Double.random(in: 0.5...1, using: &random) : 2
      var bracket = ExactBracket(
        proved: .zero, margin: 1, tolerance: 0.01, cap: Numeral(exactly: 4))
      bracket.find(threshold * Double.random(in: 1...3, using: &random))
      var left: SearchRecord.Reason?
      for _ in 0..<60 {
        guard let size = bracket.next() else { break }
        #expect(size > bracket.proved && size.upper < bracket.found ?? .infinity, "seed \(seed)")
        #expect(size.nearest < bracket.open?.size ?? .infinity, "seed \(seed)")
        if size.upper <= threshold * min(hard, 1) {
          bracket.prove(size, threshold - size.upper)
        } else if size.upper > threshold, hard >= 2 {
          bracket.find(max(threshold.nextUp, size.upper * 0.999))
        } else {
          bracket.leave(size, -1, .budget)
          left = .budget
        }
      }
      #expect(bracket.proved.upper <= threshold, "seed \(seed)")
      #expect(bracket.isClosed == (left == nil) || hard > 0.99, "seed \(seed)")
      if hard < 2 { #expect(bracket.proved.upper >= threshold * hard * 0.97, "seed \(seed)") }
    }
  }
}
