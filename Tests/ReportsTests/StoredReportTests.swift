import CertificateRecords
import FileAccess
import Foundation
import Reports
import Testing

@Suite struct StoredReportTests {
  static let text = JoinedReportsTests.text([
    .sample(0, label: 1, verdict: .certified, margin: 0.25, radius: 0.5, loss: 0.125),
    .sample(1, label: 0, prediction: 1, verdict: .misclassified, margin: -2, radius: 0, loss: 2),
  ])

  /// A change of a report, and how it is refused.
  struct Change: Sendable, CustomTestStringConvertible {
    var old, new, refusal: String
    var testDescription: String { "\(old) -> \(new)" }

    init(_ old: String, _ new: String, _ refusal: String) {
      (self.old, self.new, self.refusal) = (old, new, refusal)
    }
  }

  static let changes = [
    Change(
      "\"schema_version\": 2", "\"schema_version\": 3", "a.json: $.schema_version: 3; expected 2"),
    Change(
      "\"schema_version\": 2", "\"schema_version\": 1",
      "a.json: $.schema_version: 1; expected 2: version 1 has radius 0 also where no certificate"
        + " held, run certify again"),
    Change("\"schema_version\": 2,", "", "a.json: $: no key 'schema_version'; expected a report"),
    Change(
      "\"certificates\": [", "\"extra\": [], \"certificates\": [", "a.json: $.extra: an unknown key"
    ),
    Change(
      "\"certificates\": [", "\"proofs\": [", "a.json: $.proofs: an unknown key; expected one"),
    Change("\"tool\": {", "\"tool\": [{}, {", "a.json: byte "),
    Change(
      "\"classes\": 2", "\"classes\": 3",
      "a.json: $.certificates[0].margins: 2 margins; expected 3, one a class"),
    Change(
      "\"classes\": 2", "\"classes\": 0", "a.json: $.model.classes: 0; expected an integer, 1 to "),
    Change("\"classes\": 2,", "", "a.json: $.model: no key 'classes'; expected one"),
    Change(
      "\"offset\": 0", "\"offset\": 1", "a.json: $.certificates[0].index: 0; expected 1, the next"),
    Change(
      "\"offset\": 0", "\"offset\": -1", "a.json: $.options.offset: -1; expected an integer, 0 to"),
    Change(
      "\"offset\": 0", "\"offset\": 9223372036854775807", "a.json: $.certificates[0].index: 0"),
    Change("\"limit\": 2", "\"limit\": 3", "a.json: $.options: limit 3; expected 2, the number of"),
    Change("\"limit\": 2", "\"limit\": null", "a.json: $.options.limit: null; expected an integer"),
    Change(
      "\"index\":1", "\"index\":2", "a.json: $.certificates[1].index: 2; expected 1, the next"),
    Change("\"index\":1,", "", "a.json: $.certificates[1]: no key 'index'; expected one"),
    Change(
      "\"label\":0", "\"label\":2",
      "a.json: $.certificates[1].label: 2; expected an integer, 0 to 1"),
    Change("\"prediction\":1", "\"prediction\":-1", "a.json: $.certificates[0].prediction: -1"),
    Change(
      "\"verdict\":\"certified\"", "\"verdict\":\"fine\"",
      "a.json: $.certificates[0].verdict: \"fine\"; expected one of certified, falsified"),
    Change(
      "\"radius\":0.5", "\"radius\":-0.5",
      "a.json: $.certificates[0].radius: -0.5; expected a number >= 0"),
    Change(
      "\"margin\":-2", "\"margin\":-1e999",
      "a.json: $.certificates[1].margin: -1e999; expected a finite"),
    Change(
      "\"margin\":-2", "\"margin\":\"x\"",
      "a.json: $.certificates[1].margin: a string; expected a finite"),
    Change(
      "\"min\":-2", "\"min\":-3",
      "a.json: $.summary.margin_quantiles.min: -3; expected -2, as the certificates say"),
    Change(
      "\"certified\": 1", "\"certified\": 2",
      "a.json: $.summary.certified: 2; expected 1, as the certificates say"),
    Change("\"radius\":0.5", "\"radius\":0.25", "a.json: $.radius_histogram.edges"),
    Change(
      "\"robust_loss\":2", "\"robust_loss\":null",
      "a.json: $.summary.mean_robust_loss: 1.06250001; expected null"),
    Change("\"index\":1", "\"index\":1,\"index\":1", "a.json: byte "),
  ]

  /// What is said twice, with one of the two changed; and what is left out.
  static let contradictions = [
    Change(
      "\"text\":\"8/255\"", "\"text\":\"8/256\"",
      "a.json: $.options.epsilon.value: 0.03137254901960784; expected 0.03125, the number nearest"),
    Change(
      "\"text\":\"8/255\"", "\"text\":\"small\"",
      "a.json: $.options.epsilon.text: \"small\"; expected a number such as"),
    Change(
      "\"text\":\"1/255\"", "\"text\":\"1\"", "a.json: $.data.scale.value: 0.00392156862745098"),
    Change("\"units\": 3", "\"units\": 4", "a.json: $.model.units: 4; expected 3, as the layers"),
    Change(
      "\"parameters\": 23", "\"parameters\": 22", "a.json: $.model.parameters: 22; expected 23, as"),
    Change(
      "\"output_shape\":[3]", "\"output_shape\":[4]", "a.json: $.model.units: 3; expected "),
    Change("\"shape\": [1000,", "\"shape\": [1,", "a.json: $.options.limit: 2; expected a range"),
    Change(
      "\"labels\": {", "\"labels\": null, \"other\": {",
      "a.json: $.certificates[0].label: 1; expected null, for data without labels"),
    Change(
      "\"specification_class\":1", "\"specification_class\":0",
      "a.json: $.certificates[0].specification_class: 0; expected 1, the label"),
    Change(
      "\"margins\":[0.25,0]", "\"margins\":[0.5,0]",
      "a.json: $.certificates[0].margin: 0.25; expected 0.5, the smallest of the margins"),
    Change(
      "\"margins\":[0.25,0]", "\"margins\":[null,0]",
      "a.json: $.certificates[0].margin: 0.25; expected null, the smallest of the margins"),
    Change(
      "\"margins\":[0.25,0]", "\"margins\":[0.25,1]",
      "a.json: $.certificates[0].margins: [0.25,1]; expected 0 at class 1 itself"),
    Change(
      "\"unstable\":[3]", "\"unstable\":[4]", "a.json: $.certificates[0].unstable: [4]; expected at"
    ),
    Change(
      "\"verdict\":\"misclassified\"", "\"verdict\":\"certified\"",
      "a.json: $.certificates[1].verdict: \"certified\"; expected another one: neither margin nor"),
    Change(
      "\"verdict\":\"certified\"", "\"verdict\":\"unknown\"",
      "a.json: $.certificates[0].verdict: \"unknown\"; expected \"certified\", as the margin says"),
    Change(
      "\"verdict\":\"misclassified\"", "\"verdict\":\"falsified\"",
      "a.json: $.certificates[1].verdict: \"falsified\"; expected another one: there is no counter"),
    Change(
      "\"radius_upper\":null", "\"radius_upper\":0.25",
      "a.json: $.certificates[0].radius_upper: 0.25; expected no less than the radius"),
    Change("\"kernels\"", "\"nuclei\"", "a.json: $.tool: no key 'kernels'; expected one"),
    Change("\"sha256\":", "\"sha1\":", "a.json: $.model: no key 'sha256'; expected one"),
    Change("0a0a", "0A0A", "a.json: $.model.sha256: \"0A0A"),
    Change("\"norm\":", "\"norms\":", "a.json: $.options: no key 'norm'; expected one"),
    Change(
      "\"norm\": \"linf\"", "\"norm\": \"l3\"",
      "a.json: $.options.norm: \"l3\"; expected one of linf, l2, l1"),
    Change("\"norm\": \"linf\"", "\"norm\": 2", "a.json: $.options.norm: 2; expected a string"),
    Change(
      "\"rounding_budget\":", "\"budget\":",
      "a.json: $.certificates[0]: no key 'rounding_budget'; expected one"),
  ]

  @Test(
    "a report that is none, or contradicts itself, is refused by its place",
    arguments: changes + contradictions)
  func refusals(change: Change) throws {
    let changed = Self.text.replacingOccurrences(of: change.old, with: change.new)
    #expect(changed != Self.text)
    let error = #expect(throws: InputError.self) {
      _ = try ReportFile(Array(changed.utf8), path: "a.json")
    }
    #expect(error?.description.hasPrefix(change.refusal) == true, "\(error?.description ?? "none")")
  }

  @Test(
    "what is no report at all is refused in words",
    arguments: [
      ("", "a.json: byte 0 ($): the end of the file"),
      ("[]", "a.json: $: an array; expected an object"),
      ("3", "a.json: $: 3; expected an object"), ("{}", "a.json: $: no key 'schema_version'"),
      ("{\"schema_version\": 2, \"reports\": []}", "a.json: $.reports: no reports; expected one"),
      (
        "{\"schema_version\": 2, \"reports\": {}}",
        "a.json: $.reports: an object; expected an array"
      ),
      ("{\"reports\": [{}]}", "a.json: $: no key 'schema_version'"),
      (
        "{\"schema_version\": 2, \"reports\": [{}]}",
        "a.json: $.reports[0]: no key 'schema_version'"
      ),
      ("{\"schema_version\": [1]}", "a.json: $.schema_version: an array; expected 2"),
    ])
  func noReports(text: String, refusal: String) throws {
    let error = #expect(throws: InputError.self) {
      _ = try ReportFile(Array(text.utf8), path: "a.json")
    }
    #expect(error?.description.hasPrefix(refusal) == true, "\(error?.description ?? "none")")
  }

  @Test("a report that ends early is refused wherever it ends")
  func truncated() {
    let bytes = Array(Self.text.utf8)
    for count in 0..<bytes.count - 1 {
      #expect(throws: InputError.self, "\(count) bytes") {
        _ = try ReportFile(Array(bytes.prefix(count)), path: "a.json")
      }
    }
  }

  @Test("no changed byte does worse than a refusal", arguments: 0..<4)
  func changedBytes(seed: Int) {
    let bytes = Array(Self.text.utf8)
    let others = Array("{}[]\",:0-e.\\ \n\u{0}x".utf8)
    for position in bytes.indices {
      var changed = bytes
      changed[position] = others[(position * 7 + seed * 5) % others.count]
      guard let file = try? ReportFile(changed, path: "a.json") else { continue }
      let joined = try? JoinedReports([file])
      #expect(joined.map { !ReportText($0).joined().isEmpty } ?? true)
    }
  }
}
