import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReferenceSupport
import Testing

/// The paper's networks at eps 0.1, against margins that were computed independently.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct TableOneTests {
  @Test("all of MNIST: 180 wrong, 582 without certificate, every margin and count the truth's")
  func mnist() throws {
    let counts = try compare("mnist", truth: "mnist", count: 10000)
    #expect(counts == Counts(wrong: 180, uncertified: 582))
  }

  @Test(
    "the same network by the newer exporter is the same network, with a batch of 1 and a named one",
    arguments: ["mnist.dynamo", "mnist.dynamo_dynbatch"])
  func exporters(model: String) throws {
    let counts = try compare(model, truth: "mnist", count: Corpus.sample)
    if Place.isCampaign { #expect(counts == Counts(wrong: 180, uncertified: 582)) }
  }

  @Test("Fashion-MNIST: every margin and count the truth's; in full 2173 wrong, 3453 uncertified")
  func fashion() throws {
    let counts = try compare("fashion_mnist", truth: "fashion", count: Corpus.sample)
    if Place.isCampaign { #expect(counts == Counts(wrong: 2173, uncertified: 3453)) }
  }

  /// In exact arithmetic a branch and bound of another program, without rounding terms, decided all of
  /// MNIST, too: 438 of 10000.
  @Test("a complete search leaves nothing of MNIST unknown: the exact error is 4.38%")
  func exactError() throws {
    let network = try CorpusNetwork("mnist", data: "mnist-t10k")
    var options = CertificationOptions(
      epsilons: [try Numeral("0.1")], arithmetic: .real, slopes: .auto, attack: AttackOptions(),
      threads: 2)
    options.splits = 2000
    let certificates = try certify(
      chain: network.chain, source: network.examples.source(), indices: Array(0..<10000),
      options: options)[0]
    #expect(certificates.count { $0.verdict == .unknown } == 0)
    #expect(certificates.count { $0.verdict != .certified } == 438)
  }

  private struct Counts: Equatable {
    var wrong: Int
    var uncertified: Int
  }

  /// Certifies the first examples, and holds everything that truth knows against it.
  private func compare(_ model: String, truth name: String, count: Int) throws -> Counts {
    let network = try CorpusNetwork(model, data: "\(name)-t10k")
    let truth = try Truth.read(name, count: count)
    #expect(truth.count == count)
    let certificates = try certify(
      chain: network.chain, source: network.examples.source(), indices: truth.map(\.index),
      options: CertificationOptions(epsilons: [try Numeral("0.1")], threads: 2))[0]
    for (certificate, truth) in zip(certificates, truth) {
      let agrees =
        certificate.index == truth.index && certificate.label == truth.label
        && certificate.prediction == truth.prediction && certificate.unstable == truth.unstable
        && (certificate.margin > 0) == (truth.smallest > 0)
      #expect(agrees, "example \(truth.index): \(certificate)")
      let margins = Disagreement(
        certificate.margins + [certificate.margin], truth.margins + [truth.smallest],
        within: .printed)
      #expect(margins == nil, "example \(truth.index)")
    }
    let expected = Counts(
      wrong: truth.count { $0.prediction != $0.label },
      uncertified: truth.count { !($0.smallest > 0) })
    let found = Counts(
      wrong: certificates.count { $0.verdict == .misclassified },
      uncertified: certificates.count { $0.verdict != .certified })
    #expect(found == expected)
    return found
  }
}
