import CertificateRecords
import FileAccess
import JSONFiles
import Numbers

/// What changed from one report to another about the same examples: for people, for a comment under a
/// change of the code, and for programs.
public struct ReportChanges: Sendable {
  /// The form of the text.
  public enum Form: String, Sendable, CaseIterable {
    case text, markdown, json
  }

  private let base, new: String
  /// One for each epsilon.
  private let changes: [ReportChange]

  /// Holds two files against each other, report by report.
  ///
  /// - Throws: where they are about other examples, or other balls.
  public init(base: ReportFile, new: ReportFile) throws(InputError) {
    (self.base, self.new) = (base.path, new.path)
    guard base.reports.count == new.reports.count else {
      throw InputError(
        file: new.path, found: "\(new.reports.count) reports",
        expected: "\(base.reports.count), one for each eps of \(base.path)")
    }
    var changes: [ReportChange] = []
    for (old, young) in zip(base.reports, new.reports) {
      changes.append(try ReportChange(base: old, new: young))
    }
    self.changes = changes
  }

  /// In what the new reports are worse, a line for each epsilon where they are.
  public var regressions: [String] {
    changes.filter { !$0.regressions.isEmpty }.map { change in
      "\(new): \(change.regressions.joined(separator: " and ")) at eps \(change.epsilon), of "
        + "\(change.base.certificates.count) examples; expected none, against \(base)"
    }
  }

  /// The text, with its last line end.
  public func text(_ form: Form) -> String {
    switch form {
    case .json: json.laidOutText() + "\n"
    case .text:
      changes.map { change in
        ([change.head(" -> ")] + TextTable.lines(change.cells, words: [0])
          + change.remarks.map { "  \($0)" })
          .map { printed($0) + "\n" }.joined()
      }.joined(separator: "\n")
    case .markdown: changes.map(\.markdown).joined(separator: "\n")
    }
  }

  private var json: JSONValue {
    .object([
      ("schema_version", .integer(Report.schemaVersion)),
      ("base", .string(base)), ("new", .string(new)),
      ("regression", .bool(!regressions.isEmpty)), ("changes", .array(changes.map(\.json))),
    ])
  }
}

extension ReportChange {
  var epsilon: String {
    new.sections.options["epsilon_file"]?["path"]?.string
      ?? new.sections.options["epsilon"]?["text"]?.string ?? ""
  }

  /// What was compared.
  fileprivate func head(_ arrow: String) -> String {
    let (old, young) = (base.sections.model["path"]?.string, new.sections.model["path"]?.string)
    let models =
      isSameModel || old == nil ? young ?? "" : "\(old ?? "")\(arrow)\(young ?? "")"
    let data = new.sections.data["path"]?.string ?? ""
    let norm = new.sections.options["norm"]?.string ?? ""
    return "\(models) on \(data): \(norm), eps \(epsilon), \(new.certificates.count) examples"
  }

  /// The title and the rows of the table.
  fileprivate var cells: [[String]] {
    let rows = counts.map { count -> [String] in
      let change = count.new - count.base
      guard let key = count.key else {
        let sign = change > 0 ? "+" : ""
        return [
          count.name, "\(count.base)", "\(count.new)", change == 0 ? "=" : "\(sign)\(change)",
        ]
      }
      let (old, young) = (share(count.base, key), share(count.new, key))
      let points = percentText(abs(young - old)).dropLast()
      return [
        count.name, percentText(old), percentText(young),
        change == 0 ? "=" : "\(change > 0 ? "+" : "-")\(points) points",
      ]
    }
    return [["", "base", "new", "change"]] + rows + radiusRows
  }

  /// Whole hundredths of a percent: bounds of errors on their own side.
  private func share(_ count: Int, _ key: String) -> Int {
    let total = max(1, new.certificates.count)
    let more =
      switch key {
      case "robust_error": total - 1
      case "attacked_error": 0
      default: total / 2
      }
    return (count * 10_000 + more) / total
  }

  private var radiusRows: [[String]] {
    let (old, young) = radii
    guard old != nil || young != nil else { return [] }
    return Quantiles.points.indices.compactMap { place in
      let point = Quantiles.points[place]
      guard [5, 25, 50, 75, 95].contains(point.percent) else { return nil }
      let values = [old, young].map { $0?.values[place] }
      let texts = values.map { value in
        value.flatMap { DirectedDecimal.text(printed: $0, rounded: .down, digits: 4) } ?? "none"
      }
      return ["radius \(point.name)"] + texts + [factor(values[0], values[1])]
    }
  }

  /// How many times the one the other is.
  private func factor(_ old: Double?, _ young: Double?) -> String {
    guard let old, let young else { return "" }
    if old == young { return "=" }
    guard old > 0 else { return "" }
    return "x " + (DirectedDecimal.text(young / old, rounded: .down, digits: 3) ?? "")
  }

  /// What else is worth saying, a line each.
  fileprivate var remarks: [String] {
    func examples(_ name: String, _ positions: [Int]) -> String {
      guard !positions.isEmpty else { return "\(name): none" }
      let shown = positions.prefix(12).map { "\($0)" }.joined(separator: ", ")
      let more = positions.count > 12 ? ", ..." : ""
      return "\(name): \(positions.count) (\(shown)\(more))"
    }
    let settings = differences.map { "\($0.path) \($0.there) -> \($0.here)" }
    return [
      examples("certificates gained", gained), examples("certificates lost", lost),
      settings.isEmpty ? nil : "settings: " + settings.joined(separator: "; "),
      regressions.isEmpty ? nil : "regression: " + regressions.joined(separator: ", "),
    ].compactMap(\.self)
  }

  /// A heading, a table, and a list below it.
  fileprivate var markdown: String {
    func cell(_ text: String) -> String {
      printed(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
    let cells = cells
    let table = [cells[0], [":--", "--:", "--:", "--:"]] + cells.dropFirst()
    let lines =
      ["**certify**: " + printed(head(" → ")), ""]
      + table.map { "| " + $0.map(cell).joined(separator: " | ") + " |" } + [""]
      + remarks.map { "- " + printed($0) }
    return lines.map { $0 + "\n" }.joined()
  }

  fileprivate var json: JSONValue {
    func report(_ report: StoredReport) -> JSONValue {
      .object([
        ("model", report.sections.model["path"] ?? .null),
        ("sha256", report.sections.model["sha256"] ?? .null),
      ])
    }
    func pair(_ old: JSONValue, _ young: JSONValue) -> JSONValue {
      .object([("base", old), ("new", young)])
    }
    func quantiles(_ values: Quantiles?) -> JSONValue { .optional(values, \.json) }
    let radii = radii
    return .object([
      ("epsilon", new.sections.options["epsilon"] ?? .null),
      ("norm", new.sections.options["norm"] ?? .null),
      ("data", new.sections.data["path"] ?? .null),
      ("models", pair(report(base), report(new))),
      ("examples", .integer(new.certificates.count)),
      (
        "counts",
        .object(
          counts.map { count in
            let key = count.key ?? count.name
            return (key, pair(.integer(count.base), .integer(count.new)))
          })
      ),
      ("radius_quantiles", pair(quantiles(radii.base), quantiles(radii.new))),
      ("gained", .whole(gained)), ("lost", .whole(lost)),
      (
        "settings",
        .array(
          differences.map { difference in
            .object([
              ("place", .string(difference.path.description)),
              ("base", .string(difference.there)), ("new", .string(difference.here)),
            ])
          })
      ),
      ("regression", .bool(!regressions.isEmpty)),
    ])
  }
}

/// Hundredths of a percent in words.
private func percentText(_ hundredths: Int) -> String {
  "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
}
