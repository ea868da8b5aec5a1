import CertificateRecords
import Certification
import DualBounds
import Foundation
import Numbers
import ReferenceSupport
import TestSupport
import Testing

/// Networks that fool whoever forgets a rounding; `fixtures/traps/README.md` says how truth was found.
@Suite struct TrapTests {
  @Test("there are 47 traps and controls")
  func count() {
    #expect(Trap.names.count == 47)
    #expect(Trap.names.count { $0.hasPrefix("control-") } == 7)
  }

  @Test(
    "nothing is certified that is not robust, neither at eps nor by a radius, and controls are",
    arguments: Trap.names, [Arithmetic.real, .float32])
  func verdicts(name: String, arithmetic: Arithmetic) throws {
    let trap = try Trap(name)
    for radii in [nil, RadiusOptions(tolerance: 1e-6, cap: 8)] {
      let certificate = try trap.certificate(arithmetic, radii: radii)
      #expect(certificate.label == trap.truth.label)
      if !trap.isRobust(arithmetic) {
        #expect(certificate.verdict != .certified)
        #expect(!(certificate.margin > 0))
        // A radius of 0 says that nothing held. Others are compared as they are printed.
        if certificate.prediction == trap.truth.label, let radius = certificate.printedRadius {
          let isBelow = try Numeral(radius).upper < Numeral(trap.truth.epsilon).upper
          #expect(radius == "0" || isBelow)
        }
      }
      if trap.truth.mustCertify.contains("\(arithmetic)") {
        #expect(certificate.verdict == .certified)
      }
    }
  }

  @Test(
    "no margin is above the exact minimum over the ball", arguments: Trap.names,
    [Arithmetic.real, .float32])
  func margins(name: String, arithmetic: Arithmetic) throws {
    let trap = try Trap(name)
    let certificate = try trap.certificate(arithmetic)
    let minimum = try #require(Rational(trap.truth.minimumReal))
    #expect(certificate.marginReal == -.infinity || Rational(certificate.marginReal) <= minimum)
    #expect(certificate.margin <= certificate.marginReal)
  }
}

/// A folder of `fixtures/traps`.
private struct Trap {
  static let folder = Place.fixtures + "/traps"

  static var names: [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return entries.filter { !$0.contains(".") }.sorted()
  }

  let path: String
  let truth: Truth

  init(_ name: String) throws {
    path = "\(Trap.folder)/\(name)"
    truth = try decoded(Truth.self, from: path + "/truth.json")
  }

  struct Truth: Decodable {
    var epsilon: String
    var label: Int
    var isRobust: Bool
    var minimumReal: String
    var isRobustInFloat32: Bool
    var mustCertify: [String]

    enum CodingKeys: String, CodingKey {
      case epsilon, label
      case isRobust = "robust_real"
      case minimumReal = "minimum_real"
      case isRobustInFloat32 = "robust_float32"
      case mustCertify = "must_certify"
    }
  }

  func isRobust(_ arithmetic: Arithmetic) -> Bool {
    arithmetic == .real ? truth.isRobust : truth.isRobustInFloat32
  }

  func certificate(
    _ arithmetic: Arithmetic, radii: RadiusOptions? = nil
  ) throws -> Certificate {
    let chain = try chain(at: path + "/network.json")
    let examples = try Examples(
      path + "/data.idx", labels: path + "/data-labels.idx", for: chain)
    let options = CertificationOptions(
      epsilons: [try Numeral(truth.epsilon)], arithmetic: arithmetic, radii: radii)
    return try certify(
      chain: chain, source: examples.source(), indices: [0], options: options)[0][0]
  }
}
