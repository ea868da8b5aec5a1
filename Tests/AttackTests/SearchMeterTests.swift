import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import Synchronization
import TestSupport
import Testing

/// What is said of searches while a run works.
@Suite struct SearchMeterTests {
  @Test("every search begins and ends, its parts are counted, and certificates do not depend on it")
  func run() throws {
    var (searched, unknown, nodes) = (0, 0, 0)
    let heard = Mutex([SearchMeter.Reading]())
    for seed in seeds(80) {
      var chains = RandomChains(seed: seed, style: .dyadic)
      func stage(_ count: Int, _ inputs: Int) -> (rows: [[Double]], bias: [Double]) {
        let rows = (0..<count).map { _ in (0..<inputs).map { _ in chains.number() } }
        return (rows, (0..<count).map { _ in chains.number() })
      }
      let chain = denseChain([stage(6, 2), stage(6, 6), stage(3, 6)])
      let center = [chains.number(), chains.number()]
      let source = ExampleSource(
        featureCount: 2, isExact: true, label: { _ in nil },
        copyFeatures: { _, features in (features[0], features[1]) = (center[0], center[1]) })
      var options = CertificationOptions(
        epsilons: [Numeral(exactly: 0.5)], slopes: .auto, attack: AttackOptions())
      options.splits = 4
      let silent = try certify(chain: chain, source: source, indices: [0], options: options)[0][0]
      let time = Mutex(0.0)
      options.meter = SearchMeter(
        workers: 1,
        clock: {
          time.withLock {
            $0 += 1
            return $0
          }
        }, listener: { reading in heard.withLock { $0.append(reading) } })
      let told = try certify(chain: chain, source: source, indices: [0], options: options)[0][0]
      #expect(told == silent, "seed \(seed)")
      guard let search = silent.search else { continue }
      searched += 1
      unknown += silent.verdict == .unknown ? 1 : 0
      nodes += search.nodes
      let all = heard.withLock { $0 }
      let last = try #require(all.last)
      #expect(last.open == 0 && last.unknown == (silent.verdict == .unknown ? 1 : 0))
      #expect(last.share > 0 && last.share <= 1 && last.nodes <= search.nodes)
    }
    let readings = heard.withLock { $0 }
    #expect(readings.count == 2 * searched && searched > 0, "\(readings.count), \(searched)")
    #expect(readings.count { $0.open == 1 } == searched)
    #expect(nodes > 0)
  }
}
