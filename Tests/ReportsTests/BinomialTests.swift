import BigInt
import CertificateRecords
import NumberSupport
import Testing

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

  /// The exact probability of `least` successes of `trials` or more.
  static func probability(atLeast least: Int, of trials: Int, p: Double) -> Rational {
    let (success, failure) = (Rational(p), .one - Rational(p))
    // From the last term down: C(n, k) p^k q^(n-k).
    var powers = [Rational.one]
    for _ in 0..<trials { powers.append(powers[powers.count - 1] * success) }
    var (sum, others, binomial) = (Rational.zero, Rational.one, BigInt(1))
    for k in stride(from: trials, through: least, by: -1) {
      sum += (Rational("\(binomial)") ?? .zero) * powers[k] * others
      others = others * failure
      binomial = binomial * BigInt(k) / BigInt(trials - k + 1)
    }
    return sum
  }

  @Test("the upper bound of a tail is not below the tail, and hardly above", arguments: seeds(40))
  func tails(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<10 {
      let trials = Int.random(in: 1...60, using: &random)
      let least = Int.random(in: 0...trials, using: &random)
      let p = Double.random(in: 0.01...0.99, using: &random)
      let bound = BinomialTail(atLeast: least, of: trials, p: p, q: 1 - p).upperBound
      let exact = Self.probability(atLeast: least, of: trials, p: p)
      #expect(Rational(bound) >= exact, "seed \(seed): \(least) of \(trials) at \(p)")
      #expect(bound <= exact.approximation * (1 + 1e-11) + 0x1p-150)
    }
  }

  @Test("what is left out of a tail is part of its upper bound, also where that is all of it")
  func leftOut() {
    // Terms below 2^-200 of the largest are left out.
    for (trials, least, p) in [
      (2000, 1999, 0.5), (2000, 1700, 0.5), (1000, 300, 0x1p-7), (400, 400, 0.25),
      (300, 60, 0x1p-20),
    ] {
      let bound = BinomialTail(atLeast: least, of: trials, p: p, q: 1 - p).upperBound
      let exact = Self.probability(atLeast: least, of: trials, p: p)
      #expect(Rational(bound) >= exact, "\(least) of \(trials) at \(p)")
    }
  }

  @Test("a level as typed may lie above the binary64 nearest to it, and an interval is made for it")
  func levels() {
    for exponent in 20...50 {
      let level = 1 - Double(sign: .plus, exponent: -exponent, significand: 1)
      for (successes, trials) in [(3, 10), (5, 10), (20, 40)] {
        let interval = BinomialInterval(successes: successes, of: trials, level: level)
        let tail = Self.probability(atLeast: successes, of: trials, p: interval.lower)
        let error = Rational.one - Rational(level.nextUp)
        #expect(tail + tail <= error, "\(successes) of \(trials) at \(level)")
      }
    }
  }
}
