import BigInt
import CertificateRecords
import FileAccess
import NumberSupport
import ReportTestSupport
import Reports
import Testing

/// Decimals of nine digits are no binary64: each bound that a report prints lies on its own side.
@Suite struct PrintedDirectionTests {
  /// What a numeral of a report says, exactly.
  static func exact(_ numeral: String) throws -> Rational {
    let parts = numeral.split(separator: "e")
    let digits = parts[0].split(separator: ".")
    let fraction = digits.count > 1 ? String(digits[1]) : ""
    let places = fraction.count - (parts.count > 1 ? try #require(Int(parts[1])) : 0)
    let whole = try #require(BigInt(digits[0] + fraction)) * BigInt(10).power(max(0, -places))
    return try #require(Rational("\(whole)/\(BigInt(10).power(max(0, places)))"))
  }

  private func numeral(_ value: JSONText?) throws -> Rational {
    try Self.exact(try #require(value?.numeral))
  }

  @Test(
    "margins, radii and distances of a certificate are printed on the safe side", arguments: 1...60)
  func certificates(round: Int) throws {
    // Every binary place is used, and no decimal of nine digits is met.
    let unit = Double(round * round) / 7.3
    var certificate = Certificate.sample(
      0, label: 1, verdict: .certified, margin: unit / 3, radius: unit / 9, loss: unit / 11)
    certificate.margins = [unit / 3, -unit / 13]
    certificate.marginReal = unit / 2.9
    certificate.roundingBudget = unit / 1e5
    certificate.radiusUpper = unit / 8.9
    certificate.detection = .cleared
    certificate.detectionMargin = unit / 17
    certificate.attack = AttackRecord(
      steps: 1, fgsmSucceeds: false,
      counterexample: Counterexample(winner: 0, distance: unit / 19, margin: unit / 23, point: []))
    let document = try JSONText(
      parsing: ReportTests.text(Report(run: ReportTests.run(), certificates: [certificate])))
    let printed = try #require(document["certificates"]?.elements.first)
    for (key, value) in [
      ("margin", unit / 3), ("margin_real", unit / 2.9), ("radius", unit / 9),
      ("detection_margin", unit / 17),
    ] {
      #expect(try numeral(printed[key]) < Rational(value), "\(key)")
    }
    for (place, value) in [unit / 3, -unit / 13].enumerated() {
      #expect(try numeral(printed["margins"]?.elements[place]) < Rational(value), "\(place)")
    }
    for (key, value) in [
      ("rounding_budget", unit / 1e5), ("radius_upper", unit / 8.9), ("robust_loss", unit / 11),
    ] {
      #expect(try numeral(printed[key]) > Rational(value), "\(key)")
    }
    let found = try #require(printed["attack"]?["counterexample"])
    #expect(try numeral(found["distance"]) > Rational(unit / 19))
    #expect(try numeral(found["margin"]) < Rational(unit / 23))
  }

  @Test("a confidence interval is printed rounded outward")
  func intervals() throws {
    for successes in 1..<30 {
      let interval = BinomialInterval(successes: successes, of: 31, level: 0.95)
      let rates = ErrorIntervals(
        level: 0.95, rates: [ErrorIntervals.Rate(key: "rate", interval: interval)])
      guard case .array(let ends)? = rates.json["rate"], case .number(let low) = ends[0],
        case .number(let high) = ends[1]
      else {
        Issue.record("expected two numbers")
        return
      }
      #expect(try Self.exact(low) < Rational(interval.lower))
      #expect(try Self.exact(high) > Rational(interval.upper))
    }
  }

  private func file(_ certificates: [Certificate], _ path: String) throws -> ReportFile {
    var run = ReportTests.run()
    (run.options.limit, run.data.shape[0]) = (certificates.count, certificates.count)
    return try ReportFile(
      Array(ReportTests.text(Report(run: run, certificates: certificates)).utf8), path: path)
  }

  @Test("the robust error of a table is an upper bound, however it is rounded")
  func table() throws {
    let open = Certificate.sample(0, label: 1, verdict: .unknown, margin: -1)
    let held = (1..<3).map { Certificate.sample($0, label: 1, verdict: .certified, margin: 1) }
    let table = try ErrorTable([file([open] + held, "a.json")])
    // A third.
    #expect(table.text(.text).contains(" 33.34%"))
  }

  @Test("what one report certifies and another falsifies is no row of a table")
  func contradictions() throws {
    let held = Certificate.sample(0, label: 1, verdict: .certified, margin: 1)
    var lost = Certificate.sample(0, label: 1, verdict: .falsified, margin: -1)
    lost.attack = AttackRecord(
      steps: 1, fgsmSucceeds: true,
      counterexample: Counterexample(winner: 0, distance: 0.01, margin: 1, point: []))
    for pair in [[held, lost], [lost, held]] {
      let error = #expect(throws: InputError.self) {
        _ = try ErrorTable([file([pair[0]], "a.json"), file([pair[1]], "b.json")])
      }
      #expect(error?.expected.contains("contradict") ?? false, "\(error?.description ?? "")")
    }
  }
}
