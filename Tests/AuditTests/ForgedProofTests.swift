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
    "of a bound that is claimed by a hair too tight what is derived counts",
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

/// Changes one thing of a proof, or several.
private struct Forger {
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
