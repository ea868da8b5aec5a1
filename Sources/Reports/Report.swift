import CertificateRecords

/// One report: what was certified, and what came out.
public struct Report: Sendable {
  /// The version of the document's form; schema/report.schema.json describes it.
  public static let schemaVersion = 1

  /// What was certified, on what, and how.
  public var run: RunDescription
  /// What the certificates say together.
  public var summary: Summary
  /// How the radii are spread; nil when none were asked for.
  public var histogram: RadiusHistogram?
  /// One certificate an example, in the order of the data.
  public var certificates: [Certificate]

  /// Creates a report and derives its summary.
  public init(run: RunDescription, certificates: [Certificate]) {
    self.run = run
    self.certificates = certificates
    summary = Summary(of: certificates, classCount: run.model.classCount)
    histogram = RadiusHistogram(of: certificates)
  }
}

/// The text of one document: the report itself, or, for several, `{"schema_version", "reports"}`.
///
/// A sequence of pieces of about 64 kB, made certificate by certificate, so that no document stands
/// in memory as a whole. Its bytes depend on the reports alone.
public struct ReportText: Sequence, IteratorProtocol {
  private let reports: [Report]
  /// Where the text continues: the report, and its next certificate (-1: its head).
  private var (report, certificate) = (0, -1)

  /// The text of the reports, at least one.
  public init(_ reports: [Report]) {
    self.reports = reports
  }

  /// The next piece; nil at the end.
  public mutating func next() -> String? {
    var piece = ""
    while piece.utf8.count < 65536, let part = nextPart() { piece += part }
    return piece.isEmpty ? nil : piece
  }

  private mutating func nextPart() -> String? {
    guard reports.indices.contains(report) else { return nil }
    let current = reports[report]
    if certificate < 0 {
      certificate = 0
      return (report == 0 ? opening : ",\n") + current.head
    }
    if certificate < current.certificates.count {
      defer { certificate += 1 }
      return (certificate == 0 ? "\n" : ",\n")
        + current.certificates[certificate].json.compactText
    }
    (report, certificate) = (report + 1, -1)
    return "\n]\n}" + (report == reports.count ? closing : "")
  }

  private var isList: Bool { reports.count > 1 }
  private var opening: String {
    isList ? "{\n\"schema_version\": \(Report.schemaVersion),\n\"reports\": [\n" : ""
  }
  private var closing: String { isList ? "\n]\n}\n" : "\n" }
}

extension Report {
  /// Everything before the first certificate.
  fileprivate var head: String {
    let sections: [(String, JSONValue)] = [
      ("tool", run.toolJSON), ("model", run.model.json), ("data", run.data.json),
      ("options", run.options.json),
      ("summary", summary.json(isAttacked: run.options.attack != nil)),
      ("radius_histogram", .optional(histogram, \.json)),
    ]
    let text = sections.map { "\"\($0)\": \($1.laidOutText()),\n" }.joined()
    return "{\n\"schema_version\": \(Report.schemaVersion),\n\(text)\"certificates\": ["
  }
}
