import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// The 2-2-2 network whose numbers `fixtures/hand/README.md` derives line by line.
@Suite struct HandTests {
  private let folder = Place.fixtures + "/hand"

  @Test("the logits at the point are exact")
  func logits() throws {
    let (chain, examples, truth) = try read()
    #expect(chain.logits(of: examples.scaled.features(of: 0)) == truth.logits.map(\.value))
  }

  @Test("margins and bounds are the fractions derived by hand: below them, and by a rounding only")
  func margins() throws {
    let (chain, examples, truth) = try read()
    let cases = truth.cases.filter { $0.norm == "linf" }
    #expect(cases.count == 2)
    for everyRow in [false, true] {
      let workspace = BoundWorkspace(BoundProblem(chain, computesEveryRow: everyRow))
      for expected in cases {
        let ball = examples.ball(0, expected.epsilon.value)
        for label in 0..<2 {
          let found = workspace.margins(over: ball, specificationClass: label)
          let margins = try #require(expected.margins["\(label)"]).map(\.value)
          for (margin, truth) in zip(found.margins, margins) {
            #expect(margin <= truth && margin >= truth - rounding)
          }
          #expect(found.realMargins == found.margins)
        }
        let layers = workspace.relaxation(over: ball).preActivationBounds()
        #expect(layers.count == expected.bounds.count)
        for (layer, expected) in zip(layers, expected.bounds) {
          for (lower, truth) in zip(layer.lower, expected.lower.map(\.value)) {
            #expect(lower <= truth && lower >= truth - rounding)
          }
          for (upper, truth) in zip(layer.upper, expected.upper.map(\.value)) {
            #expect(upper >= truth && upper <= truth + rounding)
          }
        }
      }
    }
  }

  @Test("a domain that cuts the ball back to the box of eps 1/2 gives its numbers again")
  func domain() throws {
    let (chain, examples, truth) = try read()
    let half = try #require(truth.cases.first { $0.epsilon.value == 0.5 })
    let margins = try #require(half.margins["0"]).map(\.value)
    for epsilon in ["1/2", "3/4", "1e6"] {
      let options = CertificationOptions(
        epsilons: [try Numeral(epsilon)], domain: Domain(lower: 0, upper: 1))
      let certificate = try certify(
        chain: chain, source: examples.source(), indices: [0], options: options)[0][0]
      #expect(certificate.verdict == .unknown)
      #expect(certificate.margin <= margins[1] && certificate.margin >= margins[1] - rounding)
    }
  }

  @Test(
    "the radius is the root of 80 e^2 - 12 e - 3, from below and within the tolerance",
    arguments: [1e-1, 1e-3, 1e-6, 1e-8])
  func radius(tolerance: Double) throws {
    let (chain, examples, truth) = try read()
    let options = CertificationOptions(
      epsilons: [try Numeral("0.1")], radii: RadiusOptions(tolerance: tolerance, cap: 10))
    let certificate = try certify(
      chain: chain, source: examples.source(), indices: [0], options: options)[0][0]
    let text = try #require(certificate.printedRadius)
    let radius = try #require(Double(text))
    #expect(80 * radius * radius - 12 * radius - 3 < 0)
    #expect(radius >= truth.radius.binary64 * (1 - tolerance))
    #expect(!certificate.radiusIsCapped)
  }

  /// What a few dozen roundings of numbers up to 10 can cost.
  private let rounding = 1e-12

  private func read() throws -> (chain: ReLUChain, examples: Examples, truth: HandTruth) {
    let chain = try chain(at: folder + "/network.json")
    let examples = try Examples(
      folder + "/point.idx", labels: folder + "/point-labels.idx", for: chain)
    return (chain, examples, try decoded(HandTruth.self, from: folder + "/expected.json"))
  }
}

/// `fixtures/hand/expected.json`.
private struct HandTruth: Decodable {
  var logits: [Fraction]
  var cases: [Case]
  var radius: Radius

  enum CodingKeys: String, CodingKey {
    case logits, cases
    case radius = "radius_linf"
  }

  struct Case: Decodable {
    var norm: String
    var epsilon: Fraction
    var margins: [String: [Fraction]]
    var bounds: [Bounds]

    enum CodingKeys: String, CodingKey {
      case norm, epsilon, margins
      case bounds = "pre_activation_bounds"
    }
  }

  struct Bounds: Decodable {
    var lower, upper: [Fraction]
  }

  struct Radius: Decodable {
    var binary64: Double
  }
}

/// A fraction written `n` or `n/d`, `d` a power of two: binary64 holds it exactly.
private struct Fraction: Decodable {
  var value: Double

  init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let parts = text.split(separator: "/").compactMap { Double($0) }
    guard (1...2).contains(parts.count) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: text))
    }
    value = parts.count == 2 ? parts[0] / parts[1] : parts[0]
  }
}
