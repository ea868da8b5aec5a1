import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// The kinds of ball.
enum ShapeKind: CaseIterable, Sendable {
  case linf, weighted, l2, l1
}

@Suite struct CounterexampleTests {
  /// A random network with examples on the grid n/255, and what a run says of them at eps.
  struct Instance {
    var chain: ReLUChain
    /// `[examples][features]`.
    var numerators: [[Int]]
    var epsilon: Int
    var hasDomain: Bool
    var shape: BallShape
    var random: SeededGenerator

    init(seed: UInt64, style: NumberStyle, kind: ShapeKind = .linf) {
      var chains = RandomChains(seed: seed, style: style)
      chains.depths = 1...3
      chain = chains.chain()
      let count = chain.inputCount
      numerators = []
      for _ in 0..<6 {
        numerators.append((0..<count).map { _ in Int.random(in: 0...255, using: &chains.random) })
      }
      random = chains.random
      epsilon = Int.random(in: 1...120, using: &random)
      hasDomain = random.chance(0.5)
      switch kind {
      case .linf: shape = .norm(.linf)
      case .l2: shape = .norm(.l2)
      case .l1: shape = .norm(.l1)
      case .weighted:
        var units: [Double] = []
        for _ in 0..<count {
          units.append(random.chance(0.2) ? 0 : Double.random(in: 0.1...2, using: &random))
        }
        shape = .weighted(units)
      }
    }

    func certificates(
      _ arithmetic: Arithmetic, radii: Bool = false, kind: AttackOptions.Kind = .pgd
    ) throws -> [Certificate] {
      let numerators = numerators
      let source = ExampleSource(
        featureCount: chain.inputCount, isExact: false, label: { _ in nil },
        copyFeatures: { index, target in
          for (feature, value) in numerators[index].enumerated() {
            target[feature] = Double(value) / 255
          }
        })
      let options = CertificationOptions(
        epsilons: [
          try Numeral("\(epsilon)/255")
        ], shape: shape, arithmetic: arithmetic,
        domain: hasDomain ? Domain(lower: 0, upper: 1, inner: (0, 1)) : nil,
        radii: radii ? RadiusOptions(cap: 1) : nil,
        attack: AttackOptions(kind: kind, steps: 8, restarts: 1), keepsCounterexamples: true)
      return try certify(
        chain: chain, source: source, indices: Array(numerators.indices), options: options)[0]
    }

    /// Holds a counterexample's place to exact rational arithmetic.
    ///
    /// - Parameter rest: how far a feature that has no room may be from the data, relatively: the
    ///   rounding to the type of the points.
    func checkMembership(_ certificate: Certificate, _ found: Counterexample, rest: Double) {
      var changes: [Rational] = []
      for (feature, value) in found.point.enumerated() {
        let exact = Rational(numerators[certificate.index][feature], over: 255)
        let change = (Rational(Double(value)) - exact).magnitude
        if hasDomain { #expect(value >= 0 && value <= 1) }
        guard case .weighted(let units) = shape else {
          changes.append(change)
          continue
        }
        if units[feature] == 0 {
          #expect(!(exact * Rational(rest) < change))
        } else {
          changes.append(change / Rational(units[feature]))
        }
      }
      let (radius, distance) = (Rational(epsilon, over: 255), Rational(found.distance))
      switch shape.norm {
      case .linf:
        #expect(changes.allSatisfy { !(radius < $0) && !(distance < $0) })
      case .l1:
        let sum = changes.reduce(.zero, +)
        #expect(!(radius < sum) && !(distance < sum))
      case .l2:
        let sum = changes.reduce(Rational.zero) { $0 + $1 * $1 }
        #expect(!(radius * radius < sum) && !(distance * distance < sum))
      }
    }

    /// The counterexample's point in exact arithmetic: a feature that has no room is the data's.
    func exactPoint(_ certificate: Certificate, _ found: Counterexample) -> [Rational] {
      found.point.enumerated().map { feature, value in
        if case .weighted(let units) = shape, units[feature] == 0 {
          return Rational(numerators[certificate.index][feature], over: 255)
        }
        return Rational(Double(value))
      }
    }
  }

  static func verdictsAgree(_ certificate: Certificate) {
    let found = certificate.attack?.counterexample
    #expect((certificate.verdict == .falsified) == (found != nil))
    if let found { #expect(found.margin > 0 && found.winner != certificate.specificationClass) }
    #expect((certificate.attack == nil) == (certificate.verdict == .certified))
  }

  @Test(
    "a counterexample lies in the ball and wins, both in exact rational arithmetic",
    arguments: ShapeKind.allCases)
  func exact(kind: ShapeKind) throws {
    var count = 0
    for seed in seeds(150) {
      let style: NumberStyle = [.singles, .doubles, .dyadic, .spread][Int(seed % 4)]
      let instance = Instance(seed: seed, style: style, kind: kind)
      let exact = ExactChain(instance.chain)
      for certificate in try instance.certificates(.real) {
        Self.verdictsAgree(certificate)
        guard let found = certificate.attack?.counterexample else { continue }
        instance.checkMembership(certificate, found, rest: 0x1p-24)
        let logits = exact.logits(at: instance.exactPoint(certificate, found))
        let gap = logits[found.winner] - logits[certificate.specificationClass]
        #expect(!(gap < Rational(found.margin)), "seed \(seed)")
        count += 1
      }
    }
    #expect(count > 60, "\(count)")
  }

  @Test(
    "a counterexample wins in a deployed network in any order of summation, fused or not",
    arguments: [Arithmetic.float32, .float16, .bfloat16], ShapeKind.allCases)
  func deployed(arithmetic: Arithmetic, kind: ShapeKind) throws {
    let format: DeployedFormat =
      [.float16: .binary16, .bfloat16: .bfloat16][arithmetic] ?? .binary32
    var count = 0
    for seed in seeds(120) {
      var instance = Instance(seed: seed, style: seed % 2 == 0 ? .singles : .nearOne, kind: kind)
      let network = DeployedNetwork(instance.chain, stored: format, summed: .binary32)
      for certificate in try instance.certificates(arithmetic) {
        Self.verdictsAgree(certificate)
        guard let found = certificate.attack?.counterexample else { continue }
        // The neighbour on the side of the data, one place away.
        let rest = [.float16: 0x1p-10, .bfloat16: 0x1p-7][arithmetic] ?? 0x1p-23
        instance.checkMembership(certificate, found, rest: rest)
        let point = found.point.map { Double($0) }
        #expect(point.allSatisfy { format.rounded($0) == $0 })
        for order in SummationOrder.allCases {
          let layers = network.preActivations(
            at: point, Evaluation(order: order, fusing: 0.5), using: &instance.random)
          let logits = layers[layers.count - 1]
          #expect(logits[found.winner] > logits[certificate.specificationClass], "seed \(seed)")
        }
        count += 1
      }
    }
    // Few points of these formats lie in an l2 or l1 ball around data that are none of them.
    let isCoarse = arithmetic.isHalf && (kind == .l2 || kind == .l1)
    #expect(count > (isCoarse ? 2 : 40), "\(count)")
  }

  @Test(
    "FGSM against certified examples finds nothing; radii and counterexamples agree",
    arguments: ShapeKind.allCases)
  func noContradiction(kind: ShapeKind) throws {
    for seed in seeds(60) {
      let instance = Instance(seed: seed, style: .singles, kind: kind)
      let fgsm = try instance.certificates(.real, radii: true, kind: .fgsm)
      let pgd = try instance.certificates(.real, radii: true)
      for (fgsm, pgd) in zip(fgsm, pgd) {
        // What is certified is certified under either; PGD starts with FGSM.
        #expect((fgsm.verdict == .certified) == (pgd.verdict == .certified))
        // FGSM was tried on every example.
        #expect(fgsm.attack != nil && (pgd.attack == nil) == (pgd.verdict == .certified))
        if fgsm.verdict == .falsified { #expect(pgd.attack?.fgsmSucceeds == true) }
        if let found = pgd.attack?.counterexample {
          #expect(found.distance > pgd.radius ?? 0)
        }
      }
    }
  }

  @Test("a counterexample that is nearer than what the search lost ends the radius's bracket")
  func bracket() throws {
    // z_0 - z_1 = 0.125 - x, of which bounds are exact.
    let chain = denseChain([(rows: [[0], [1]], bias: [0.125, 0])])
    let source = ExampleSource(
      featureCount: 1, isExact: true, label: { _ in 0 }, copyFeatures: { $1[0] = 0 })
    // The search ends below the counterexample, so that it lost nothing; then at the larger epsilon, which
    // the counterexample lies within.
    for (cap, larger) in [(0.0625, 0.5), (1, 0.125 + 0x1p-25)] {
      let options = CertificationOptions(
        epsilons: [0.03125, larger].map {
          Numeral(exactly: $0)
        }, radii: RadiusOptions(cap: cap), attack: AttackOptions())
      let found = try certify(chain: chain, source: source, indices: [0], options: options).map {
        $0[0]
      }
      #expect(found.map(\.verdict) == [.certified, .falsified])
      let nearest = try #require(found[1].attack?.counterexample).distance
      #expect(nearest > 0.125 && nearest <= larger)
      for certificate in found {
        #expect(try #require(certificate.radius) < 0.125)
        #expect(certificate.radiusUpper == nearest, "\(larger)")
      }
    }
  }

  @Test("a counterexample inside a certified ball ends the run as a contradiction")
  func contradiction() throws {
    // z_1 wins from 0.6 on; the ball is that of 0.5 around 0.5.
    let chain = denseChain([(rows: [[0], [1]], bias: [0, -0.6])])
    let options = CertificationOptions(
      epsilons: [Numeral(exactly: 0.5)],
      attack: AttackOptions())
    let problem = BoundProblem(chain)
    let workspace = BoundWorkspace(problem)
    let attack = try #require(ExampleAttack(workspace, GradientNetwork(chain), options))
    let ball = ExampleBall(
      center: [0.5], isExact: true, arithmetic: .real, domain: nil, shape: .norm(.linf))
    var honest = OpenExample(index: 7, label: 0, ball: ball, epsilons: options.epsilons)
    honest.bounds = [
      workspace.bounds(over: ball.ball(options.epsilons[0]), specificationClass: 0)
    ]
    honest.radius = RadiusSearch.Outcome(radius: .decimal(notAbove: 0.09))
    try attack.attack(&honest)
    #expect(honest.verdict(0) == .falsified)
    let found = try #require(honest.attacks[0]?.counterexample)
    #expect(found.distance <= 0.5 && found.distance > 0.1)
    var wrong = honest
    wrong.radius = RadiusSearch.Outcome(radius: .decimal(notAbove: 0.5))
    #expect(
      throws: CertificationFailure.contradiction(
        Contradiction(
          index: 7, certifiedClass: 0, certifiedRadius: 0.5, winner: 1, distance: found.distance))
    ) { try wrong.check() }
  }
}
