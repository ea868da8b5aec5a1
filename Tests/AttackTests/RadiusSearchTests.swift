import Certification
import Numbers
import TestSupport
import Testing

@Suite struct RadiusSearchTests {
  /// The exact value of a shortest decimal numeral.
  static func decimal(_ value: Double) throws -> Rational {
    let parts = value.description.split(separator: "e")
    let digits = parts[0].split(separator: ".")
    let fraction = digits.count > 1 ? String(digits[1]) : ""
    let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - fraction.count
    let power = "1" + String(repeating: "0", count: abs(exponent))
    let whole = try #require(Rational(String(digits[0]) + fraction))
    let scale = try #require(Rational(power))
    return exponent < 0 ? whole / scale : whole * scale
  }

  @Test("a radius is a decimal at which a margin above 0 was computed, over a ball not below it")
  func tested() throws {
    for seed in seeds(300) {
      var random = SeededGenerator(state: seed)
      let threshold = Double.random(in: 1e-4...2, using: &random)
      var held: Set<Double> = []
      let search = RadiusSearch(options: RadiusOptions(cap: 1.5), hint: 0.1) { radius in
        // A margin of 0 is no certificate.
        guard radius <= threshold else { return 0 }
        held.insert(radius)
        return 1 + threshold - radius
      }
      let outcome = search.run(marginAtZero: 1, known: [])
      let radius = try #require(outcome.radius)
      #expect(held.contains(radius.upper), "seed \(seed): \(radius)")
      #expect(Rational(radius.upper) >= (try Self.decimal(radius.nearest)), "seed \(seed)")
      #expect(radius.nearest >= min(threshold, 1.5) * (1 - 1e-3), "seed \(seed)")
      #expect(outcome.margin > 0)
    }
  }

  @Test("a margin that is not a number holds nowhere, nor does a margin of 0")
  func unknownMargins() {
    for margin in [Double.nan, 0, -0.0, -Double.infinity] {
      let search = RadiusSearch(options: RadiusOptions(cap: 1), hint: 0.1) { _ in margin }
      let outcome = search.run(marginAtZero: 1, known: [])
      #expect(outcome.radius == .zero && outcome.margin == 1 && outcome.steps > 0, "\(margin)")
      // The same at a radius that was tried before.
      let known = search.run(marginAtZero: 1, known: [(Numeral(exactly: 0.5), margin)])
      #expect(known.radius == .zero, "\(margin)")
    }
  }

  @Test("where an epsilon holds, the decimal above it is tested, not taken")
  func aboveEpsilon() throws {
    // A third: no decimal; it holds itself, and nothing beyond.
    let third = try Numeral("1/3")
    var tested: [Double] = []
    let search = RadiusSearch(options: RadiusOptions(cap: 1), hint: 0.1) { radius in
      tested.append(radius)
      return radius <= third.upper ? 0.1 : 0
    }
    let outcome = search.run(marginAtZero: 1, known: [(third, 0.1)])
    let radius = try #require(outcome.radius)
    #expect(radius.nearest == 0.333333333 && tested.contains(radius.upper))
    #expect(try #require(outcome.lost) <= 0.33333334)
  }

  @Test("no certificate at 0 is no radius; a certificate at 0 alone is the radius 0")
  func none() {
    let search = RadiusSearch(options: RadiusOptions(cap: 1), hint: 0.1) { _ in -1 }
    for margin in [0, -1, -Double.infinity, .nan] {
      let outcome = search.run(marginAtZero: margin, known: [])
      #expect(outcome.radius == nil && outcome.steps == 0 && outcome.lost == nil)
    }
    let outcome = search.run(marginAtZero: 1, known: [])
    #expect(outcome.radius == .zero && outcome.lost != nil)
  }

  @Test("what an earlier search held is held, and what it lost is tried again")
  func tighter() throws {
    func search(upTo threshold: Double) -> RadiusSearch {
      RadiusSearch(options: RadiusOptions(cap: 1), hint: 0.1) { $0 <= threshold ? 1 : -1 }
    }
    let first = search(upTo: 0.2).run(marginAtZero: 1, known: [])
    let lost = try #require(first.lost)
    let second = search(upTo: 0.5).run(marginAtZero: 1, known: [], from: first)
    let radius = try #require(second.radius)
    #expect(radius.nearest > lost && radius.nearest >= 0.4995 && second.steps > first.steps)
    #expect(try #require(second.lost) > 0.5)
    // Nor does a search that finds nothing more lose what was held.
    let third = search(upTo: 0).run(marginAtZero: 0, known: [], from: first)
    #expect(third.radius == first.radius)
  }
}
