import CertificateRecords
import ReportTestSupport
import Reports
import Testing

@Suite struct WarningTests {
  /// The kinds of warnings of a report with so many misclassified examples of two classes.
  private func kinds(_ wrong: Int, of count: Int, isLabelled: Bool = true) throws -> [String?] {
    let certificates = (0..<count).map { index in
      Certificate.sample(
        index, label: isLabelled ? 0 : nil, prediction: index < wrong ? 1 : 0,
        verdict: index < wrong && isLabelled ? .misclassified : .certified, margin: 1, loss: 1)
    }
    var run = ReportTests.run(radii: false)
    run.options.limit = count
    if !isLabelled { run.data.labels = nil }
    let document = try JSONText(
      parsing: ReportTests.text(Report(run: run, certificates: certificates)))
    #expect(try ReportTests.schema().findings(in: document) == [])
    return try #require(document["warnings"]).elements.map { $0["kind"]?.string }
  }

  @Test("the clean error looks like chance from three deviations below that of guessing")
  func threshold() throws {
    // 100 examples, two classes: 1/2 - 3 * 0.05 = 0.35.
    #expect(try kinds(35, of: 100) == [])
    #expect(try kinds(36, of: 100) == ["chance"])
    #expect(try kinds(100, of: 100) == ["chance"])
    // Fewer than fifty say nothing, and without labels there is no error.
    #expect(try kinds(49, of: 49) == [])
    #expect(try kinds(50, of: 50) == ["chance"])
    #expect(try kinds(100, of: 100, isLabelled: false) == [])
  }

  @Test("warnings and the radius in every unit conform to the schema")
  func schema() throws {
    var run = ReportTests.run()
    run.warnings = RunWarning.Kind.allCases.map { RunWarning($0, "words \"quoted\"") }
    run.options.effectiveRadius = EffectiveRadius(
      stored: 8, scaled: 8 / 255, normalized: (0.1, 0.2), perChannel: [0.1, 0.2])
    let report = Report(
      run: run,
      certificates: [
        .sample(0, label: 1, verdict: .certified, margin: 0.1, radius: 0.05, loss: 0.1),
        .sample(1, label: 0, prediction: 1, verdict: .misclassified, margin: -2, radius: 0),
      ])
    let document = try JSONText(parsing: ReportTests.text(report))
    #expect(try ReportTests.schema().findings(in: document) == [])
    #expect(document["warnings"]?.elements.count == RunWarning.Kind.allCases.count)
  }
}
