import BigInt
import CertificateRecords
import Numbers
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

  /// A decimal numeral as a whole number of units of 10^-40.
  static func units(_ numeral: String) throws -> BigInt {
    let parts = numeral.split(separator: "e")
    let digits = parts[0].split(separator: ".")
    let fraction = digits.count > 1 ? String(digits[1]) : ""
    let exponent = 40 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - fraction.count
    return try #require(BigInt(String(digits[0]) + fraction)) * BigInt(10).power(exponent)
  }

  @Test("the mean of any losses is not below that of the printed decimals, in exact arithmetic")
  func exactMeans() throws {
    for round in 1...300 {
      // As good as random: every bit of the quotients is used.
      let losses = (0...round % 9).map { Double((round * 7919 + $0 * 104_729) % 100_003) / 33333.7 }
      let certificates = losses.enumerated().map { index, loss in
        Certificate.sample(index, label: 0, verdict: .certified, margin: 1, loss: loss)
      }
      let summary = Summary(of: certificates, classCount: 2)
      let mean = try #require(summary.labelled).meanRobustLoss
      let printed = try losses.map {
        try Self.units(try #require(DirectedDecimal.text($0, rounded: .up)))
      }
      let sum = printed.reduce(0, +)
      // A binary64 of this size is a whole number of units of 2^-90.
      let found = BigInt(mean * 0x1p90) * BigInt(10).power(40)
      #expect(found * BigInt(losses.count) >= sum << 90, "\(losses)")
      #expect(mean <= losses.reduce(0, +) / Double(losses.count) * (1 + 1e-7) + 1e-8)
    }
  }

  @Test("wrong predictions are counted apart from what is proved, which alone bounds the error")
  func predictions() {
    let counts = Summary(
      of: [
        .sample(0, label: 0, prediction: 1, verdict: .misclassified, margin: -3),
        .sample(1, label: 0, prediction: 1, verdict: .unknown, margin: -1),
        .sample(2, label: 1, prediction: 0, verdict: .falsified, margin: -1),
        .sample(3, label: 1, verdict: .certified, margin: 1),
      ], classCount: 2
    ).counts
    #expect(counts.misclassified == 1 && counts.predictedWrong == 3)
    #expect(counts.attacked == 2 && counts.withoutCertificate == 3)
    let unlabelled = Summary(
      of: [.sample(0, label: nil, verdict: .unknown, margin: 0)], classCount: 2)
    #expect(unlabelled.counts.predictedWrong == 0)
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

  @Test("whatever the number of values, each quantile is the least that enough do not exceed")
  func everyCount() throws {
    for count in 1...240 {
      let values = (0..<count).map { Double($0 * 7919 % 241) }
      let found = try #require(Quantiles(of: values)).values
      for (place, point) in Quantiles.points.enumerated() {
        let enough = values.filter { value in
          100 * values.count { $0 <= value } >= point.percent * count
        }
        #expect(found[place] == enough.min(), "\(point.name) of \(count)")
      }
    }
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

  @Test("a search that found no radius is counted, and is no radius of 0")
  func withoutRadius() throws {
    func searched(_ index: Int, _ prediction: Int, _ radius: Double?) -> Certificate {
      var certificate = Certificate.sample(
        index, label: 0, prediction: prediction, verdict: .unknown, margin: -1, radius: radius)
      certificate.radiusSteps = 3
      return certificate
    }
    let histogram = try #require(
      RadiusHistogram(of: [
        searched(0, 0, 0.25), searched(1, 0, nil), searched(2, 1, nil), searched(3, 0, 0),
      ]))
    #expect(histogram.groups.map(\.withoutRadius) == [1, 1])
    #expect(histogram.groups.map { $0.counts.reduce(0, +) } == [2, 0])
    #expect(histogram.groups[0].quantiles?.median == 0)
    #expect(histogram.groups[0].curve.radii == [0, 0.25])
    #expect(histogram.groups[1].quantiles == nil)
    let none = try #require(RadiusHistogram(of: [searched(0, 0, nil)]))
    #expect(none.edges == [0, 1] && none.groups[0].withoutRadius == 1)
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
