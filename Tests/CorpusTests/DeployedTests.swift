import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReferenceSupport
import Testing

/// What the guarantee for the network as deployed in binary32 costs on the paper's networks.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct DeployedTests {
  // Budgets and losses of an independent evaluation; bounds that are finer may be below them.
  @Test("on MNIST at most 12 certificates of 10000 are lost; the median budget is at most 0.04")
  func mnist() throws {
    let (lost, median) = try compare("mnist", truth: "mnist")
    #expect(lost <= 12)
    #expect(median > 0 && median <= 0.044)
  }

  @Test("on Fashion-MNIST at most 20 of 10000 are lost, and the median budget is at most 0.015")
  func fashion() throws {
    // A rounding opens a unit of example 3254 whose interval knows more than its row.
    let (lost, median) = try compare("fashion_mnist", truth: "fashion", also: [3254])
    #expect(lost <= 20)
    #expect(median > 0 && median <= 0.0165)
  }

  /// Certifies in binary32, and holds every margin between the truth and ten budgets below it.
  ///
  /// - Returns: How many certificates of exact arithmetic are lost, and the median budget.
  private func compare(
    _ model: String, truth name: String, also extra: Set<Int> = []
  ) throws -> (lost: Int, median: Double) {
    let network = try CorpusNetwork(model, data: "\(name)-t10k")
    let truth = try Truth.read(name, count: extra.isEmpty ? Corpus.sample : 10000)
      .filter { $0.index < Corpus.sample || extra.contains($0.index) }
    let certificates = try certify(
      chain: network.chain, source: network.examples.source(), indices: truth.map(\.index),
      options: CertificationOptions(
        epsilons: [try Numeral("0.1")], arithmetic: .float32, threads: 2))[0]
    for (certificate, truth) in zip(certificates, truth) {
      let place = "example \(truth.index)"
      let budget = try #require(certificate.roundingBudget, "\(place)")
      #expect(certificate.margin <= certificate.marginReal && budget > 0, "\(place)")
      for (other, margin) in certificate.margins.enumerated() {
        let (truth, allowance) = (
          truth.margins[other], Tolerance.deployed.allowance(at: truth.margins[other])
        )
        let isBetween =
          margin <= truth + allowance && margin >= truth - 10 * budget - allowance
        #expect(isBetween, "\(place), class \(other): \(margin); exactly \(truth)")
      }
      #expect(!(certificate.margin > 0) || truth.smallest > 0, "\(place)")
    }
    let lost = zip(certificates, truth).count { $1.smallest > 0 && $0.verdict != .certified }
    let sorted = certificates.compactMap(\.roundingBudget).sorted()
    return (lost, sorted[sorted.count / 2])
  }
}

extension Tolerance {
  /// Truth is written down to nine decimals behind the point.
  fileprivate static let deployed = Tolerance(absolute: 1e-8, relative: 1e-9)
}
