import CertificateRecords
import Numbers
import Reports

/// The few lines that a person reads after a run, for standard error.
struct HumanSummary {
  private let report: Report

  init(_ report: Report) {
    self.report = report
  }

  /// The lines.
  var lines: [String] { [head] + rows.map(HumanSummary.line) }

  private var head: String {
    "\(report.run.model.file.path) on \(report.run.data.file.path): "
      + report.run.options.words(sayingScope: true)
  }

  /// The interval of the error, or what is flagged, in a sentence.
  var errorSentence: String {
    let counts = report.summary.counts
    guard report.summary.labelled != nil else {
      return "Flagged: \(report.summary.flagged) of \(counts.examples)."
    }
    return "The error within eps is at least \(percentage(counts.attacked, .down)) and at most "
      + "\(percentage(counts.withoutCertificate, .up))."
  }

  /// A name, a figure, a share of the examples, and what it says.
  private struct Row {
    var name: String
    var figure = ""
    var share = ""
    var remark = ""
  }

  private var rows: [Row] {
    let counts = report.summary.counts
    var rows = [Row(name: "examples", figure: "\(counts.examples)", remark: sampleRemark)]
    rows += report.summary.labelled == nil ? detectionRows : verdictRows
    rows += roundingRows
    if let margins = report.summary.margins {
      rows.append(Row(name: "margin", figure: bound(margins.median), remark: "median"))
    }
    for (place, group) in (report.histogram?.groups ?? []).enumerated()
    where group.quantiles != nil || group.withoutRadius > 0 {
      rows.append(radiusRow(group, report.histogram?.exact?.uppers[place]))
    }
    return rows + exactRadiusRows
  }

  /// Where rounding alone costs certificates.
  private var roundingRows: [Row] {
    let count = report.summary.lostToRounding
    guard count > 0 else { return [] }
    return [
      Row(
        name: "rounding", figure: "\(count)", share: percentage(count, .nearest),
        remark: "certified in exact arithmetic, not as deployed")
    ]
  }

  /// How many radii are closed from both sides, and what keeps the others open.
  private var exactRadiusRows: [Row] {
    guard let exact = report.histogram?.exact else { return [] }
    let all = exact.closed + exact.open.values.reduce(0, +)
    let tolerance = report.run.options.engine.radii?.tolerance.text ?? ""
    let open = SearchRecord.Reason.allCases.compactMap { reason in
      exact.open[reason].map { "\($0) \(reason.rawValue)" }
    }
    return [
      Row(
        name: "exact radius", figure: "\(exact.closed)", share: percentage(exact.closed, .nearest),
        remark: "proof and counterexample within \(tolerance)"
          + (open.isEmpty ? "" : "; \(all - exact.closed) open: \(open.joined(separator: ", "))"))
    ]
  }

  /// The median of those that have one, and how many have none.
  private func radiusRow(_ group: RadiusHistogram.Group, _ upper: RadiusHistogram.Upper?) -> Row {
    var remark = group.quantiles == nil ? [] : ["median"]
    if let median = upper?.quantiles?.median {
      let end = DirectedDecimal.text(printed: median, rounded: .up, digits: 4) ?? "not known"
      remark.append("of counterexamples \(end)")
    }
    if group.kind != .unlabelled { remark.append("\(group.kind.words) classified") }
    if group.withoutRadius > 0 { remark.append("\(group.withoutRadius) without any") }
    return Row(
      name: "radius", figure: group.quantiles.map { bound($0.median) } ?? "none",
      remark: remark.joined(separator: ", "))
  }

  private var verdictRows: [Row] {
    let counts = report.summary.counts
    let verdicts = [
      ("certified", counts.certified), ("falsified", counts.falsified),
      ("misclassified", counts.misclassified), ("unknown", counts.unknown),
    ]
    let rows = verdicts.filter { $0.0 != "falsified" || $0.1 > 0 }.map { name, count in
      Row(
        name: name, figure: "\(count)", share: percentage(count, .nearest),
        remark: name == "unknown" ? openRemark : "")
    }
    let clean = Row(
      name: "clean error", share: percentage(counts.misclassified, .down),
      remark: interval("clean_error") ?? "")
    let robust = Row(
      name: "robust error", share: percentage(counts.withoutCertificate, .up),
      remark: interval("robust_error") ?? "at most, whatever the perturbation within eps")
    return rows + [clean] + predictedRows + attackRows + [robust] + exactRows
      + labelledDetectionRows
  }

  /// Why examples stay unknown.
  private var openRemark: String {
    let open = report.summary.searches.open
    let words: [(SearchRecord.Reason, String)] = [
      (.budget, "beyond --splits \(report.run.options.engine.splits)"),
      (.rounding, "within rounding"), (.tie, "tied"),
    ]
    return words.compactMap { reason, words in open[reason].map { "\($0) \(words)" } }
      .joined(separator: ", ")
  }

  /// Where a search has left nothing unknown.
  private var exactRows: [Row] {
    let counts = report.summary.counts
    guard report.summary.searches.examples > 0, counts.isDecided else { return [] }
    return [
      Row(
        name: "exact error", share: percentage(counts.attacked, .nearest),
        remark: intervals == nil ? "every example is decided" : "of the sample, all of it decided")
    ]
  }

  /// What the predictions say, where not all that are wrong are proved to be.
  private var predictedRows: [Row] {
    let counts = report.summary.counts
    guard counts.predictedWrong != counts.misclassified else { return [] }
    return [
      Row(
        name: "predicted error", share: percentage(counts.predictedWrong, .nearest),
        remark: interval("predicted_error") ?? "by the predictions, not all of it proved")
    ]
  }

  private var intervals: ErrorIntervals? {
    let options = report.run.options
    return options.sample.flatMap {
      report.summary.intervals(level: $0.level.nearest, isAttacked: options.engine.attack != nil)
    }
  }

  /// What a sample was drawn from, and how.
  private var sampleRemark: String {
    let options = report.run.options
    return options.sample.map {
      "drawn from \(options.limit) by seed \($0.examples.seed); intervals at level \($0.level.text)"
    } ?? ""
  }

  /// The confidence interval of a rate, in percent, rounded outward; nil without a sample.
  private func interval(_ key: String) -> String? {
    guard let interval = intervals?[key] else { return nil }
    let lower = max(0, (interval.lower * 10_000).nextDown.rounded(.down))
    let upper = min(10_000, (interval.upper * 10_000).nextUp.rounded(.up))
    return "\(HumanSummary.percent(Int(lower))) to \(HumanSummary.percent(Int(upper)))"
  }

  /// Corollary 2, where labels are known.
  private var labelledDetectionRows: [Row] {
    guard let detection = report.summary.detection else { return [] }
    let all = detection.all
    return [
      Row(
        name: "cleared", figure: "\(all.cleared)", share: percentage(all.cleared, .nearest),
        remark: "of them \(detection.wrong.cleared) wrongly classified"),
      Row(
        name: "flagged", figure: "\(all.flagged)", share: percentage(all.flagged, .nearest),
        remark: "of them \(detection.wrong.flagged) wrongly classified"),
    ]
  }

  /// What attacks say of the error: a lower bound.
  private var attackRows: [Row] {
    guard let attack = report.run.options.engine.attack else { return [] }
    return [
      Row(
        name: "attacked error", share: percentage(report.summary.counts.attacked, .down),
        remark: (interval("attacked_error") ?? "at least")
          + ", by \(attack.kind.rawValue.uppercased())")
    ]
  }

  private var detectionRows: [Row] {
    let summary = report.summary
    func row(_ name: String, _ count: Int, _ remark: String) -> Row {
      Row(name: name, figure: "\(count)", share: percentage(count, .nearest), remark: remark)
    }
    var rows = [
      row("cleared", summary.cleared, "no input within eps has another class"),
      row("flagged", summary.flagged, "no proof of that"),
    ]
    // What is flagged, told apart: these two add up to it.
    let counts = summary.counts
    if counts.falsified > 0 {
      rows.append(
        row("  falsified", counts.falsified, "of the flagged: an input has another class"))
      rows.append(
        row("  unknown", counts.unknown, "of the flagged: neither proof nor counterexample"))
    }
    return rows
  }

  private enum Rounding { case down, nearest, up }

  /// A percentage of the examples with two decimals, by whole numbers.
  private func percentage(_ count: Int, _ rounding: Rounding) -> String {
    let total = max(1, report.summary.counts.examples)
    let more =
      switch rounding {
      case .down: 0
      case .nearest: total / 2
      case .up: total - 1
      }
    return HumanSummary.percent((count * 10_000 + more) / total)
  }

  private static func percent(_ hundredths: Int) -> String {
    let decimals = String(hundredths % 100 + 100).dropFirst()
    return "\(hundredths / 100).\(decimals)%"
  }

  private func bound(_ value: Double) -> String {
    DirectedDecimal.text(printed: value, rounded: .down, digits: 4) ?? "not known"
  }

  private static func line(_ row: Row) -> String {
    let name = TextTable.padded(row.name, to: 14)
    var line = "  " + name + TextTable.padded(row.figure, to: name.count - 22)
    line += TextTable.padded(row.share, to: -9) + "  " + row.remark
    while line.last == " " { line.removeLast() }
    return line
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
