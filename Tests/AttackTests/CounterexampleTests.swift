import Attack
import CertificateRecords
import DualBounds
import ReLUChain
import TestSupport
import Testing

@testable import Certification

@Suite struct CounterexampleTests {
  /// A random network with examples on the grid n/255, and what a run says of them at eps.
  struct Instance {
    var chain: ReLUChain
    /// `[examples][features]`.
    var numerators: [[Int]]
    var epsilon: Int
    var hasDomain: Bool
    var random: SeededGenerator

    init(seed: UInt64, style: NumberStyle) {
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
      let radius = Double(epsilon) / 255
      let options = CertificationOptions(
        epsilons: [
          TypedMagnitude(
            text: "\(epsilon)/255", value: radius, upper: radius.nextUp, lower: radius.nextDown)
        ], arithmetic: arithmetic,
        domain: hasDomain ? Domain(lower: 0, upper: 1, inner: (0, 1)) : nil,
        radii: radii ? RadiusOptions(cap: 1) : nil,
        attack: AttackOptions(kind: kind, steps: 8, restarts: 1), keepsCounterexamples: true)
      return try certify(
        chain: chain, source: source, indices: Array(numerators.indices), options: options)[0]
    }

    /// Holds a counterexample's place to exact rational arithmetic.
    func checkMembership(_ certificate: Certificate, _ found: Counterexample) {
      var distance = Rational.zero
      for (value, numerator) in zip(found.point, numerators[certificate.index]) {
        let difference = (Rational(Double(value)) - Rational(numerator, over: 255)).magnitude
        if distance < difference { distance = difference }
        if hasDomain { #expect(value >= 0 && value <= 1) }
      }
      #expect(!(Rational(epsilon, over: 255) < distance))
      #expect(!(Rational(found.distance) < distance))
    }
  }

  static func verdictsAgree(_ certificate: Certificate) {
    let found = certificate.attack?.counterexample
    #expect((certificate.verdict == .falsified) == (found != nil))
    if let found { #expect(found.margin > 0 && found.winner != certificate.specificationClass) }
    #expect((certificate.attack == nil) == (certificate.verdict == .certified))
  }

  @Test("a counterexample lies in the ball and wins, both in exact rational arithmetic")
  func exact() throws {
    var count = 0
    for seed in seeds(150) {
      let style: NumberStyle = [.singles, .doubles, .dyadic, .spread][Int(seed % 4)]
      let instance = Instance(seed: seed, style: style)
      let exact = ExactChain(instance.chain)
      for certificate in try instance.certificates(.real) {
        Self.verdictsAgree(certificate)
        guard let found = certificate.attack?.counterexample else { continue }
        instance.checkMembership(certificate, found)
        let logits = exact.logits(at: found.point.map { Rational(Double($0)) })
        let gap = logits[found.winner] - logits[certificate.specificationClass]
        #expect(!(gap < Rational(found.margin)), "seed \(seed)")
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test(
    "a counterexample wins in a deployed network in any order of summation, fused or not",
    arguments: [Arithmetic.float32, .float16, .bfloat16])
  func deployed(arithmetic: Arithmetic) throws {
    let format: DeployedFormat =
      [.float16: .binary16, .bfloat16: .bfloat16][arithmetic] ?? .binary32
    var count = 0
    for seed in seeds(120) {
      var instance = Instance(seed: seed, style: seed % 2 == 0 ? .singles : .nearOne)
      let network = DeployedNetwork(instance.chain, stored: format, summed: .binary32)
      for certificate in try instance.certificates(arithmetic) {
        Self.verdictsAgree(certificate)
        guard let found = certificate.attack?.counterexample else { continue }
        instance.checkMembership(certificate, found)
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
    #expect(count > 40)
  }

  @Test("FGSM against certified examples finds nothing; radii and counterexamples agree")
  func noContradiction() throws {
    for seed in seeds(60) {
      let instance = Instance(seed: seed, style: .singles)
      let fgsm = try instance.certificates(.real, radii: true, kind: .fgsm)
      let pgd = try instance.certificates(.real, radii: true)
      for (fgsm, pgd) in zip(fgsm, pgd) {
        // What is certified is certified under either; PGD starts with FGSM.
        #expect((fgsm.verdict == .certified) == (pgd.verdict == .certified))
        if fgsm.verdict == .falsified { #expect(pgd.attack?.fgsmSucceeds == true) }
        if let found = pgd.attack?.counterexample {
          #expect(found.distance > pgd.radius ?? 0)
        }
      }
    }
  }

  @Test("a counterexample inside a certified ball ends the run as a contradiction")
  func contradiction() throws {
    // z_1 wins from 0.6 on; the ball is that of 0.5 around 0.5.
    let chain = denseChain([(rows: [[0], [1]], bias: [0, -0.6])])
    let options = CertificationOptions(
      epsilons: [TypedMagnitude(text: "0.5", value: 0.5, upper: 0.5, lower: 0.5)],
      attack: AttackOptions())
    let problem = BoundProblem(chain)
    let attack = try #require(
      ExampleAttack(BoundWorkspace(problem), GradientNetwork(chain), options))
    let example = ExampleBall(center: [0.5], isExact: true, arithmetic: .real, domain: nil, shape: .norm(.linf))
    func certificates(radius: Double) -> [Certificate] {
      [
        Certificate(
          index: 7, label: 0, prediction: 0, verdict: .unknown, detection: nil,
          specificationClass: 0, margins: [0, -0.4], margin: -0.4, radius: radius,
          radiusIsCapped: false, robustLoss: nil, unstable: [])
      ]
    }
    var honest = certificates(radius: 0.09)
    try attack.attack(example, &honest)
    #expect(honest[0].verdict == .falsified)
    let found = try #require(honest[0].attack?.counterexample)
    #expect(found.distance <= 0.5 && found.distance > 0.1)
    var wrong = certificates(radius: 0.5)
    #expect(
      throws: CertificationFailure.contradiction(
        Contradiction(
          index: 7, certifiedClass: 0, certifiedRadius: 0.5, winner: 1, distance: found.distance))
    ) { try attack.attack(example, &wrong) }
  }
}
