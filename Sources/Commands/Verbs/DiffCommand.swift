import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify diff BASE NEW`: what changed from one report to another.
struct DiffCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares two reports on the same examples.",
    usage: """
      certify diff <base> <new> [--format <form>] [--fail-on-regression]
                   [--output <file>]
      """,
    discussion: """
      Prints verdicts, errors and quantiles of radii of both, the examples that gained or lost a \
      certificate, and the settings that differ. The networks may be different; the data, the examples \
      and the balls have to be the same.
      """)

  @Argument(help: "The report to compare with; '-' reads standard input.", completion: .report)
  var base: String

  @Argument(help: "The report that is compared.", completion: .report)
  var new: String

  @Option(help: ArgumentHelp("Form of the comparison.", valueName: "form"))
  var format: ChangeFormName = .text

  @Flag(help: "Exit with status 1 if there are fewer certificates or more wrong predictions.")
  var failOnRegression = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the comparison there, whole or not at all. (default: standard output)",
      valueName: "file"),
    completion: .file())
  var output: String?

  func execute() throws -> ExitStatus {
    try FilesInUse(reports: [base, new], output: output).check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    let changes = try ReportChanges(
      base: try ReportFile(path: base), new: try ReportFile(path: new))
    try output.write(changes.text(format.form))
    try output.commit()
    guard failOnRegression, !changes.regressions.isEmpty else { return .done }
    for regression in changes.regressions {
      Diagnostics().error("--fail-on-regression: \(regression)")
    }
    return .gateFailed
  }
}

/// Forms of a comparison by their names.
enum ChangeFormName: String, ExpressibleByArgument, CaseIterable {
  case text, markdown, json

  fileprivate var form: ReportChanges.Form {
    switch self {
    case .text: .text
    case .markdown: .markdown
    case .json: .json
    }
  }
}
