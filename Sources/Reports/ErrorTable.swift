import FileAccess
import JSONFiles

/// The columns of the paper's Table 1, a row a report.
public struct ErrorTable: Sendable {
  /// The form of the text.
  public enum Form: String, Sendable, CaseIterable {
    case text, markdown, json
  }

  /// The errors of one report, as numbers of the report's text.
  struct Row: Sendable {
    var model, data, norm, epsilon: String
    var examples: Int
    /// nil where the run tried no such attack.
    var clean, fgsm, pgd, certified: String?
  }

  let rows: [Row]

  /// Takes every report of the files, in order.
  ///
  /// - Throws: Where a report has no errors, for want of labels.
  public init(_ files: [ReportFile]) throws(InputError) {
    var rows: [Row] = []
    for file in files {
      for report in file.reports { rows.append(try Row(report)) }
    }
    self.rows = rows
  }

  /// The text, with its last line end.
  public func text(_ form: Form) -> String {
    switch form {
    case .json: json.laidOutText() + "\n"
    case .text: aligned.map { trimmed($0.joined(separator: "  ")) + "\n" }.joined()
    case .markdown:
      markdown.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }
  }
}

extension ErrorTable.Row {
  fileprivate init(_ report: StoredReport) throws(InputError) {
    let sections = report.sections
    func string(_ value: JSONValue?) -> String {
      guard case .string(let text) = value else { return "" }
      return text
    }
    func number(_ key: String) -> String? {
      guard case .number(let text) = sections.summary[key] else { return nil }
      return text
    }
    guard let clean = number("clean_error"), let certified = number("robust_error") else {
      throw InputError(
        file: report.file, place: JSONPath.key(report.path, "summary").description,
        found: "no error rates", expected: "a report of data with labels")
    }
    model = string(sections.model["path"])
    data = string(sections.data["path"])
    norm = string(sections.options["norm"])
    // Where each feature has a radius of its own, their file is what names them.
    let file = string(sections.options["epsilon_file"]?["path"])
    epsilon = file.isEmpty ? string(sections.options["epsilon"]?["text"]) : ErrorTable.name(file)
    examples = report.range.count
    fgsm = number("fgsm_error")
    let isPGD = string(sections.options[OptionsDescription.attackKey]) == "pgd"
    pgd = isPGD ? number("attacked_error") : nil
    (self.clean, self.certified) = (clean, certified)
  }
}

extension ErrorTable {
  private static let head = [
    "model", "data", "norm", "eps", "examples", "error", "FGSM", "PGD", "certified",
  ]
  /// Columns of words, to the left; the others are numbers.
  private static let words = 3

  private var cells: [[String]] {
    [ErrorTable.head]
      + rows.map { row in
        [
          ErrorTable.name(row.model), ErrorTable.name(row.data), row.norm, row.epsilon,
          "\(row.examples)", ErrorTable.percent(row.clean, up: false),
          ErrorTable.percent(row.fgsm, up: false), ErrorTable.percent(row.pgd, up: false),
          ErrorTable.percent(row.certified, up: true),
        ]
      }
  }

  private var aligned: [[String]] {
    let cells = cells
    let widths = ErrorTable.head.indices.map { column in
      cells.map { $0[column].count }.max() ?? 0
    }
    return cells.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < ErrorTable.words ? row[column] + space : space + row[column]
      }
    }
  }

  private var markdown: [[String]] {
    let rule = ErrorTable.head.indices.map { $0 < ErrorTable.words ? ":--" : "--:" }
    let escaped = cells.map { row in
      row.map { cell in
        cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      }
    }
    return [escaped[0], rule] + escaped.dropFirst()
  }

  private var json: JSONValue {
    let rows = rows.map { row in
      JSONValue.object([
        ("model", .string(row.model)), ("data", .string(row.data)), ("norm", .string(row.norm)),
        ("epsilon", .string(row.epsilon)), ("examples", .integer(row.examples)),
        ("clean_error", .optional(row.clean) { .number($0) }),
        ("fgsm_error", .optional(row.fgsm) { .number($0) }),
        ("pgd_error", .optional(row.pgd) { .number($0) }),
        ("robust_error", .optional(row.certified) { .number($0) }),
      ])
    }
    return .object([("rows", .array(rows))])
  }

  /// The name of a file without its folder, its control characters made visible.
  fileprivate static func name(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return String(quoted(name).dropFirst().dropLast())
  }

  /// A fraction as a percentage with two decimals: to nearest, or not below it.
  private static func percent(_ fraction: String?, up: Bool) -> String {
    guard let fraction, let value = Double(fraction), value >= 0, value <= 1 else { return "-" }
    // Fractions of fewer than 10^9 examples lie further apart than what binary64 makes of them.
    let exact = value * 10_000
    let hundredths = Int(up ? (exact - 1e-6).rounded(.up) : exact.rounded())
    return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
