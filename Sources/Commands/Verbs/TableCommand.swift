import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify table REPORT...`: the columns of the paper's Table 1.
struct TableCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Prints the errors of reports as a table.",
    discussion: """
      A row for each network, data set and question: the error without any perturbation, what FGSM \
      and PGD make of it, and the bound that no perturbation within eps exceeds. Reports that differ \
      in their attacks, in --splits or in the search for radii alone join in one row. A dash stands for \
      an attack that was not tried. 'csv' is for spreadsheets, 'model-card' for a model hub: Markdown \
      with a YAML head.
      """)

  @Argument(help: .reports, completion: .report)
  var reports: [String]

  @Option(help: ArgumentHelp("Form of the table.", valueName: "form"))
  var format: TableFormName = .text

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the table there, whole or not at all. (default: standard output)",
      valueName: "file"),
    completion: .file())
  var output: String?

  func execute() throws -> ExitStatus {
    try FilesInUse(reports: reports, output: output).check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    var files: [ReportFile] = []
    for path in reports { files.append(try ReportFile(path: path)) }
    let text = try format.form.map { try ErrorTable(files).text($0) } ?? ModelCard(files).text
    try output.write(text)
    try output.commit()
    return .done
  }
}

/// Forms of a table by their names.
enum TableFormName: String, ExpressibleByArgument, CaseIterable {
  case text, markdown, json, csv
  case modelCard = "model-card"

  /// nil for what is more than a table.
  fileprivate var form: ErrorTable.Form? {
    switch self {
    case .text: .text
    case .markdown: .markdown
    case .json: .json
    case .csv: .csv
    case .modelCard: nil
    }
  }
}
