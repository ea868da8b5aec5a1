import CertificateRecords
import FileAccess
import Foundation
import Numbers
import ReportTestSupport
import Reports
import Testing

@Suite struct ReportChangesTests {
  static func file(
    _ verdicts: [Verdict], path: String, isLabelled: Bool = true, radius: Double = 0.5,
    _ change: (inout RunDescription) -> Void = { _ in }
  ) throws -> ReportFile {
    let certificates = verdicts.enumerated().map { index, verdict in
      Certificate.sample(
        index, label: isLabelled ? 0 : nil, prediction: verdict == .misclassified ? 1 : 0,
        verdict: verdict, margin: verdict == .certified ? 1 : -1,
        radius: verdict == .certified ? radius : 0, loss: 1)
    }
    return try ReportFile(
      Array(JoinedReportsTests.text(certificates[...], change).utf8), path: path)
  }

  /// The comparison as JSON, held to its schema.
  static func json(_ base: ReportFile, _ new: ReportFile) throws -> JSONText {
    let document = try JSONText(parsing: try ReportChanges(base: base, new: new).text(.json))
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "schema")
    func schema(_ name: String) throws -> JSONText {
      try JSONText(parsing: String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }
    let findings = JSONSchema(
      try schema("diff.schema.json"),
      others: ["report.schema.json": try schema("report.schema.json")]
    ).findings(in: document)
    #expect(findings.isEmpty, "\(findings.prefix(5))")
    return document
  }

  @Test("the examples that gained and lost a certificate are those, by their positions")
  func gainedAndLost() throws {
    let base = try Self.file([.certified, .unknown, .certified, .unknown, .certified], path: "a")
    let new = try Self.file(
      [.certified, .certified, .unknown, .misclassified, .misclassified], path: "b", radius: 0.25
    ) { run in
      run.model.file = FileDescription(path: "new.onnx", sha256: String(repeating: "1", count: 64))
      run.options.engine.splits = 7
    }
    let change = try #require(try Self.json(base, new)["changes"]?.elements.first)
    #expect(change["gained"]?.elements.compactMap(\.int) == [1])
    #expect(change["lost"]?.elements.compactMap(\.int) == [2, 4])
    func pair(_ key: String) -> [Int?] {
      let counts = change["counts"]?[key]
      return [counts?["base"]?.int, counts?["new"]?.int]
    }
    #expect(pair("certified") == [3, 2] && pair("misclassified") == [0, 2])
    #expect(pair("unknown") == [2, 1] && pair("robust_error") == [2, 3])
    #expect(pair("predicted_error") == [0, 2])
    let settings = change["settings"]?.elements.first
    #expect(settings?["place"]?.string == "$.options.splits")
    #expect(settings?["base"]?.string == "0" && settings?["new"]?.string == "7")
    #expect(change["models"]?["new"]?["model"]?.string == "new.onnx")
    #expect(change["radius_quantiles"]?["new"]?["max"]?.numeral == "0.25")
    #expect(change["regression"] == .bool(true))
    let regressions = try ReportChanges(base: base, new: new).regressions
    #expect(
      regressions == [
        "b: 1 fewer certificates and 2 more wrong predictions at eps 8/255, of 5 examples; expected"
          + " none, against a"
      ])
  }

  @Test("a report against itself has no change and no regression, in any form")
  func same() throws {
    for isLabelled in [true, false] {
      let verdicts: [Verdict] = [.certified, .unknown, .certified]
      let file = try Self.file(verdicts, path: "a", isLabelled: isLabelled)
      let document = try Self.json(file, file)
      #expect(document["regression"] == .bool(false))
      let change = try #require(document["changes"]?.elements.first)
      #expect(change["gained"]?.elements.isEmpty == true)
      #expect(change["lost"]?.elements.isEmpty == true)
      #expect(change["settings"]?.elements.isEmpty == true)
      let changes = try ReportChanges(base: file, new: file)
      #expect(changes.regressions.isEmpty)
      for form in [ReportChanges.Form.text, .markdown] {
        let lines = changes.text(form).split(separator: "\n")
        #expect(lines.contains { $0.contains("certificates gained: none") })
        #expect(!lines.contains { $0.contains("regression") })
      }
    }
  }

  @Test("a comparison in Markdown is a table that names from files cannot break")
  func markdown() throws {
    let base = try Self.file([.certified], path: "a")
    let new = try Self.file([.certified], path: "b") { run in
      run.model.file = FileDescription(path: "a|b\nc", sha256: String(repeating: "1", count: 64))
      run.data.file.path = "d|\u{1b}[2J"
    }
    let text = try ReportChanges(base: base, new: new).text(.markdown)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(rows.count > 10)
    #expect(rows.allSatisfy { $0.count { $0 == "|" } == 5 })
  }

  @Test("reports on other examples, at another eps, or in another number, are refused")
  func refused() throws {
    let base = try Self.file([.certified, .unknown], path: "a")
    func refusal(_ verdicts: [Verdict], _ change: (inout RunDescription) -> Void) throws -> String {
      do throws(InputError) {
        let new = try? Self.file(verdicts, path: "b", change)
        guard let new else { return "no report" }
        _ = try ReportChanges(base: base, new: new)
        return "accepted"
      } catch { return error.lines[0] }
    }
    let two: [Verdict] = [.certified, .unknown]
    #expect(try refusal(two) { $0.options.engine.arithmetic = .float64 } == "accepted")
    #expect(
      try refusal(two) { $0.options.epsilon = Numeral(exactly: 0.1) }
        == "b: $.options.epsilon.text: \"0.1\"; expected \"8/255\", as in a")
    #expect(
      try refusal([.certified, .unknown, .unknown]) { _ in }
        == "b: $.options.limit: 3; expected 2, as in a")
    #expect(
      try refusal(two) {
        $0.data.file = FileDescription(path: "x", sha256: "1" + $0.data.file.path)
      }
        == "no report")
    // A ball that the data's domain cuts is another one; of l2 the whole ball is certified all the same.
    let clip = Clip(lower: Numeral(exactly: 0), upper: Numeral(exactly: 3))
    #expect(try refusal(two) { $0.options.clip = clip }.hasPrefix("b: $.options.clip"))
    let l2 = try Self.file(two, path: "a") { $0.options.engine.shape = .norm(.l2) }
    let cut = try Self.file(two, path: "b") {
      ($0.options.engine.shape, $0.options.clip) = (.norm(.l2), clip)
    }
    #expect(try ReportChanges(base: l2, new: cut).regressions.isEmpty)
    let hash = String(repeating: "1", count: 64)
    #expect(
      try refusal(two) { $0.data.file = FileDescription(path: "x", sha256: hash) }.hasPrefix(
        "b: $.data.sha256: \"1111"))
    #expect(
      try refusal(two) { $0.data.labels = FileDescription(path: "x", sha256: hash) }.hasPrefix(
        "b: $.data.labels.sha256: \"1111"))
    #expect(
      try refusal(two) { $0.data.scale = Numeral(exactly: 1) }.hasPrefix("b: $.data.scale.text"))
  }
}
