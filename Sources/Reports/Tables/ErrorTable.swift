import FileAccess
import JSONFiles

/// The columns of the paper's Table 1, a row for each network, data set and question.
///
/// Reports that differ only in their attacks or in their search for radii join in one row: what any
/// of them falsified or certified is.
public struct ErrorTable: Sendable {
  /// The form of the text.
  public enum Form: String, Sendable, CaseIterable {
    case text, markdown, json, csv
  }

  /// The errors of one row, as numbers of a report's text.
  struct Row: Sendable {
    var question: TableQuestion
    var files: [String]
    var examples: Int
    /// The attacks are nil where no run tried them.
    var clean, predicted, fgsm, pgd, certified: JSONValue
    /// Whether every wrong prediction is proved to be one.
    var isProved: Bool
  }

  /// To which side a percentage is rounded: lower bounds down, upper bounds up.
  private enum Rounding { case down, nearest, up }

  let rows: [Row]

  /// Takes every report of the files; rows stand in the order of their first reports.
  ///
  /// - Throws: Where a report has no errors, for want of labels; where two give one name to
  ///   different networks or data; where two contradict each other.
  public init(_ files: [ReportFile]) throws(InputError) {
    var groups: [TableGroup] = []
    for report in files.flatMap(\.reports) {
      let question = try TableQuestion(report)
      if let place = groups.firstIndex(where: { $0.question.isSame(as: question) }) {
        try groups[place].join(report)
      } else {
        for group in groups { try question.checkNames(group.question) }
        groups.append(TableGroup(question, report))
      }
    }
    rows = groups.map(\.row)
  }

  /// The text, with its last line end.
  public func text(_ form: Form) -> String {
    switch form {
    case .json: json.laidOutText() + "\n"
    case .text: TextTable.lines(cells, words: words, indentation: "").map { $0 + "\n" }.joined()
    case .csv:
      cells.reduce(into: CSVText()) { $0.add($1) }.text
    case .markdown:
      markdown.map { printed("| " + $0.joined(separator: " | ") + " |") + "\n" }.joined()
    }
  }
}

extension ErrorTable {
  /// A column: its title, whether it has words (to the left) or numbers, and its cells.
  private struct Column {
    var title: String
    var isWords = false
    var cells: [String]

    /// The title and the cells.
    var all: [String] { [title] + cells }
  }

  private var columns: [Column] {
    let models = FileNames(rows.map(\.question.modelPath))
    let data = FileNames(rows.map(\.question.dataPath))
    let radii = FileNames(rows.compactMap(\.question.radiiPath))
    // What all rows share needs no column.
    let options = TableQuestion.columns.indices.compactMap { place -> Column? in
      let cells = rows.map { $0.question.options[place] }
      return Set(cells).count > 1 ? Column(title: TableQuestion.columns[place], cells: cells) : nil
    }
    let head = [
      Column(title: "model", isWords: true, cells: rows.map { models[$0.question.modelPath] }),
      Column(title: "data", isWords: true, cells: rows.map { data[$0.question.dataPath] }),
      Column(title: "norm", isWords: true, cells: rows.map(\.question.norm)),
      Column(
        title: "eps",
        cells: rows.map { $0.question.radiiPath.map { radii[$0] } ?? $0.question.epsilon }),
    ]
    func errors(
      _ title: String, _ key: KeyPath<Row, JSONValue>, _ rounding: Rounding = .down
    ) -> Column {
      Column(title: title, cells: rows.map { ErrorTable.percent($0[keyPath: key], rounding) })
    }
    let figures = [
      errors("FGSM", \.fgsm), errors("PGD", \.pgd),
      errors("robust error (at most)", \.certified, .up),
    ]
    let examples = Column(title: "examples", cells: rows.map(\.exampleWords))
    // Where every wrong prediction is proved, the column would say the same again.
    let predicted =
      rows.allSatisfy(\.isProved) ? [] : [errors("predicted", \.predicted, .nearest)]
    return head + options + [examples, errors("error", \.clean)] + predicted + figures
  }

  private var cells: [[String]] {
    let columns = columns
    return (0...rows.count).map { line in columns.map { $0.all[line] } }
  }

  private var words: Set<Int> { Set(columns.indices.filter { columns[$0].isWords }) }

  private var markdown: [[String]] {
    let escaped = columns.map { column in
      column.all.map { cell in
        cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      }
    }
    let lines = (0...rows.count).map { line in escaped.map { $0[line] } }
    return [lines[0], columns.map { $0.isWords ? ":--" : "--:" }] + lines.dropFirst()
  }

  private var json: JSONValue {
    .object([("rows", .array(rows.map(\.json)))])
  }

  /// A fraction as a percentage with two decimals.
  private static func percent(_ fraction: JSONValue, _ rounding: Rounding) -> String {
    guard case .number(let text) = fraction, let value = Double(text), value >= 0, value <= 1
    else { return "-" }
    // Fractions of fewer than 10^9 examples lie further apart than what binary64 makes of them.
    let exact = value * 10_000
    let hundredths =
      switch rounding {
      case .down: Int((exact + 1e-6).rounded(.down))
      case .nearest: Int(exact.rounded())
      case .up: Int((exact - 1e-6).rounded(.up))
      }
    return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())%"
  }
}

extension ErrorTable.Row {
  /// The number of examples; that of a sample beside what it was drawn from.
  fileprivate var exampleWords: String {
    question.population.map { "\(examples)/\($0)" } ?? "\(examples)"
  }

  private func option(_ place: Int) -> JSONValue {
    question.options[place] == "-" ? .null : .string(question.options[place])
  }

  fileprivate var json: JSONValue {
    .object([
      ("model", .string(question.modelPath)), ("data", .string(question.dataPath)),
      ("norm", .string(question.norm)),
      ("epsilon", .string(question.radiiPath ?? question.epsilon)),
      ("arithmetic", .string(question.options[0])), ("slopes", .string(question.options[1])),
      ("rows", option(2)), ("clip", option(3)),
      ("accumulation", option(4)), ("offset", .number(question.options[5])),
      ("seed", question.options[6] == "-" ? .null : .number(question.options[6])),
      ("scale", option(7)), ("mean", option(8)), ("std", option(9)), ("layout", option(10)),
      ("decision", option(11)), ("output", option(12)),
      ("examples", .integer(examples)),
      ("population", .optional(question.population) { .integer($0) }),
      ("clean_error", clean), ("predicted_error", predicted), ("fgsm_error", fgsm),
      ("pgd_error", pgd), ("robust_error", certified),
      ("reports", .array(files.map { .string($0) })),
    ])
  }
}

/// The names of files without their folders, or with as much of them as tells them apart.
private struct FileNames {
  private var names: [String: String] = [:]

  init(_ paths: [String]) {
    let parts = Set(paths).map { path in (path, path.split(separator: "/")) }
    for (path, own) in parts {
      let others = parts.filter { $0.0 != path }.map(\.1)
      let length = (1...max(1, own.count)).first { length in
        !others.contains { $0.suffix(length) == own.suffix(length) }
      }
      let name = length.map { own.suffix($0).joined(separator: "/") } ?? path
      names[path] = name
    }
  }

  subscript(path: String) -> String { names[path] ?? path }
}
