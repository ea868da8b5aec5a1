import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// Radii (eq. 17) of the digits networks, each taken at its printed value.
@Suite struct RadiusTests {
  private let tolerance = 1e-3

  @Test(
    "a printed radius certifies when it is typed as epsilon, and a certified one is not below eps",
    arguments: DigitsReference.names, [Arithmetic.real, .float32])
  func printedRadii(name: String, arithmetic: Arithmetic) throws {
    let digits = try DigitsReference(name)
    let epsilon = try Numeral("0.05")
    let options = CertificationOptions(
      epsilons: [epsilon], arithmetic: arithmetic,
      radii: RadiusOptions(tolerance: tolerance, cap: 1), threads: 2)
    var (searched, tight) = (0, 0)
    for certificate in try digits.certificates(options)[0] {
      let place = "example \(certificate.index)"
      let radius = try Numeral(try #require(certificate.printedRadius))
      let speaksOfLabel = certificate.prediction == certificate.label
      #expect(
        (certificate.verdict == .certified) == (speaksOfLabel && radius.upper >= epsilon.upper),
        "\(place)")
      guard radius.nearest > 0, !certificate.radiusIsCapped else { continue }
      let beyond = try Numeral("\(radius.nearest * (1 + 2 * tolerance))")
      let margins = try predictedMargins(digits, certificate.index, [radius, beyond], arithmetic)
      #expect(margins[0] > 0, "\(place): radius \(radius.text)")
      searched += 1
      tight += margins[1] > 0 ? 0 : 1
    }
    // The bound need not fall with eps: beyond a bracket it may hold again.
    #expect(searched >= 90 && tight >= searched * 9 / 10, "\(tight) of \(searched)")
  }

  @Test(
    "a search ends in a bracket as narrow as was asked for, after at most 8 bounds at the median",
    arguments: DigitsReference.names, [SlopeChoice.fixed(.parallel), .auto])
  func brackets(name: String, slopes: SlopeChoice) throws {
    let digits = try DigitsReference(name)
    let options = CertificationOptions(
      epsilons: [try Numeral("0.05")], slopes: slopes,
      radii: RadiusOptions(tolerance: tolerance, cap: 1), threads: 2)
    var steps: [Int] = []
    for certificate in try digits.certificates(options)[0] {
      let place = "example \(certificate.index)"
      let radius = try #require(certificate.radius)
      steps.append(try #require(certificate.radiusSteps))
      #expect(certificate.radiusIsConverged, "\(place)")
      guard let upper = certificate.radiusUpper else {
        #expect(certificate.radiusIsCapped || radius == 0, "\(place)")
        continue
      }
      #expect(upper > radius && upper <= radius * (1 + 1.01 * tolerance), "\(place)")
      if slopes == .fixed(.parallel) {
        let beyond = try predictedMargins(
          digits, certificate.index, [try Numeral("\(upper)")], .real)
        #expect(!(beyond[0] > 0), "\(place): \(upper)")
      }
    }
    #expect(steps.sorted()[steps.count / 2] <= 8)
  }

  @Test("radii of certified examples alone are those that a search for all finds")
  func certifiedAlone() throws {
    let digits = try DigitsReference("conv-ordinary")
    func certificates(_ onlyCertified: Bool) throws -> [Certificate] {
      try digits.certificates(
        CertificationOptions(
          epsilons: [try Numeral("0.01")],
          radii: RadiusOptions(
            selection: onlyCertified ? .certified : .all, tolerance: tolerance, cap: 1)))[0]
    }
    let (all, some) = (try certificates(false), try certificates(true))
    #expect(some.contains { $0.verdict == .certified })
    #expect(some.contains { $0.verdict != .certified })
    for (all, some) in zip(all, some) {
      #expect(some.radius == (all.margin > 0 ? all.radius : nil), "example \(all.index)")
    }
  }

  @Test("a narrower search ends in the wider one's bracket", arguments: DigitsReference.names)
  func tolerances(name: String) throws {
    let digits = try DigitsReference(name)
    let radii = try [1e-2, 1e-6].map { tolerance in
      try digits.certificates(
        CertificationOptions(
          epsilons: [try Numeral("0.05")],
          radii: RadiusOptions(tolerance: tolerance, cap: 1), threads: 2))[0]
        .map { try #require($0.radius) }
    }
    let close = zip(radii[0], radii[1]).count { abs($0 - $1) <= 1e-2 * $1 }
    #expect(close >= 90)
  }

  @Test(
    "radii in l2 and l1 hold, and grow from norm to norm as the balls shrink",
    arguments: [Arithmetic.real, .float32])
  func norms(arithmetic: Arithmetic) throws {
    let digits = try DigitsReference("conv-robust")
    var radii: [[Double]] = []
    for norm in Norm.allCases {
      let options = CertificationOptions(
        epsilons: [try Numeral("0.05")], shape: .norm(norm), arithmetic: arithmetic,
        domain: norm == .linf ? nil : Domain(lower: 0, upper: 1),
        radii: RadiusOptions(tolerance: tolerance, cap: 64), attack: AttackOptions(steps: 5),
        threads: 2)
      let certificates = try digits.certificates(options)[0]
      for certificate in certificates.prefix(40) {
        let radius = try Numeral(try #require(certificate.printedRadius))
        guard radius.nearest > 0 else { continue }
        let margins = try predictedMargins(
          digits, certificate.index, [radius], arithmetic, shape: .norm(norm))
        #expect(margins[0] > 0, "\(norm), example \(certificate.index)")
      }
      radii.append(certificates.map { $0.radius ?? 0 })
    }
    // 64 features: the l2 ball of 8 r, and the l1 ball of 64 r, contain the linf ball of r.
    for (linf, (l2, l1)) in zip(radii[0], zip(radii[1], radii[2])) where linf > 0 {
      // The bounds themselves need not be monotone in the set: a few per cent.
      #expect(l2 > linf * 0.9 && l1 > l2 * 0.9)
      #expect(l2 < linf * 8 * 1.1 && l1 < linf * 64 * 1.1)
    }
  }

  @Test("radii of a run with a domain hold in that domain")
  func domain() throws {
    let digits = try DigitsReference("conv-robust")
    let domain = Domain(lower: 0, upper: 1)
    let options = CertificationOptions(
      epsilons: [try Numeral("0.05")], domain: domain,
      radii: RadiusOptions(tolerance: tolerance, cap: 1), threads: 2)
    for certificate in try digits.certificates(options)[0].prefix(40) {
      let radius = try Numeral(try #require(certificate.printedRadius))
      guard radius.nearest > 0 else { continue }
      let margins = try predictedMargins(
        digits, certificate.index, [radius], .real, domain: domain)
      #expect(margins[0] > 0, "example \(certificate.index)")
    }
  }

  /// The smallest margins of the predicted class, each computed for its epsilon alone.
  private func predictedMargins(
    _ digits: DigitsReference, _ index: Int, _ epsilons: [Numeral],
    _ arithmetic: Arithmetic, domain: Domain? = nil, shape: BallShape = .norm(.linf)
  ) throws -> [Double] {
    let options = CertificationOptions(
      epsilons: epsilons, shape: shape, arithmetic: arithmetic, domain: domain)
    return try certify(
      chain: digits.chain, source: digits.examples.source(labelled: false), indices: [index],
      options: options
    ).map { $0[0].margin }
  }
}
