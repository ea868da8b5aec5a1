import CertificateRecords
import Numbers
import Reports

/// A run at several eps in one small table, a line for each.
struct EpsilonTable {
  private let reports: [Report]

  /// Takes at least one report.
  init(_ reports: [Report]) { self.reports = reports }

  /// The lines.
  var lines: [String] {
    let isLabelled = reports.allSatisfy { $0.summary.labelled != nil }
    let rows = reports.map { isLabelled ? labelled($0) : unlabelled($0) }
    let names =
      isLabelled
      ? [
        "certified", "falsified", "misclassified", "unknown", "error at least",
        "robust error (at most)",
      ] : ["cleared", "flagged", "of them falsified", "of them unknown"]
    return [head]
      + TextTable.lines([["eps"] + names + ["median radius"]] + rows, words: [])
  }

  /// What all of them share.
  private var head: String {
    guard let run = reports.first?.run else { return "" }
    let examples = reports.first?.summary.counts.examples ?? 0
    return "\(run.model.file.path) on \(run.data.file.path): \(run.options.norm.rawValue), "
      + "arithmetic \(run.options.engine.arithmetic.rawValue), \(examples) examples"
  }

  private func labelled(_ report: Report) -> [String] {
    let counts = report.summary.counts
    return [
      report.run.options.epsilon.text, "\(counts.certified)", falsified(report),
      "\(counts.misclassified)", "\(counts.unknown)",
      percent(counts.attacked, of: counts.examples, isUp: false),
      percent(counts.withoutCertificate, of: counts.examples, isUp: true), radius(report),
    ]
  }

  private func unlabelled(_ report: Report) -> [String] {
    [
      report.run.options.epsilon.text, "\(report.summary.cleared)", "\(report.summary.flagged)",
      falsified(report), "\(report.summary.counts.unknown)", radius(report),
    ]
  }

  /// Where nothing looked for counterexamples, none is no finding.
  private func falsified(_ report: Report) -> String {
    let count = report.summary.counts.falsified
    let isTried =
      report.run.options.engine.attack != nil || report.run.options.engine.splits > 0
    return count > 0 || isTried ? "\(count)" : "-"
  }

  /// Of all groups together: the least of two medians would say less.
  private func radius(_ report: Report) -> String {
    let radii = (report.histogram?.groups ?? []).flatMap { group in
      zip(group.curve.radii, group.curve.counts).flatMap { [Double](repeating: $0, count: $1) }
    }
    return Quantiles(of: radii).flatMap {
      DirectedDecimal.text(printed: $0.median, rounded: .down, digits: 4)
    } ?? "-"
  }

  private func percent(_ count: Int, of whole: Int, isUp: Bool) -> String {
    guard whole > 0 else { return "-" }
    let hundredths = (count * 10_000 + (isUp ? whole - 1 : 0)) / whole
    return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
  }
}
