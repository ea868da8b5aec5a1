import CertificateRecords
import Certification
import Numbers
import ReferenceSupport
import Testing

/// The first network of the authors' cascade, trained at eps 0.3, where intervals and rows disagree
/// about the state of many units.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct RowsTests {
  @Test("with every row, Algorithm 1 certifies the 245 of 500 that the authors' own code does")
  func authorsNetwork() throws {
    let parallel = try certificates(.fixed(.parallel))
    #expect(parallel.count { $0.verdict == .certified } == 245)
    // Their smallest margins, summed over all 500: convex-adversarial 0.4.4 in binary64.
    let sum = parallel.reduce(0) { $0 + $1.margin }
    #expect(abs(sum - -37.693_271_358_758) <= 500 * 1e-8)
    for (certificate, looser) in zip(try certificates(.auto), parallel) {
      let isSame = zip(certificate.margins, looser.margins).allSatisfy { $0 >= $1 }
      #expect(isSame, "example \(certificate.index)")
    }
  }

  private func certificates(_ slopes: SlopeChoice) throws -> [Certificate] {
    let network = try CorpusNetwork("scaled_mnist_small_0_3.stage0")
    var options = CertificationOptions(
      epsilons: [try Numeral("0.3")], slopes: slopes, threads: 2)
    options.rows = .all
    return try certify(
      chain: network.chain, source: network.examples.source(), indices: Array(0..<500),
      options: options)[0]
  }
}
