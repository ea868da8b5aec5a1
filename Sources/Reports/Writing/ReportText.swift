/// The text of one document: the report itself, or, for several, `{"schema_version", "reports"}`.
///
/// A sequence of pieces of about 64 kB, made certificate by certificate, so that no document stands
/// in memory as a whole. Its bytes depend on the reports alone.
public struct ReportText: Sequence, IteratorProtocol {
  private let reports: [any ReportContent]
  /// Where the text continues: the report, and its next certificate (-1: its head).
  private var (report, certificate) = (0, -1)

  /// The text of the reports, at least one.
  public init(_ reports: [Report]) {
    self.reports = reports
  }

  /// The text of joined reports.
  public init(_ joined: JoinedReports) {
    reports = joined.reports
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
      return (report == 0 ? opening : ",\n") + current.sections.text
    }
    if certificate < current.lineCount {
      defer { certificate += 1 }
      return (certificate == 0 ? "\n" : ",\n") + current.line(certificate)
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

/// A report about to be written, whether its certificates were just made or come from files.
protocol ReportContent: Sendable {
  /// Everything before the certificates.
  var sections: ReportSections { get }
  /// The number of certificates.
  var lineCount: Int { get }
  /// A certificate's line.
  func line(_ position: Int) -> String
}

/// The sections of a report before its certificates.
struct ReportSections: Sendable {
  var tool, model, data, options, warnings, summary, histogram: JSONValue

  /// The key of the certificates, which follow.
  static let certificatesKey = "certificates"

  /// The key of the program.
  static let toolKey = "tool"

  /// The key of what looks wrong.
  static let warningsKey = "warnings"

  /// The keys of the sections, in the order of the document.
  static let keys = [
    toolKey, "model", "data", "options", warningsKey, "summary", "radius_histogram",
  ]

  /// Keys and values in the order of the document.
  var members: [(key: String, value: JSONValue)] {
    zip(ReportSections.keys, [tool, model, data, options, warnings, summary, histogram]).map {
      ($0, $1)
    }
  }

  /// The text before the first certificate.
  var text: String {
    let text = members.map { "\"\($0)\": \($1.laidOutText()),\n" }.joined()
    return "{\n\"schema_version\": \(Report.schemaVersion),\n\(text)"
      + "\"\(ReportSections.certificatesKey)\": ["
  }
}

extension Report: ReportContent {
  var lineCount: Int { certificates.count }
  func line(_ position: Int) -> String { certificates[position].json.compactText }
}
