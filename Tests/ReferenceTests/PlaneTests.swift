import Certification
import DualBounds
import Numbers
import ReferenceSupport
import TestSupport
import Testing

/// The paper's example in the plane (section 4.1): twelve points, eps 0.08.
@Suite struct PlaneTests {
  private let folder = Place.fixtures + "/plane"

  @Test(
    "the robust network has no robust error at 0.08, its twin classifies well and is not robust",
    arguments: [Arithmetic.real, .float32])
  func robustErrors(arithmetic: Arithmetic) throws {
    let counts = try ["robust", "ordinary"].map { name in
      let chain = try chain(at: "\(folder)/plane-\(name).onnx")
      #expect(chain.hiddenUnits == [100, 100, 100, 100])
      let examples = try Examples(folder + "/plane-points.idx", for: chain)
      let certificates = try certify(
        chain: chain, source: examples.source(), indices: Array(0..<examples.count),
        options: CertificationOptions(epsilons: [try Numeral("0.08")], arithmetic: arithmetic))[0]
      #expect(certificates.count == 12)
      #expect(certificates.allSatisfy { $0.prediction == $0.label })
      return certificates.count { $0.verdict == .certified }
    }
    #expect(counts[0] == 12)
    #expect(counts[1] < 12)
  }
}
