import CertificateRecords
import Certification
import DualBounds
import ReferenceSupport
import Testing

/// What the guarantee for the network as deployed in binary32 costs on the paper's networks.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct DeployedTests {
  @Test("on MNIST at most 12 certificates of 10000 are lost, and budgets are about 0.04")
  func mnist() throws {
    let (lost, median) = try compare("mnist", truth: "mnist")
    #expect(lost <= 12)
    #expect((0.02...0.06).contains(median))
  }

  @Test("on Fashion-MNIST at most 20 certificates of 10000 are lost, and budgets are about 0.015")
  func fashion() throws {
    let (lost, median) = try compare("fashion_mnist", truth: "fashion")
    #expect(lost <= 20)
    #expect((0.0075...0.0225).contains(median))
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
    var budgets: [Double] = []
    for (certificate, truth) in zip(certificates, truth) {
      let place = "example \(truth.index)"
      let budget = try #require(certificate.roundingBudget, "\(place)")
      budgets.append(budget)
      #expect(certificate.margin <= certificate.marginReal && budget > 0, "\(place)")
      let isBetween = zip(certificate.margins, truth.margins).allSatisfy { margin, truth in
        let allowance = Tolerance.deployed.allowance(at: truth)
        return margin <= truth + allowance && margin >= truth - 10 * budget - allowance
      }
      #expect(isBetween, "\(place): \(certificate.margins), budget \(budget)")
      #expect(!(certificate.margin > 0) || truth.smallest > 0, "\(place)")
    }
    let lost = zip(certificates, truth).count { $1.smallest > 0 && $0.verdict != .certified }
    return (lost, budgets.sorted()[budgets.count / 2])
  }
}

extension Tolerance {
  /// Truth is written down to nine decimals behind the point.
  fileprivate static let deployed = Tolerance(absolute: 1e-8, relative: 1e-9)
}
