import CertificateRecords
import FileAccess
import Reports

/// Several reports in one picture.
package struct ComparisonPlot {
  /// What is drawn.
  package enum Kind: String, CaseIterable, Sendable {
    /// Radii in increasing order, a line for each report: Figure 5 of the paper.
    case radii
    /// A bar for each report, from what is proved wrong to what is certified.
    case errors
  }

  private let reports: [ReportView]
  private let kind: Kind

  /// The kind that all the reports have something for.
  package static func kind(for files: [ReportFile]) -> Kind {
    files.flatMap(\.views).allSatisfy { $0.histogram != nil } ? .radii : .errors
  }

  /// - Throws: Where a report has no radii, or there are more lines than can be told apart.
  package init(_ files: [ReportFile], kind: Kind) throws(InputError) {
    (reports, self.kind) = (files.flatMap(\.views), kind)
    guard kind == .radii else { return }
    for report in reports where report.histogram == nil {
      throw InputError(
        file: report.file, found: "no radii", expected: "a report of a run with --radii",
        remedy: "--kind errors draws the errors.")
    }
    guard reports.count <= RadiusCurves.mostLines else {
      throw InputError(
        .usage, file: "--kind radii", found: "\(reports.count) reports",
        expected: "at most \(RadiusCurves.mostLines), whose lines are told apart",
        remedy: "--kind errors draws any number.")
    }
  }

  /// An SVG document.
  package var text: String {
    switch kind {
    case .errors:
      VerdictBars(rows: zip(names, reports).map { .init(name: $0, counts: $1.summary.counts) })
        .figure(name: "errors", title: "What is proved").document
    case .radii:
      RadiusCurves(
        lines: zip(names, reports).map { name, report in
          RadiusCurves.Line(name: name, report.histogram?.groups ?? [])
        }, epsilon: nil
      ).figure(name: "radii", title: "Certified radii in increasing order").document
    }
  }

  /// What tells the reports apart: their networks, and eps where that differs; else their files.
  private var names: [String] {
    let models = reports.map { report in
      let path = report.section("model")["path"]?.string ?? "-"
      return path.split(separator: "/").last.map(String.init) ?? path
    }
    let radii = reports.map { ReportClaims(report: $0).name }
    let isOneRadius = Set(radii).count == 1
    let isOneModel = Set(models).count == 1
    let names = zip(models, radii).map { model, eps in
      isOneRadius ? model : isOneModel ? eps : "\(model), \(eps)"
    }
    return Set(names).count == names.count ? names : reports.map(\.file)
  }
}
