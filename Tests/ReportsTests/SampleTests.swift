import BigInt
import CertificateRecords
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

  @Test("a sample of as many as there are, or more, is all of them")
  func whole() {
    for count in 5...7 {
      #expect(ExampleSample(count: count, seed: 1).positions(of: 3..<8) == [3, 4, 5, 6, 7])
    }
  }
}

@Suite struct BinomialIntervalTests {
  /// Successes, trials, level, and the ends by scipy 1.17.1: `beta.ppf(a, x, n - x + 1)` and
  /// `beta.isf(a, x + 1, n - x)` with `a = (1 - level) / 2`.
  static let known: [(Int, Int, Double, Double, Double)] = [
    (0, 500, 0.95, 0, 0.00735061005190778),
    (500, 500, 0.95, 0.992649389948092, 1),
    (23, 500, 0.95, 0.0293801753924028, 0.0682254278812379),
    (1, 3, 0.95, 0.00840375865961264, 0.905700675949754),
    (411, 10000, 0.95, 0.0372932354029949, 0.0451768622829412),
    (582, 10000, 0.99, 0.0523310488101884, 0.0644939463582512),
    (1, 1_000_000, 0.95, 2.53178076637942e-08, 5.57163065516694e-06),
    (500_000, 1_000_000, 0.9, 0.499177073949477, 0.500822926050523),
    (7, 8, 0.5, 0.69730026642584, 0.964678629960309),
    (99, 100, 0.999, 0.904389888925657, 0.999994998762089),
  ]

  @Test("the ends are scipy's to nine digits", arguments: known)
  func ends(successes: Int, trials: Int, level: Double, lower: Double, upper: Double) {
    let interval = BinomialInterval(successes: successes, of: trials, level: level)
    #expect(abs(interval.lower - lower) <= 1e-9 * lower, "\(interval)")
    #expect(abs(interval.upper - upper) <= 1e-9 * upper, "\(interval)")
  }

  /// The probability of `least` successes or more, times `scale^trials`, at `p / scale`.
  static func tail(atLeast least: Int, of trials: Int, p: BigInt, scale: BigInt) -> BigInt {
    var (sum, binomial) = (BigInt(0), BigInt(1))
    for k in 0...trials {
      if k >= least { sum += binomial * p.power(k) * (scale - p).power(trials - k) }
      binomial = binomial * BigInt(trials - k) / BigInt(k + 1)
    }
    return sum
  }

  @Test("in exact rationals the tails at the ends are rare enough, and a hair inside they are not")
  func exact() throws {
    let scale = BigInt(2).power(80)
    func scaled(_ value: Double) -> BigInt { BigInt(value * 0x1p80) }
    for trials in [1, 2, 3, 10, 37] {
      for successes in 0...trials {
        let interval = BinomialInterval(successes: successes, of: trials, level: 0.95)
        #expect(interval.lower <= interval.upper)
        for (end, count) in [
          (scaled(interval.lower), successes),
          (scale - scaled(interval.upper), trials - successes),
        ] where count > 0 {
          let whole = scale.power(trials)
          // A tail of 1/40.
          let tail = Self.tail(atLeast: count, of: trials, p: end, scale: scale)
          #expect(40 * tail <= whole, "\(successes) of \(trials)")
          let inside = end + end / 1_000_000_000
          #expect(40 * Self.tail(atLeast: count, of: trials, p: inside, scale: scale) > whole)
        }
      }
    }
  }

  @Test("an upper end near 1 is no place too low: its distance from 1 has few digits")
  func nearOne() {
    let scale = BigInt(2).power(80)
    for trials in 3000..<3040 {
      let interval = BinomialInterval(successes: trials - 1, of: trials, level: 0.95)
      // One failure or more in 1/40 of the cases at the most.
      let success = BigInt(interval.upper * 0x1p80)
      let whole = scale.power(trials)
      #expect(40 * (whole - success.power(trials)) <= whole, "\(trials)")
    }
  }

  @Test("drawn without replacement, the share of a finite population is covered often enough, too")
  func finitePopulation() {
    func binomial(_ n: Int, _ k: Int) -> BigInt {
      guard (0...n).contains(k) else { return 0 }
      return (0..<k).reduce(BigInt(1)) { $0 * BigInt(n - $1) / BigInt($1 + 1) }
    }
    for population in 1...24 {
      for drawn in 1...population {
        let intervals = (0...drawn).map {
          BinomialInterval(successes: $0, of: drawn, level: 0.95)
        }
        for errors in 0...population {
          let share = Double(errors) / Double(population)
          let covered = (0...drawn).filter {
            intervals[$0].lower <= share && share <= intervals[$0].upper
          }
          let ways = covered.reduce(BigInt(0)) {
            $0 + binomial(errors, $1) * binomial(population - errors, drawn - $1)
          }
          #expect(20 * ways >= 19 * binomial(population, drawn))
        }
      }
    }
  }

  @Test("none of a kind starts at 0, nothing else ends at 1, and higher levels are wider")
  func edges() {
    #expect(BinomialInterval(successes: 0, of: 7, level: 0.9).lower == 0)
    #expect(BinomialInterval(successes: 7, of: 7, level: 0.9).upper == 1)
    var last = BinomialInterval(successes: 3, of: 50, level: 1e-300)
    #expect(last.lower > 0.05 && last.upper < 0.08)
    for level in [0.1, 0.5, 0.9, 0.999999, (1.0).nextDown.nextDown] {
      let next = BinomialInterval(successes: 3, of: 50, level: level)
      #expect(next.lower < last.lower && next.upper > last.upper)
      last = next
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
