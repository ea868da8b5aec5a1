import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReferenceSupport
import Testing

/// How many of the examples that parallel slopes leave open the tighter ones certify: auto_LiRPA's
/// figures are 47 by its adaptive slopes, and 53 more by 20 steps of alpha-CROWN.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct TightSlopeTests {
  @Test("of 402 open MNIST examples adaptive certifies at least 45, optimized at least 100")
  func openExamples() throws {
    let network = try CorpusNetwork("mnist")
    let truth = try Truth.read("mnist", count: 10000)
    let open = truth.filter { $0.prediction == $0.label && !($0.smallest > 0) }.map(\.index)
    #expect(open.count == 402)
    func certified(_ slopes: SlopeChoice) throws -> [Certificate] {
      try certify(
        chain: network.chain, source: network.examples.source(), indices: open,
        options: CertificationOptions(
          epsilons: [try Numeral("0.1")], slopes: slopes, threads: 2))[0]
    }
    let adaptive = try certified(.fixed(.adaptive))
    #expect(adaptive.count { $0.verdict == .certified } >= 45)
    let optimized = try certified(.auto)
    #expect(optimized.count { $0.verdict == .certified } >= 100)
    for (less, more) in zip(adaptive, optimized) where less.verdict == .certified {
      #expect(more.verdict == .certified, "example \(less.index)")
      #expect(more.slopesUsed.contains("adaptive"), "example \(less.index)")
    }
  }
}
