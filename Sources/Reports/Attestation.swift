import FileAccess
import JSONFiles

/// An in-toto Statement (version 1) about a report: which files it speaks of, and what it says of them.
package struct Attestation {
  private let statement: JSONValue

  /// - Parameters:
  ///   - report: the bytes of the report, and its name.
  ///   - audit: what `certify audit --output` wrote of it; nil for no audit.
  package init(
    _ report: (bytes: [UInt8], path: String), audit: (bytes: [UInt8], path: String)?
  ) throws(InputError) {
    let file = try ReportFile(report.bytes, path: report.path)
    let views = file.views
    let digest = sha256Hex(report.bytes)
    var result = JSONValue.null
    if let audit {
      result = try JSONPart(audit.bytes, file: audit.path, keys: 100)
        .read { (node) throws(InputError) in try JSONValue(node) }
      try AuditForm.audit.check(result, file: audit.path)
      let named = result["report"]?["sha256"]?.string
      guard named == digest else {
        throw InputError(
          file: audit.path, found: "an audit of a report with SHA-256 \(named ?? "")",
          expected: "\(digest), that of \(report.path)")
      }
    }
    statement = .object([
      ("_type", .string("https://in-toto.io/Statement/v1")),
      ("subject", .array(try Attestation.subjects(views[0]))),
      ("predicateType", .string(Attestation.predicateType)),
      (
        "predicate",
        .object([
          (
            "report",
            .object([("name", .string(report.path)), ("digest", Attestation.digest(digest))])
          ),
          ("verifier", views[0].section("tool")),
          (
            "results",
            .array(
              views.map {
                .object([
                  ("question", $0.section("options")), ("summary", $0.section("summary")),
                ])
              })
          ),
          ("audit", result),
        ])
      ),
    ])
  }

  /// What the predicate's form is named by.
  package static let predicateType = "urn:certify:robustness:v1"

  /// The network, its other files, the examples and their labels: what is attested.
  private static func subjects(_ report: ReportView) throws(InputError) -> [JSONValue] {
    let (model, data) = (report.section("model"), report.section("data"))
    let files =
      [model] + (model["external_files"]?.elements ?? []) + [data]
      + [data["labels"]].compactMap(\.self)
    var (subjects, digests) = ([JSONValue](), [String: String]())
    for file in files {
      guard let path = file["path"]?.string else { continue }
      guard let sha256 = file["sha256"]?.string else {
        throw InputError(
          file: report.file, place: "data", found: "a digest of parts of \(path) only",
          expected: "a SHA-256, which a statement names its subjects by")
      }
      guard digests[path] != sha256 else { continue }
      if let other = digests.updateValue(sha256, forKey: path) {
        throw InputError(
          file: report.file, found: "\(path) twice, with SHA-256 \(other) and \(sha256)",
          expected: "one file of a name")
      }
      subjects.append(.object([("name", .string(path)), ("digest", digest(sha256))]))
    }
    return subjects
  }

  private static func digest(_ sha256: String) -> JSONValue {
    .object([("sha256", .string(sha256))])
  }

  package var text: String { statement.laidOutText() + "\n" }
}

/// What an audit says of a report, for machines.
package struct AuditResult {
  package var report: (path: String, sha256: String)
  package var proofs: String?
  package var isValid: Bool
  /// Whether nothing was rounded.
  package var isRational: Bool
  /// One for each epsilon that was audited.
  package var audits: [Audited] = []
  /// What failed first.
  package var fault: String?
  package var auditor: ProgramDescription

  package struct Audited {
    package var epsilon: String
    package var examples: Int
    package var of: Int
    package var derived: [String: Int]
    package var radii: Int
    /// Of the unknown, how many have only margins above 0, and a bound of exactly 0; nil where numbers are
    /// rounded.
    package var settled: (above: Int, ties: Int)?

    package init(
      epsilon: String, examples: Int, of: Int, derived: [String: Int], radii: Int,
      settled: (above: Int, ties: Int)?
    ) {
      (self.epsilon, self.examples, self.of) = (epsilon, examples, of)
      (self.derived, self.radii, self.settled) = (derived, radii, settled)
    }
  }

  package init(
    report: (path: String, sha256: String), proofs: String?, isValid: Bool, isRational: Bool,
    auditor: ProgramDescription
  ) {
    (self.report, self.proofs, self.isValid) = (report, proofs, isValid)
    (self.isRational, self.auditor) = (isRational, auditor)
  }

  package var text: String {
    let audits = audits.map { audited in
      JSONValue.object([
        ("epsilon", .string(audited.epsilon)), ("examples", .integer(audited.examples)),
        ("of", .integer(audited.of)),
        (
          "derived",
          .object(audited.derived.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
        ),
        ("radii", .integer(audited.radii)),
        (
          "unknown",
          .optional(audited.settled) {
            .object([("above_0", .integer($0.above)), ("exactly_0", .integer($0.ties))])
          }
        ),
      ])
    }
    return JSONValue.object([
      ("result", .string(isValid ? "valid" : "invalid")),
      ("arithmetic", .string(isRational ? "rational" : "binary64")),
      ("fault", .optional(fault) { .string($0) }),
      ("report", .object([("path", .string(report.path)), ("sha256", .string(report.sha256))])),
      ("proofs_sha256", .optional(proofs) { .string($0) }),
      ("auditor", auditor.json),
      ("audits", .array(audits)),
    ]).laidOutText() + "\n"
  }
}
