import CertificateRecords
import Certification
import DualBounds
import ReferenceSupport
import Testing

/// What the guarantee for the network as deployed in binary32 costs on the paper's networks.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct DeployedTests {
  // Budgets and losses of an independent evaluation; bounds that are finer may be below them.
  @Test("on MNIST at most 12 certificates of 10000 are lost, and the median budget is at most 0.04")
  func mnist() throws {
    let (lost, median) = try compare("mnist", truth: "mnist")
    #expect(lost <= 12)
    #expect(median > 0 && median <= 0.044)
  }

  @Test("on Fashion-MNIST at most 20 certificates of 10000 are lost, and budgets are about 0.015")
  func fashion() throws {
    let (lost, median) = try compare("fashion_mnist", truth: "fashion")
    #expect(lost <= 20)
    #expect(median > 0 && median <= 0.0165)
  }

  /// Certifies in binary32, and holds every margin between the truth and ten budgets below it.
  ///
  /// - Returns: How many certificates of exact arithmetic are lost, and the median budget.
  private func compare(
    _ model: String, truth name: String
  ) throws -> (lost: Int, median: Double) {
    let network = try CorpusNetwork(model, data: "\(name)-t10k")
    let truth = try Truth.read(name, count: Corpus.sample)
    let certificates = try certify(
      chain: network.chain, source: network.examples.source(), indices: truth.map(\.index),
      options: CertificationOptions(
        epsilons: [try typed("0.1")], arithmetic: .float32, threads: 2))[0]
    let budgets = classBudgets(network, certificates)
    for ((certificate, truth), budgets) in zip(zip(certificates, truth), budgets) {
      let place = "example \(truth.index)"
      let budget = try #require(certificate.roundingBudget, "\(place)")
      #expect(certificate.margin <= certificate.marginReal && budget > 0, "\(place)")
      for (other, margin) in certificate.margins.enumerated() {
        let (truth, allowance) = (
          truth.margins[other], Tolerance.deployed.allowance(at: truth.margins[other])
        )
        let isBetween =
          margin <= truth + allowance && margin >= truth - 10 * budgets[other] - allowance
        #expect(isBetween, "\(place), class \(other): \(margin); exactly \(truth)")
      }
      #expect(!(certificate.margin > 0) || truth.smallest > 0, "\(place)")
    }
    let lost = zip(certificates, truth).count { $1.smallest > 0 && $0.verdict != .certified }
    let sorted = certificates.compactMap(\.roundingBudget).sorted()
    return (lost, sorted[sorted.count / 2])
  }

  /// `[example][class]`: what the deployed network's rounding costs each margin; a certificate gives
  /// it for the smallest one only, and two similar classes share much of theirs.
  private func classBudgets(
    _ network: CorpusNetwork, _ certificates: [Certificate]
  ) -> [[Double]] {
    let workspace = BoundWorkspace(BoundProblem(network.chain, arithmetic: .float32))
    return certificates.map { certificate in
      let bounds = workspace.margins(
        over: network.examples.ball(certificate.index, 0.1),
        specificationClass: certificate.specificationClass)
      return zip(bounds.realMargins, bounds.margins).map { $0 - $1 }
    }
  }
}

extension Tolerance {
  /// Truth is written down to nine decimals behind the point.
  fileprivate static let deployed = Tolerance(absolute: 1e-8, relative: 1e-9)
}
