import CertificateRecords
import FileAccess
import Numbers
import NumberSupport
import Reports
import Testing

@Suite struct GateTests {
  /// The report of examples with these verdicts, each with a radius of its own where one is given.
  static func file(
    _ verdicts: [(Verdict, Double?)], isLabelled: Bool = true, radii: Bool = true
  ) throws -> ReportFile {
    let certificates = verdicts.enumerated().map { index, example in
      Certificate.sample(
        index, label: isLabelled ? 0 : nil, prediction: example.0 == .misclassified ? 1 : 0,
        verdict: example.0, margin: example.0 == .certified ? 1 : -1, radius: example.1, loss: 1)
    }
    return try ReportFile(
      Array(
        JoinedReportsTests.text(certificates[...]) { run in
          if !radii { run.options.engine.radii = nil }
        }.utf8), path: "r.json")
  }

  static func share(_ text: String) throws -> Gate.Share { try #require(Gate.Share(text)) }

  @Test("a share is a fraction or a percentage from 0 to 1, and nothing else")
  func shares() {
    for text in ["0", "1", "6%", "100%", "0.5%", "3/50", "1e-3", "99.9999999999999999999%"] {
      #expect(Gate.Share(text) != nil, "\(text)")
    }
    for text in ["", "%", "6", "101%", "-1%", "-0.1", "1.0000000000000000000001", "1/2%", "nan"] {
      #expect(Gate.Share(text) == nil, "\(text)")
    }
  }

  @Test("a gate passes at its limit itself, and fails a hair beyond it, decided exactly")
  func limits() throws {
    // 1 certified, 1 misclassified, 1 unknown.
    let file = try Self.file([(.certified, 0.5), (.misclassified, nil), (.unknown, nil)])
    func passes(_ gate: Gate) throws -> Bool {
      let results = try Gate.results([gate], of: file)
      #expect(results.count == 1)
      return results.allSatisfy(\.isPassed)
    }
    // Thirds: the nearest binary64 numbers of these texts are the same.
    let below = "0.33333333333333333333333333", above = "0.33333333333333333333333334"
    #expect(try passes(.minCertified(Self.share("1/3"))))
    #expect(try passes(.minCertified(Self.share(below))))
    #expect(try !passes(.minCertified(Self.share(above))))
    #expect(try passes(.maxUnknown(Self.share("1/3"))))
    #expect(try passes(.maxUnknown(Self.share(above))))
    #expect(try !passes(.maxUnknown(Self.share(below))))
    #expect(try passes(.maxRobustError(Self.share("2/3"))))
    #expect(try passes(.maxRobustError(Self.share("66.66666666666666666666666667%"))))
    #expect(try !passes(.maxRobustError(Self.share("66.66666666666666666666666666%"))))
  }

  @Test("the line of a gate has what was found, where, of how many, and what was expected")
  func words() throws {
    let file = try Self.file([(.certified, 0.5), (.misclassified, nil), (.unknown, nil)])
    let results = try Gate.results(
      [.maxRobustError(Self.share("6%")), .minCertified(Self.share("0.1"))], of: file)
    #expect(
      results.map(\.words) == [
        "robust error 0.666666667 at eps 8/255 (2 of 3); expected at most 6%",
        "certified 0.333333333 at eps 8/255 (1 of 3), at least 0.1",
      ])
    #expect(results.map(\.option) == ["--max-robust-error", "--min-certified"])
  }

  /// The quantile by its definition: the least radius that at least this share of the group does not
  /// exceed; nil stands below all.
  static func quantile(_ radii: [Double?], _ level: Rational) -> Double? {
    let sorted = radii.sorted { ($0 ?? -1) < ($1 ?? -1) }
    let place = sorted.indices.first { Rational($0 + 1, over: sorted.count) >= level } ?? 0
    return sorted[place]
  }

  @Test("a quantile of radii is that of its definition, over what is rightly classified")
  func quantiles() throws {
    var random = SeededGenerator(state: 5)
    for _ in 0..<100 {
      let count = Int.random(in: 1...12, using: &random)
      let examples = (0..<count).map { index -> (Verdict, Double?) in
        let radius = Double(Int.random(in: 0...8, using: &random)) / 8
        let hasRadius = Int.random(in: 0..<4, using: &random) > 0
        let isWrong = index > 0 && Int.random(in: 0..<4, using: &random) == 0
        return (isWrong ? .misclassified : .unknown, hasRadius || index == 0 ? radius : nil)
      }
      let right = examples.filter { $0.0 != .misclassified }.map(\.1)
      let eighths = Int.random(in: 0...8, using: &random)
      let truth = Self.quantile(right, Rational(eighths, over: 8))
      let level = try Numeral("\(eighths)/8")
      let file = try Self.file(examples)
      for radius in 0...9 {
        let gate = Gate.minRadiusQuantile(level: level, radius: try Numeral("\(radius)/8"))
        let isPassed = try Gate.results([gate], of: file)[0].isPassed
        #expect(
          isPassed == (truth.map { $0 >= Double(radius) / 8 } ?? false),
          "\(right) at \(eighths)/8 against \(radius)/8")
      }
    }
  }

  @Test("a radius is held against the limit as the report prints it, to the last digit")
  func printedRadius() throws {
    let file = try Self.file([(.certified, 0.1)])
    func passes(_ radius: String) throws -> Bool {
      let gate = Gate.minRadiusQuantile(level: .zero, radius: try Numeral(radius))
      return try Gate.results([gate], of: file)[0].isPassed
    }
    #expect(try passes("0.1"))
    #expect(try !passes("0.10000000000000000001"))
    #expect(try passes("0.0999999999"))
  }

  @Test("a gate that a report has nothing for is refused, and names the report")
  func nothing() throws {
    let labelled = try Self.file([(.certified, nil)], radii: false)
    let unlabelled = try Self.file([(.certified, nil), (.unknown, nil)], isLabelled: false)
    func refusal(_ gate: Gate, _ file: ReportFile) -> String {
      do throws(InputError) {
        return try Gate.results([gate], of: file).map(\.words).joined()
      } catch { return error.description }
    }
    #expect(
      refusal(.maxRobustError(try Self.share("1")), unlabelled)
        == "--max-robust-error: data without labels in r.json; expected labels, which a robust error"
        + " needs")
    #expect(
      refusal(.maxFlagged(try Self.share("1")), labelled)
        == "--max-flagged: no detection in r.json; expected data without labels, or --detect")
    #expect(
      refusal(.maxFlagged(try Self.share("50%")), unlabelled)
        == "flagged 0.5 at eps 8/255 (1 of 2), at most 50%")
    #expect(
      refusal(.minRadiusQuantile(level: .zero, radius: .zero), labelled)
        == "--min-radius-quantile: no radii in r.json; expected a run that searches radii"
        + " (--radii all)")
  }
}
