import CertificateRecords
import Reports

/// The few lines that a person reads after a run, for standard error.
struct HumanSummary {
  private let report: Report

  init(_ report: Report) {
    self.report = report
  }

  /// The lines, without a final line end.
  var text: String {
    ([head] + rows.map(HumanSummary.line)).joined(separator: "\n")
  }

  private var head: String {
    let options = report.run.options
    let clip = options.clip.map { ", clip \($0.lower.text):\($0.upper.text)" } ?? ""
    return "\(report.run.model.file.path) on \(report.run.data.file.path): \(options.norm), "
      + "eps \(options.epsilon.text)\(clip), arithmetic \(options.arithmetic)"
  }

  /// A name, a figure, and what it says.
  private typealias Row = (name: String, figure: String, remark: String)

  private var rows: [Row] {
    let counts = report.summary.counts
    var rows: [Row] = [("examples", "\(counts.examples)", "")]
    rows += report.summary.labelled == nil ? detectionRows : verdictRows
    if let margins = report.summary.margins {
      rows.append(("margin", bound(margins.median), "at the median"))
    }
    for group in report.histogram?.groups ?? [] {
      guard let radii = group.quantiles else { continue }
      let whom = group.kind == .unlabelled ? "" : ", \(group.kind.words) classified"
      rows.append(("radius", bound(radii.median), "at the median\(whom)"))
    }
    return rows
  }

  private var verdictRows: [Row] {
    let counts = report.summary.counts
    var rows: [Row] = [
      ("certified", "\(counts.certified)", share(of: counts.certified)),
      ("falsified", "\(counts.falsified)", share(of: counts.falsified)),
      ("misclassified", "\(counts.misclassified)", share(of: counts.misclassified)),
      ("unknown", "\(counts.unknown)", share(of: counts.unknown)),
    ]
    rows.append(("clean error", percentage(counts.misclassified, .nearest), "without perturbation"))
    rows.append(
      (
        "robust error", percentage(counts.withoutCertificate, .up),
        "or less, whatever the perturbation within eps"
      ))
    return rows
  }

  private var detectionRows: [Row] {
    let summary = report.summary
    return [
      ("cleared", "\(summary.cleared)", "\(share(of: summary.cleared)) no other class within eps"),
      ("flagged", "\(summary.flagged)", "\(share(of: summary.flagged)) no such proof"),
    ]
  }

  private func share(of count: Int) -> String { padded(percentage(count, .nearest), to: -7) }

  private enum Rounding { case nearest, up }

  /// A percentage of the examples with two decimals, by whole numbers.
  private func percentage(_ count: Int, _ rounding: Rounding) -> String {
    let total = max(1, report.summary.counts.examples)
    let half = rounding == .up ? total - 1 : total / 2
    let hundredths = (count * 10_000 + half) / total
    let decimals = String(hundredths % 100 + 100).dropFirst()
    return "\(hundredths / 100).\(decimals)%"
  }

  private func bound(_ value: Double) -> String {
    DirectedDecimal.text(value, rounded: .down, digits: 4) ?? "not known"
  }

  private static func line(_ row: Row) -> String {
    let line = "  " + padded(row.name, to: 14) + padded(row.figure, to: -9)
    return row.remark.isEmpty ? line : line + "  " + row.remark
  }
}

extension RadiusHistogram.Kind {
  fileprivate var words: String {
    switch self {
    case .correct: "rightly"
    case .wrong: "wrongly"
    case .unlabelled: "not"
    }
  }
}

/// The text with spaces up to a width: behind it, or, for a negative width, in front of it.
func padded(_ text: String, to width: Int) -> String {
  let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
  return width < 0 ? spaces + text : text + spaces
}
