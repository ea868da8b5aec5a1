import FileAccess

/// The results of gates as JUnit's XML, which build servers show as tests: a suite for each report, a case
/// for each gate and eps.
public struct GateXML {
  private let suites: [(name: String, results: [GateResult])]

  /// Takes the results by the names of their reports.
  public init(_ suites: [(name: String, results: [GateResult])]) { self.suites = suites }

  /// The document, with its last line end.
  public var text: String {
    let all = suites.flatMap(\.results)
    let body = suites.map { suite in
      "  <testsuite name=\"\(Self.escaped(suite.name))\" \(Self.counts(suite.results))>\n"
        + suite.results.map(Self.testCase).joined() + "  </testsuite>\n"
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"certify gates\" \(Self.counts(all))>\n\(body.joined())</testsuites>\n"
  }

  private static func counts(_ results: [GateResult]) -> String {
    "tests=\"\(results.count)\" failures=\"\(results.count { !$0.isPassed })\" errors=\"0\" skipped=\"0\""
  }

  private static func testCase(_ result: GateResult) -> String {
    let name = escaped("\(result.option) \(result.limit) at eps \(result.epsilon)")
    let head = "    <testcase classname=\"certify.gates\" name=\"\(name)\""
    guard !result.isPassed else { return head + "/>\n" }
    return head + ">\n      <failure message=\"\(escaped(result.words))\"/>\n    </testcase>\n"
  }

  private static func escaped(_ text: String) -> String {
    printed(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
      .replacing("\u{fffe}", with: "\u{fffd}").replacing("\u{ffff}", with: "\u{fffd}")
  }
}
