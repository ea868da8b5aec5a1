import CertificateRecords
import DualBounds
import GraphOracle
import NumberSupport
import Numbers
import Testing

/// What became of the claims about some cases.
private struct Outcomes {
  var certified = 0
  /// Certified over balls where the network bends.
  var certifiedBent = 0
  var bent = 0
  /// Where no unit is unstable, so that the margin has to be the minimum.
  var exact = 0
  var radii = 0
  var skipped = 0

  static func + (left: Outcomes, right: Outcomes) -> Outcomes {
    Outcomes(
      certified: left.certified + right.certified,
      certifiedBent: left.certifiedBent + right.certifiedBent, bent: left.bent + right.bent,
      exact: left.exact + right.exact, radii: left.radii + right.radii,
      skipped: left.skipped + right.skipped)
  }
}

/// Rewritten networks, from the file to the certificate, against the exact minimum of the network as the
/// file has it, a maximum as a maximum: by every pattern of pieces, in rational arithmetic, without a
/// tolerance.
@Suite struct ExactOracleTests {
  @Test("no claim about a rewriting contradicts the exact minimum", arguments: Rewriting.allCases)
  func rewritings(kind: Rewriting) throws {
    var outcomes = Outcomes()
    for seed in seeds(12) {
      outcomes = try outcomes + checked(RewritingCase(kind, .none, seed: seed))
    }
    #expect(outcomes.certified > 0 && outcomes.exact > 0 && outcomes.radii > 0, "\(outcomes)")
    #expect(outcomes.bent > 0 && outcomes.certifiedBent > 0, "\(outcomes)")
  }

  @Test("no claim about an end contradicts the exact minimum", arguments: ScoreEnd.allCases)
  func ends(end: ScoreEnd) throws {
    var outcomes = Outcomes()
    for seed in seeds(8) {
      let kind = Rewriting.allCases[Int(seed * 5) % Rewriting.allCases.count]
      outcomes = try outcomes + checked(RewritingCase(kind, end, seed: seed))
    }
    #expect(outcomes.certified > 0 && outcomes.exact > 0 && outcomes.radii > 0, "\(outcomes)")
  }

  private func checked(_ instance: RewritingCase) throws -> Outcomes {
    var outcomes = Outcomes()
    let formats = [nil, instance.instance.narrowest.format]
    for format in formats {
      for epsilon in [instance.instance.epsilon, 0] {
        var own = instance
        own.instance.epsilon = epsilon
        let settings = settings(own, format)
        let chain = try own.instance.chain(for: settings.arithmetic)
        let certificates = try own.instance.certificates(chain, settings)
        for certificate in certificates {
          let ball = ExactBallCheck(own, certificate, settings)
          outcomes = outcomes + ball.run()
        }
      }
    }
    return outcomes
  }

  private func settings(_ instance: RewritingCase, _ format: DeployedFormat?) -> Settings {
    let seed = instance.instance.seed
    return Settings(
      arithmetic: format.map(Arithmetic.init) ?? .real, wideSums: false,
      slopes: [.auto, .fixed(.parallel), .fixed(.optimized)][Int(seed % 3)], hasRadii: true,
      attack: seed % 2 == 0 ? .pgd : nil, isLabelled: seed % 5 != 0,
      splits: seed % 7 == 0 ? 0 : 400)
  }
}

/// The claims of one certificate.
private struct ExactBallCheck {
  let instance: RewritingCase
  let certificate: Certificate
  let settings: Settings

  init(_ instance: RewritingCase, _ certificate: Certificate, _ settings: Settings) {
    (self.instance, self.certificate, self.settings) = (instance, certificate, settings)
  }

  private var place: String {
    "seed \(instance.instance.seed), \(settings), example \(certificate.index)\n"
      + instance.instance.text
  }

  func run() -> Outcomes {
    var outcomes = Outcomes()
    let epsilon = instance.instance.epsilon
    guard let truth = instance.margins(certificate.index, radius: Rational(epsilon)) else {
      outcomes.skipped = 1
      return outcomes
    }
    let own = certificate.specificationClass
    for (other, margin) in certificate.margins.enumerated() where other != own {
      #expect(
        margin.isNaN || Rational.isLower(margin, than: truth.least[own][other]),
        "margin \(margin) of \(own) over \(other), truly \(truth.least[own][other]): \(place)")
    }
    let least = truth.least(of: own)
    for margin in [certificate.margin, certificate.marginReal] {
      #expect(
        margin.isNaN || Rational.isLower(margin, than: least), "\(margin), \(least): \(place)")
    }
    checkVerdict(least)
    outcomes.bent = truth.cellCount > 1 ? 1 : 0
    outcomes.certified = certificate.verdict == .certified ? 1 : 0
    outcomes.certifiedBent = outcomes.certified * outcomes.bent
    if epsilon == 0 || certificate.unstable.allSatisfy({ $0 == 0 }) {
      outcomes.exact = 1
      checkEquality(least)
    }
    outcomes.radii = checkRadius() ? 1 : 0
    return outcomes
  }

  private func checkVerdict(_ least: Rational) {
    switch certificate.verdict {
    case .certified: #expect(least.sign > 0, "certified, \(least): \(place)")
    case .falsified where settings.arithmetic == .real:
      #expect(least.sign < 0, "falsified, \(least): \(place)")
    case .misclassified: Issue.record("misclassified: \(place)")
    default: break
    }
    if certificate.detection == .cleared, settings.isLabelled {
      #expect(
        certificate.prediction != certificate.specificationClass || least.sign > 0,
        "cleared, \(least): \(place)")
    }
  }

  /// Where the network is affine as the program sees it, there is nothing to lose but rounding: a hundred
  /// operations on numbers below 2^14, in binary64; as deployed, in binary32 and at points moved by it. Weights
  /// that a network computes where it runs are charged as binary32's in every arithmetic.
  private func checkEquality(_ least: Rational) {
    let isExact = settings.arithmetic == .real && !instance.kind.computesWeights
    let rounding = Rational(isExact ? 0x1p-30 : 0x1p-7)
    for margin in [certificate.marginReal, certificate.margin] {
      #expect(
        margin.isFinite && Rational(margin) + rounding >= least,
        "\(margin) where nothing is lost, truly \(least): \(place)")
    }
  }

  /// The radius as it is printed.
  private func checkRadius() -> Bool {
    guard let radius = certificate.radius,
      let text = DirectedDecimal.text(radius, rounded: .down),
      let value = Rational(decimal: text), value.sign > 0,
      let truth = instance.margins(certificate.index, radius: value)
    else { return false }
    let least = truth.least(of: certificate.prediction)
    #expect(least.sign > 0, "radius \(text), there \(least): \(place)")
    return true
  }
}
