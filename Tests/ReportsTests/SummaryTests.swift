import CertificateRecords
import Testing

@Suite struct SummaryTests {
  @Test("counts, classes and rates follow the verdicts")
  func counting() throws {
    let summary = Summary(
      of: [
        .sample(0, label: 0, verdict: .certified, margin: 2),
        .sample(1, label: 0, verdict: .unknown, margin: -1),
        .sample(2, label: 1, prediction: 0, verdict: .misclassified, margin: -3),
        .sample(3, label: 1, verdict: .falsified, margin: -0.5),
      ], classCount: 3)
    #expect(summary.counts.examples == 4)
    #expect(summary.counts.certified == 1 && summary.counts.unknown == 1)
    #expect(summary.counts.misclassified == 1 && summary.counts.falsified == 1)
    #expect(summary.counts.withoutCertificate == 3)
    let perClass = try #require(summary.labelled?.perClass)
    #expect(perClass.map(\.examples) == [2, 2, 0])
    #expect(perClass.map(\.certified) == [1, 0, 0])
    #expect(perClass.map(\.withoutCertificate) == [1, 2, 0])
  }

  @Test("the mean robust loss is not below the exact mean, and infinite where a loss is not known")
  func meanLoss() throws {
    let losses = [0.1, 0.2, 0.3, 0x1p-60]
    let certificates = losses.enumerated().map { index, loss in
      Certificate.sample(index, label: 0, verdict: .certified, margin: 1, loss: loss)
    }
    let mean = try #require(Summary(of: certificates, classCount: 2).labelled).meanRobustLoss
    // As printed, the first two are a unit of the ninth digit larger; 2^-60 is below the last place.
    #expect(mean * 4 > 0.600000002 && mean * 4 < 0.600000002 + 1e-15)
    let open =
      certificates + [.sample(4, label: 0, verdict: .unknown, margin: -.infinity, loss: .infinity)]
    #expect(Summary(of: open, classCount: 2).labelled?.meanRobustLoss == .infinity)
  }

  @Test("without labels a certificate clears an input, and everything else flags it")
  func detection() {
    let summary = Summary(
      of: [
        .sample(0, label: nil, verdict: .certified, margin: 1),
        .sample(1, label: nil, verdict: .unknown, margin: -1),
        .sample(2, label: nil, verdict: .unknown, margin: -.infinity),
      ], classCount: 2)
    #expect(summary.labelled == nil)
    #expect(summary.cleared == 1 && summary.flagged == 2)
  }

  @Test("a quantile is the least value that at least p percent of the values do not exceed")
  func quantiles() throws {
    let twenty = try #require(Quantiles(of: (1...20).map(Double.init).reversed()))
    #expect(twenty.values == [1, 1, 5, 10, 15, 19, 20])
    #expect(try #require(Quantiles(of: [3])).values == [3, 3, 3, 3, 3, 3, 3])
    #expect(try #require(Quantiles(of: [2, 1])).median == 1)
    #expect(try #require(Quantiles(of: [.nan, 1])).values.first == -.infinity)
    #expect(Quantiles(of: [Double]()) == nil)
  }
}

@Suite struct RadiusHistogramTests {
  @Test("every radius is in the bin whose edges enclose it as it is printed")
  func binning() throws {
    let radii = [0, 0.05, 0.1, 0.1.nextUp, 0.3, 0.30000000000000004, 0.37]
    let certificates = radii.enumerated().map { index, radius in
      Certificate.sample(
        index, label: 0, prediction: index % 2, verdict: .unknown, margin: 0, radius: radius,
        capped: index == 6)
    }
    let histogram = try #require(RadiusHistogram(of: certificates))
    #expect(histogram.edges.first == 0)
    #expect(histogram.edges == histogram.edges.sorted())
    #expect(histogram.edges.count - 1 <= 20)
    #expect(histogram.capped == 1)
    #expect(histogram.groups.map(\.kind) == [.correct, .wrong])
    #expect(histogram.groups.map { $0.counts.reduce(0, +) } == [4, 3])
    for (parity, group) in histogram.groups.enumerated() {
      for (bin, count) in group.counts.enumerated() {
        let expected = radii.enumerated().count { index, radius in
          let printed = Double(DirectedDecimal.text(radius, rounded: .down) ?? "") ?? .nan
          return index % 2 == parity && histogram.edges[bin] <= printed
            && printed < histogram.edges[bin + 1]
        }
        #expect(count == expected, "bin \(bin)")
      }
    }
  }

  @Test(
    "edges are round, start at 0, pass the largest radius and are at most 21",
    arguments: [0.37, 1, 20, 0.1, 1e-9, 7e5, 0.2, 0x1p-1074])
  func edges(largest: Double) throws {
    let histogram = try #require(
      RadiusHistogram(of: [.sample(0, label: nil, verdict: .certified, margin: 1, radius: largest)])
    )
    #expect(histogram.edges.first == 0)
    #expect(try #require(histogram.edges.last) > largest.nextDown)
    #expect((2...21).contains(histogram.edges.count))
    #expect(histogram.groups.map(\.kind) == [.unlabelled])
    #expect(histogram.groups[0].counts.reduce(0, +) == 1)
    let width = try #require(DirectedDecimal.nearest(histogram.edges[1]))
    #expect("125".contains(try #require(width.first { "123456789".contains($0) })), "\(width)")
  }

  @Test("no radius, no histogram; all zero, one bin")
  func degenerate() throws {
    #expect(RadiusHistogram(of: [Certificate]()) == nil)
    #expect(RadiusHistogram(of: [.sample(0, label: 0, verdict: .unknown, margin: 0)]) == nil)
    let zero = Certificate.sample(0, label: 1, verdict: .unknown, margin: 0, radius: 0)
    let histogram = try #require(RadiusHistogram(of: [zero]))
    #expect(histogram.edges == [0, 1])
    #expect(histogram.groups.map(\.counts) == [[1], [0]])
    #expect(histogram.groups[1].quantiles == nil)
  }
}
