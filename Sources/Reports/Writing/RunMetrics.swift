import CertificateRecords
import Numbers

/// The figures of a run as one flat JSON object of numbers, which DVC and MLflow read as metrics; what is
/// not known has no key.
package struct RunMetrics: Sendable {
  private let reports: [(epsilon: String, summary: JSONValue, histogram: JSONValue)]

  /// Takes the reports of a run, one for each epsilon.
  package init(_ reports: [Report]) {
    self.reports = reports.map { report in
      let sections = report.sections
      return (report.run.options.epsilon.text, sections.summary, sections.histogram)
    }
  }

  /// The document, with its last line end.
  package var text: String {
    let members = reports.flatMap { report in
      // MLflow takes no vertical stroke, quotation mark or comma in a name, but colons.
      let prefix =
        reports.count == 1 ? "" : "eps_\(report.epsilon.replacing("/", with: ":"))/"
      return Self.figures(report.summary, report.histogram).map { (prefix + $0.key, $0.value) }
    }
    let lines = members.map { "  \(JSONValue.string($0.0).compactText): \($0.1.compactText)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }

  private static func figures(
    _ summary: JSONValue, _ histogram: JSONValue
  ) -> [(key: String, value: JSONValue)] {
    var figures = summary.members.filter { $0.value.numeral != nil }.map { ($0.key, $0.value) }
    for quantile in summary["margin_quantiles"]?.members ?? []
    where quantile.value.numeral != nil {
      figures.append(("margin_\(quantile.key)", quantile.value))
    }
    for group in histogram["quantiles"]?.members ?? [] {
      for quantile in group.value.members where quantile.value.numeral != nil {
        figures.append(("radius_\(group.key)_\(quantile.key)", quantile.value))
      }
    }
    return figures
  }
}
