import CertificateRecords
import Numbers
import Testing

@Suite struct ExampleSampleTests {
  /// A sample, and the positions that a Python program of the same description draws.
  struct Known: Sendable {
    var count, population: Int
    var seed: UInt64
    var positions: [Int]
  }

  static let known = [
    Known(
      count: 10, population: 500, seed: 0,
      positions: [8, 62, 127, 194, 202, 337, 383, 390, 458, 480]),
    Known(
      count: 10, population: 500, seed: 3,
      positions: [22, 45, 181, 194, 396, 407, 446, 449, 471, 478]),
    Known(count: 9, population: 10, seed: 7, positions: [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    Known(
      count: 5, population: 10_000, seed: UInt64(Int.max),
      positions: [1723, 2648, 2866, 5534, 8367]),
    Known(count: 1, population: 7, seed: 42, positions: [5]),
    // Three outputs of the generator are passed over.
    Known(
      count: 3, population: 3 << 61, seed: 3,
      positions: [4_389_858_064_959_855_874, 4_818_701_204_569_673_479, 6_000_606_194_086_029_707]),
  ]

  @Test("a sample is the one that its description gives, on every machine", arguments: known)
  func positions(known: Known) {
    let sample = ExampleSample(count: known.count, seed: known.seed)
    #expect(sample.positions(of: 0..<known.population) == known.positions)
    #expect(
      sample.positions(of: 100..<known.population + 100) == known.positions.map { $0 + 100 })
  }

  @Test("every subset is drawn, about equally often")
  func uniform() {
    var counts: [[Int]: Int] = [:]
    for seed in UInt64(0)..<6000 {
      counts[ExampleSample(count: 3, seed: seed).positions(of: 0..<6), default: 0] += 1
    }
    #expect(counts.count == 20)
    // 300 on average; six standard deviations are 101.
    #expect(counts.values.allSatisfy { (199...401).contains($0) }, "\(counts.values.sorted())")
  }

  @Test("every position is equally likely, where the generator's outputs are no multiple of them")
  func unbiased() {
    // 3 2^61 go twice into 2^64, and a part of 2^62 remains: modulo alone, the first 2^62 positions
    // would be drawn in 3/4 of the cases, not 2/3, and the first 2^61 in 3/8, not 1/3.
    let drawn = (UInt64(0)..<3000).map {
      ExampleSample(count: 1, seed: $0).positions(of: 0..<3 << 61)[0]
    }
    // 2000 and 1000 on average, with a standard deviation of 26.
    #expect((1875...2125).contains(drawn.count { $0 < 1 << 62 }))
    #expect((900...1100).contains(drawn.count { $0 < 1 << 61 }))
  }

  @Test("a sample of as many as there are, or more, is all of them")
  func whole() {
    for count in 5...7 {
      #expect(ExampleSample(count: count, seed: 1).positions(of: 3..<8) == [3, 4, 5, 6, 7])
    }
  }
}

@Suite struct DetectionCountsTests {
  private static func certificate(
    _ label: Int?, _ prediction: Int, _ detection: Detection?
  ) -> Certificate {
    var certificate = Certificate.sample(
      0, label: label, prediction: prediction, verdict: .unknown, margin: -1)
    certificate.detection = detection
    return certificate
  }

  @Test("cleared and flagged inputs are counted, rightly and wrongly classified ones apart")
  func counts() throws {
    let certificates = [
      Self.certificate(0, 0, .cleared), Self.certificate(0, 1, .cleared),
      Self.certificate(1, 0, .flagged), Self.certificate(1, 1, .cleared),
      Self.certificate(1, 0, .flagged),
    ]
    let counts = try #require(Summary(of: certificates, classCount: 2).detection)
    #expect(counts.correct.cleared == 2 && counts.correct.flagged == 0)
    #expect(counts.wrong.cleared == 1 && counts.wrong.flagged == 2)
    #expect(counts.all.cleared == 3 && counts.all.flagged == 2)
    let asked = Summary(of: certificates + [Self.certificate(0, 0, nil)], classCount: 2)
    #expect(asked.detection == nil)
  }
}

@Suite struct RadiusCurveTests {
  @Test("the curve has every radius once, in order, with its number of examples")
  func curve() throws {
    let radii = [0.3, 0, 0.1, 0, 0.3, 0.2, 0.3]
    let certificates = radii.enumerated().map { index, radius in
      Certificate.sample(
        index, label: 0, prediction: index == 5 ? 1 : 0, verdict: .unknown, margin: 0,
        radius: radius)
    }
    let groups = try #require(RadiusHistogram(of: certificates)).groups
    #expect(
      groups[0].curve.radii == [0, 0.1, 0.3].map { DirectedDecimal.asPrinted($0, rounded: .down) })
    #expect(groups[0].curve.counts == [2, 1, 3])
    #expect(groups[1].curve.counts == [1])
  }
}
