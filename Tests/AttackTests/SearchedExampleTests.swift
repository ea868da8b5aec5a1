import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// Certificates that a search found, against the exact minimum.
@Suite struct SearchedExampleTests {
  @Test(
    "an example is certified only where every other class loses, whatever order they are searched in",
    arguments: seeds(150))
  func everyRival(seed: UInt64) throws {
    var chains = RandomChains(seed: seed, style: .dyadic)
    func stage(_ count: Int, _ inputs: Int) -> (rows: [[Double]], bias: [Double]) {
      let rows = (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
      return (rows, (0..<count).map { _ in chains.number() })
    }
    let chain = denseChain([stage(4, 2), stage(4, 4), stage(4, 4)])
    let exact = ExactChain(chain)
    for radius in [0.125, 0.5, 2] {
      let center = [chains.number(), chains.number()]
      let source = ExampleSource(
        featureCount: 2, isExact: true, label: { _ in nil },
        copyFeatures: { _, features in
          for (place, value) in center.enumerated() { features[place] = value }
        })
      var options = CertificationOptions(
        epsilons: [Numeral(exactly: radius)], arithmetic: .real, slopes: .auto)
      options.splits = 500
      let certificate = try certify(
        chain: chain, source: source, indices: [0], options: options)[0][0]
      guard certificate.verdict == .certified else { continue }
      let box = ExactBox(center: center, radius: [radius, radius])
      let own = certificate.specificationClass
      for (other, least) in ExactMinimum(exact, over: box).margins[own].enumerated()
      where other != own {
        #expect(least.sign > 0, "radius \(radius): \(own) over \(other)")
      }
    }
  }
}
