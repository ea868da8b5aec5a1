import CertificateRecords
import Certification
import Numbers
import ReferenceSupport
import Testing

@Suite struct ExplainTests {
  @Test(
    "widths and states of layers are those of the paper's package's bounds",
    arguments: DigitsReference.names)
  func widths(name: String) throws {
    let digits = try DigitsReference(name)
    let source = digits.examples.source()
    for truth in digits.truth.cases where truth.norm == "linf" {
      let options = CertificationOptions(
        epsilons: [try Numeral("\(truth.epsilon)")], domain: truth.domain)
      let certificates = try digits.certificates(options)[0]
      for (index, layers) in truth.bounds.enumerated().prefix(4) {
        let explanation = explain(
          certificates[index], chain: digits.chain, source: source, options: options)
        #expect(explanation.layers.map(\.unstable) == certificates[index].unstable)
        for (layer, expected) in zip(explanation.layers, layers) {
          let widths = zip(expected.lower, expected.upper).map { $1 - $0 }
          let mean = widths.reduce(0, +) / Double(widths.count)
          let found = Disagreement(
            [layer.meanWidth, layer.largestWidth], [mean, widths.max() ?? 0], within: .double)
          #expect(found == nil, "eps \(truth.epsilon), example \(index)")
          let stable = expected.upper.count { $0 <= 0 }
          #expect(layer.inactive == stable)
        }
      }
    }
  }
}
