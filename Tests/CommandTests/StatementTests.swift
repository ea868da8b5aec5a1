import Foundation
import ReportTestSupport
import Testing

/// The rules of an in-toto Statement, version 1, as in-toto/attestation publishes them (spec/v1: statement,
/// resource_descriptor, digest_set, field_types), in our own words.
enum StatementRules {
  /// What breaks them; empty for a statement.
  static func findings(in statement: JSONText) -> [String] {
    guard case .object = statement else { return ["no object"] }
    var findings: [String] = []
    if statement["_type"]?.string != "https://in-toto.io/Statement/v1" { findings.append("_type") }
    if !isTypeURI(statement["predicateType"]?.string) { findings.append("predicateType") }
    switch statement["predicate"] {
    case nil, .object: break
    default: findings.append("predicate is no object")
    }
    guard case .array(let subjects)? = statement["subject"], !subjects.isEmpty else {
      return findings + ["no subject"]
    }
    for subject in subjects {
      findings += descriptor(subject)
      // Subjects are matched by their digests.
      if subject["digest"] == nil { findings.append("a subject without a digest") }
    }
    for key in ["name", "uri"] {
      let values = subjects.compactMap { $0[key]?.string }
      if Set(values).count != values.count { findings.append("\(key) for a second time") }
    }
    return findings
  }

  /// What describes an artifact: by an address, a digest or its bytes.
  static func descriptor(_ value: JSONText) -> [String] {
    guard case .object = value else { return ["a descriptor that is no object"] }
    var findings: [String] = []
    if value["uri"] == nil && value["digest"] == nil && value["content"] == nil {
      findings.append("a descriptor of nothing")
    }
    let texts = ["name", "uri", "content", "downloadLocation", "mediaType"]
    for key in texts where value[key] != nil && value[key]?.string == nil {
      findings.append("\(key) is no string")
    }
    if let annotations = value["annotations"] {
      if case .object = annotations {} else { findings.append("annotations are no object") }
    }
    if let digest = value["digest"] { findings += digestSet(digest) }
    return findings
  }

  /// The digits that a digest of an algorithm has, where one is known here.
  private static let lengths = ["sha1": 40, "sha256": 64, "sha512": 128, "gitCommit": 40]

  private static func digestSet(_ value: JSONText) -> [String] {
    guard case .object(let members) = value, !members.isEmpty else { return ["no digest"] }
    return members.flatMap { member -> [String] in
      guard let text = member.value.string else { return ["a digest that is no string"] }
      guard let length = lengths[member.key] else { return [] }
      let isHexadecimal = text.allSatisfy { "0123456789abcdef".contains($0) }
      return isHexadecimal && text.count == length ? [] : ["\(member.key) \(text)"]
    }
  }

  /// A URI (RFC 3986) whose scheme, and authority if it has one, are in lower case.
  private static func isTypeURI(_ text: String?) -> Bool {
    guard let text, let uri = text.wholeMatch(of: /([a-z][a-z0-9+.-]*):(?:\/\/([^\/?#]*))?([!-~]+)/)
    else { return false }
    let authority = uri.output.2.map(String.init) ?? ""
    return authority == authority.lowercased()
      && !text.contains { "\"<>\\^`{|}".contains($0) }
  }
}

@Suite struct StatementTests {
  static func statement() throws -> String {
    let scratch = try Scratch()
    let made = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05,0.1", "--limit",
      "3", "-q", "-o", scratch.path("r.json"))
    #expect(made.status == 0, "\(made.errors)")
    return try statement(of: scratch)
  }

  /// Audits the report `r.json` of the folder, and attests it.
  static func statement(of scratch: Scratch) throws -> String {
    let audit = try Command.run(
      "audit", scratch.path("r.json"), "--model", Command.digits("conv-robust.onnx"), "--data",
      Command.images, "-q", "-o", scratch.path("audit.json"))
    #expect(audit.status == 0, "\(audit)")
    let outcome = try Command.run(
      "attest", scratch.path("r.json"), "--audit", scratch.path("audit.json"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test("a statement keeps to the published form, and each rule of it would find a breach")
  func rules() throws {
    let text = try Self.statement()
    let statement = try JSONText(parsing: text)
    #expect(StatementRules.findings(in: statement) == [])
    let report = try #require(statement["predicate"]?["report"])
    #expect(StatementRules.descriptor(report) == [])
    let digest = try #require(
      statement["subject"]?.elements.first?["digest"]?["sha256"]?.string)
    let name = try #require(statement["subject"]?.elements.last?["name"]?.string)
    let first = try #require(statement["subject"]?.elements.first?["name"]?.string)
    for (here, there, finding) in [
      ("Statement/v1", "Statement/v0.1", "_type"), ("\"urn:", "\"URN:", "predicateType"),
      ("\"urn:", "\"https://Example.org/", "predicateType"),
      (digest, digest.uppercased(), "sha256 "), (digest, String(digest.dropLast()), "sha256 "),
      ("\"digest\":", "\"digests\":", "a subject without a digest"), (name, first, "name for a "),
      ("\"subject\"", "\"subjects\"", "no subject"),
    ] {
      let changed = text.replacing(here, with: there)
      #expect(changed != text, "\(here)")
      let findings = StatementRules.findings(in: try JSONText(parsing: changed))
      #expect(findings.contains { $0.hasPrefix(finding) }, "\(here): \(findings)")
    }
  }

  @Test("a statement takes nothing of an audit's file but what an audit writes")
  func otherKeys() throws {
    let scratch = try Scratch()
    let made = try Command.run(
      Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--limit", "3",
      "-q", "-o", scratch.path("r.json"))
    #expect(made.status == 0, "\(made.errors)")
    _ = try Self.statement(of: scratch)
    let audit = try scratch.text("audit.json")
    for (here, there, place) in [
      (
        "{\n  \"result\"", "{\n  \"approved_by\": \"x\",\n  \"result\"",
        "$: the key \"approved_by\""
      ),
      ("\"of\":3", "\"of\":3,\"more\":1", "$.audits[0]: the key \"more\""),
      ("\"of\":3", "\"of\":-3", "$.audits[0].of: -3; expected a whole number, >= 0"),
      ("\"valid\"", "\"proved\"", "$.result: \"proved\"; expected valid or invalid"),
      ("\"fault\"", "\"faults\"", "$: the key \"faults\""),
      ("\"radii\":0,", "", "$.audits[0]: no key \"radii\""),
    ] {
      let changed = audit.replacing(here, with: there)
      #expect(changed != audit, "\(here): \(audit)")
      try Data(changed.utf8).write(to: scratch.file("audit.json"))
      let outcome = try Command.run(
        "attest", scratch.path("r.json"), "--audit", scratch.path("audit.json"))
      #expect(outcome.status == 65 && outcome.output == "", "\(there)")
      #expect(outcome.errors.contains("audit.json: \(place)"), "\(outcome.errors)")
    }
  }
}
