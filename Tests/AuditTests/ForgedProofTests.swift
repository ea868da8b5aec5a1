import Audit
import CertificateRecords
import Certification
import DualBounds
import NumberSupport
import Numbers
import ProofRecords
import ReLUChain
import TestSupport
import Testing

/// Whatever stands in a proof, an audit accepts no claim that is above the truth: exact rational minima over
/// all sign patterns, no tolerance.
@Suite struct ForgedProofTests {
  /// A small network, an example, and the truth.
  private struct Instance {
    let chain: ReLUChain
    let center: [Double]
    let epsilon: Numeral
    /// `[class][class]`.
    let margins: [[Rational]]

    init(_ chain: ReLUChain, _ center: [Double], _ epsilon: Double, margins: [[Rational]]) {
      (self.chain, self.center, self.margins) = (chain, center, margins)
      self.epsilon = Numeral(exactly: epsilon)
    }

    init?(_ chains: inout RandomChains) {
      chain = chains.chain()
      center = (0..<chain.inputCount).map { _ in chains.number() }
      let sizes: [Double] = [0.0625, 0.25, 0.5, 1, 2]
      epsilon = Numeral(exactly: chains.random.pick(sizes, or: 1))
      let radius = [Double](repeating: epsilon.upper, count: center.count)
      let box = ExactBox(center: center, radius: radius)
      margins = ExactMinimum(ExactChain(chain), over: box).margins
    }

    /// What the engine says, with its proofs.
    func certified(_ slopes: SlopeChoice, splits: Int) throws -> (Certificate, [ExampleProof]) {
      let center = center
      let source = ExampleSource(
        featureCount: center.count, isExact: true, label: { _ in nil },
        copyFeatures: { _, target in for (index, x) in center.enumerated() { target[index] = x } })
      var options = CertificationOptions(epsilons: [epsilon], slopes: slopes)
      (options.splits, options.keepsProofs) = (splits, true)
      let kept = Kept()
      let certificates = try certify(
        chain: chain, source: source, indices: [0], options: options,
        proofs: { kept.proofs = $0 })
      return (certificates[0][0], kept.proofs)
    }
  }

  private final class Kept: @unchecked Sendable { var proofs: [ExampleProof] = [] }

  private static func audit(_ instance: Instance, isRational: Bool = false) -> Audit {
    var question = AuditQuestion(epsilon: (instance.epsilon.lower, instance.epsilon.upper))
    question.isExact = true
    return Audit(
      ChainStatement(instance.chain, arithmetic: .real), question, isRational: isRational)
  }

  private static func claim(_ certificate: Certificate) -> AuditClaim {
    AuditClaim(
      index: 0, label: nil, prediction: certificate.prediction,
      verdict: certificate.verdict == .certified ? .certified : .unknown,
      specificationClass: certificate.specificationClass, margins: certificate.margins)
  }

  private static func chains(_ seed: UInt64) -> RandomChains {
    var chains = RandomChains(seed: seed, style: NumberStyle.allCases[Int(seed % 3)])
    (chains.inputLimit, chains.widthLimit, chains.depths) = (2, 4, 2...3)
    return chains
  }

  @Test(
    "what the engine claims of a small network is derived from its proof", arguments: seeds(150))
  func honest(seed: UInt64) throws {
    var chains = Self.chains(seed)
    guard let instance = Instance(&chains), instance.chain.classCount > 1 else { return }
    for slopes in [SlopeChoice.fixed(.parallel), .fixed(.optimized), .auto] {
      let (certificate, proofs) = try instance.certified(slopes, splits: 200)
      for isRational in [false, true] {
        let audit = Self.audit(instance, isRational: isRational)
        _ = try audit.audit(
          Self.claim(certificate), at: AuditedExample(stored: instance.center), proofs: proofs,
          radius: false)
      }
    }
  }

  @Test("most of what a search proved is proved behind the two sides of a unit, too")
  func behindSplits() throws {
    var (count, proved) = (0, 0)
    for seed in seeds(60) {
      var chains = Self.chains(seed)
      let chain = chains.chain()
      guard chain.classCount > 1 else { continue }
      let center = (0..<chain.inputCount).map { _ in chains.number() }
      for size in 1...16 {
        let instance = Instance(chain, center, Double(size) / 8, margins: [])
        let (certificate, proofs) = try instance.certified(.fixed(.parallel), splits: 200)
        guard certificate.verdict == .certified, let proof = proofs.first,
          let behind = Forger.behindSplits(proof)
        else { continue }
        let found = try? Self.audit(instance, isRational: size % 2 == 0).audit(
          Self.claim(certificate), at: AuditedExample(stored: instance.center), proofs: [behind],
          radius: false)
        (count, proved) = (count + 1, proved + (found == nil ? 0 : 1))
      }
    }
    // Nothing says which multiplier a unit that no leaf splits should have.
    #expect(count >= 30 && 2 * proved >= count, "\(proved) of \(count)")
  }

  @Test("no changed proof carries a claim above the truth", arguments: seeds(150))
  func forged(seed: UInt64) throws {
    var chains = Self.chains(seed)
    guard let instance = Instance(&chains), instance.chain.classCount > 1 else { return }
    let (certificate, proofs) = try instance.certified(.auto, splits: 200)
    let audit = Self.audit(instance, isRational: seed % 3 == 0)
    let own = certificate.specificationClass
    for round in 0..<60 {
      var forger = Forger(random: chains.random)
      let forged = proofs.map { round == 0 ? $0 : forger.changed($0) }
      chains.random = forger.random
      var claim = Self.claim(certificate)
      claim.verdict = .unknown
      for rival in 0..<instance.chain.classCount where rival != own {
        let truth = instance.margins[own][rival]
        claim.margins = claim.margins.map { _ in -.infinity }
        claim.margins[rival] = Self.above(truth)
        #expect(throws: AuditFault.self, "\(seed), round \(round), class \(rival)") {
          try audit.audit(
            claim, at: AuditedExample(stored: instance.center), proofs: forged, radius: false)
        }
      }
      claim.margins = claim.margins.map { _ in -.infinity }
      claim.verdict = .certified
      let isTrue = instance.margins[own].indices.allSatisfy {
        $0 == own || instance.margins[own][$0].sign > 0
      }
      guard !isTrue else { continue }
      #expect(throws: AuditFault.self, "\(seed), round \(round), certified") {
        try audit.audit(
          claim, at: AuditedExample(stored: instance.center), proofs: forged, radius: false)
      }
    }
  }

  @Test(
    "of a bound that is claimed by a hair too tight what is derived counts, or nothing where none is rounded",
    arguments: [false, true])
  func hair(isRational: Bool) throws {
    // z_0 - z_1 = -relu(x) in [-1, 1]: at least -1, which a lower upper end of x would raise.
    let chain = denseChain([(rows: [[1]], bias: [0]), (rows: [[-1], [0]], bias: [0, 0])])
    let truth = Rational(-1)
    let instance = Instance(chain, [0], 1, margins: [[.zero, truth], [-truth, .zero]])
    let (certificate, proofs) = try instance.certified(.fixed(.parallel), splits: 0)
    #expect(certificate.specificationClass == 0)
    var (claim, forged) = (Self.claim(certificate), proofs)
    claim.verdict = .unknown
    func audit() throws {
      _ = try Self.audit(instance, isRational: isRational).audit(
        claim, at: AuditedExample(stored: [0]), proofs: forged, radius: false)
    }
    forged[0].relaxations[0].layers[0]?.upper[0] = 1 - 0x1p-41
    claim.margins[1] = -1 - 0x1p-43
    if isRational {
      #expect(throws: AuditFault.self) { try audit() }
      return
    }
    try audit()
    claim.margins[1] = -1 + 0x1p-43
    #expect(throws: AuditFault.self) { try audit() }
    claim.margins[1] = -2
    try audit()
    forged[0].relaxations[0].layers[0]?.upper[0] = 1 - 0x1p-39
    #expect(throws: AuditFault.self) { try audit() }
  }

  @Test("a bound that is no number carries no claim, not even of a loss", arguments: seeds(40))
  func noNumbers(seed: UInt64) throws {
    var chains = Self.chains(seed)
    guard let instance = Instance(&chains), instance.chain.classCount > 1 else { return }
    let (certificate, proofs) = try instance.certified(.fixed(.parallel), splits: 0)
    let audit = Self.audit(instance, isRational: seed % 2 == 0)
    var claim = Self.claim(certificate)
    claim.verdict = .unknown
    claim.margins = claim.margins.map { _ in -.infinity }
    claim.loss = 0
    for wrong in [-Double.infinity, .infinity, .nan] {
      for (isUpper, place) in [(false, 0), (true, 0)] {
        var forged = proofs
        guard var units = forged[0].relaxations.first?.layers.first ?? nil, !units.units.isEmpty
        else { continue }
        if isUpper { units.upper[place] = wrong } else { units.lower[place] = wrong }
        forged[0].relaxations[0].layers[0] = units
        #expect(throws: AuditFault.self, "\(seed), \(wrong)") {
          try audit.audit(
            claim, at: AuditedExample(stored: instance.center), proofs: forged, radius: false)
        }
      }
    }
    // Without rows of every class, too.
    var less = proofs
    less[0].margins = []
    #expect(throws: AuditFault.self) {
      try audit.audit(
        claim, at: AuditedExample(stored: instance.center), proofs: less, radius: false)
    }
  }

  /// The least binary64 number above a rational.
  private static func above(_ truth: Rational) -> Double {
    var value = truth.approximation
    while Rational(value) > truth { value = value.nextDown }
    while !(Rational(value) > truth) { value = value.nextUp }
    return value
  }
}
