import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// The paper's MNIST network in other balls, and its radii.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct VariantTests {
  private let truth: [Variant]
  private let network: CorpusNetwork

  init() throws {
    truth = try decodedLines(Variant.self, from: Corpus.path("truth/mnist-variants.ndjson"))
    network = try CorpusNetwork("mnist")
  }

  @Test("logits are the truth's")
  func logits() {
    #expect(truth.count == 60)
    for entry in truth {
      let logits = network.chain.logits(of: network.examples.scaled.features(of: entry.index))
      #expect(
        Disagreement(logits, entry.logits, within: .printed) == nil, "example \(entry.index)")
    }
  }

  @Test("margins are the truth's at eps 0.1, at 0.1 within [0, 1], and at 0.3, where all is open")
  func margins() throws {
    for entry in try certificates("0.1") {
      #expect(entry.0.prediction == entry.1.prediction)
      #expect(
        Disagreement(entry.0.margins, entry.1.margins, within: .printed) == nil,
        "example \(entry.1.index)")
    }
    for entry in try certificates("0.1", domain: Domain(lower: 0, upper: 1)) {
      #expect(
        Disagreement(entry.0.margins, entry.1.clippedMargins, within: .printed) == nil,
        "example \(entry.1.index), in [0, 1]")
    }
    for entry in try certificates("0.3") {
      #expect(entry.0.unstable == entry.1.wideUnstable, "example \(entry.1.index)")
      #expect(
        Disagreement(entry.0.margins, entry.1.wideMargins, within: .printed) == nil,
        "example \(entry.1.index), eps 0.3")
    }
  }

  @Test(
    "margins of l2 balls of 0.5 and of l1 balls of 1 are the truth's", arguments: [Norm.l2, .l1])
  func norms(norm: Norm) throws {
    let known = truth.filter { $0.euclideanMargins != nil }
    #expect(known.count == 12)
    let options = CertificationOptions(
      epsilons: [try Numeral(norm == .l2 ? "0.5" : "1")], shape: .norm(norm), threads: 2)
    for (certificate, entry) in zip(try run(known, options), known) {
      let expected = try #require(norm == .l2 ? entry.euclideanMargins : entry.sparseMargins)
      #expect(
        Disagreement(certificate.margins, expected, within: .printed) == nil,
        "example \(entry.index)")
    }
  }

  @Test("the 30 radii are the truth's to 1e-4, and each certifies at exactly the printed value")
  func radii() throws {
    let known = truth.filter { $0.radius != nil }
    #expect(known.count == 30)
    let certificates = try run(
      known,
      CertificationOptions(
        epsilons: [try Numeral("0.1")], radii: RadiusOptions(tolerance: 1e-5, cap: 1), threads: 2))
    for (certificate, entry) in zip(certificates, known) {
      let text = try #require(certificate.printedRadius)
      let (radius, expected) = (try Numeral(text), try #require(entry.radius))
      #expect(abs(radius.nearest - expected) <= 1e-4 * expected, "example \(entry.index): \(text)")
      let again = try certify(
        chain: network.chain, source: network.examples.source(labelled: false),
        indices: [entry.index], options: CertificationOptions(epsilons: [radius]))[0][0]
      #expect(again.prediction == entry.prediction)
      #expect(again.margin > 0, "example \(entry.index): nothing held at \(text)")
    }
  }

  private func certificates(
    _ epsilon: String, domain: Domain? = nil
  ) throws -> [(Certificate, Variant)] {
    let options = CertificationOptions(
      epsilons: [try Numeral(epsilon)], domain: domain, threads: 2)
    return zip(try run(truth, options), truth).map { ($0, $1) }
  }

  private func run(
    _ entries: [Variant], _ options: CertificationOptions
  ) throws -> [Certificate] {
    try certify(
      chain: network.chain, source: network.examples.source(), indices: entries.map(\.index),
      options: options)[0]
  }
}

/// One line of the truth about other balls.
private struct Variant: Decodable {
  var index: Int
  var prediction: Int
  var logits: [Double]
  var margins: [Double]
  var clippedMargins: [Double]
  var wideMargins: [Double]
  var wideUnstable: [Int]
  var euclideanMargins: [Double]?
  var sparseMargins: [Double]?
  var radius: Double?

  enum CodingKeys: String, CodingKey {
    case index, prediction, logits
    case margins = "margins_linf_0.1"
    case clippedMargins = "margins_linf_0.1_clip01"
    case wideMargins = "margins_linf_0.3"
    case wideUnstable = "unstable_linf_0.3"
    case euclideanMargins = "margins_l2_0.5"
    case sparseMargins = "margins_l1_1.0"
    case radius = "radius_linf_predicted_class"
  }
}
