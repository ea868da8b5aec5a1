import CertificateRecords

/// One report: what was certified, and what came out.
public struct Report: Sendable {
  /// The version of the document's form; schema/report.schema.json describes it.
  public static let schemaVersion = 2

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
    (self.run, self.certificates) = (run, certificates)
    let printed = certificates.map(PrintedCertificate.init)
    summary = Summary(of: printed, classCount: run.model.classCount)
    histogram = RadiusHistogram(of: printed)
  }
}

extension Report {
  /// Everything that looks wrong, what came out included.
  public var warnings: [RunWarning] { run.warnings + resultWarnings }

  /// What looks wrong in what came out.
  public var resultWarnings: [RunWarning] {
    summary.warnings(classCount: run.model.classCount)
  }

  /// The sections before the certificates.
  var sections: ReportSections {
    ReportSections(
      tool: run.toolJSON, model: run.model.json, data: run.data.json, options: run.options.json,
      warnings: .array(warnings.map(\.json)),
      summary: summary.json(
        isAttacked: run.options.engine.attack != nil, level: run.options.sample?.level.nearest),
      histogram: .optional(histogram, \.json))
  }
}
