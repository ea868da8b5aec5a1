import ArgumentParser
import FileAccess
import Runs

/// What is said while a run goes on and at its end, and to whom.
struct StreamArguments: ParsableArguments {
  @Flag(help: "Print the report even on a terminal. (default: only with --output or into a pipe)")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How far the run is: a line on a terminal that is redrawn, or a line a minute; auto is the first on a terminal, else the second.",
      valueName: "form"))
  var progress: ProgressName = .auto

  @Option(
    help: ArgumentHelp(
      "The summary for people, or for GitHub: into the job's summary, with annotations.",
      valueName: "form"))
  var summaryFormat: SummaryName = .text

  @Option(
    help: ArgumentHelp(
      "Messages for people, or a JSON object a line; every verb takes it.", valueName: "form"))
  var errorFormat: ErrorFormatName = .text
}

/// Forms of progress by their names.
enum ProgressName: String, ExpressibleByArgument, CaseIterable {
  case auto, bar, lines, none
}

/// Forms of the summary by their names.
enum SummaryName: String, ExpressibleByArgument, CaseIterable {
  case text, github
}

/// Forms of messages by their names.
enum ErrorFormatName: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// What is written beside the report, for other programs.
struct InterchangeArguments: ParsableArguments {
  @Option(
    name: .customLong("csv"),
    help: ArgumentHelp(
      "Write the certificates there as CSV (RFC 4180). (default: nowhere)", valueName: "file"),
    completion: .file())
  var table: String?

  @Option(
    help: ArgumentHelp(
      "Write the figures there as flat JSON, which DVC and MLflow read. (default: nowhere)",
      valueName: "file"),
    completion: .file())
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "Write command, date and machine there, which the report leaves out. (default: nowhere)",
      valueName: "file"),
    completion: .file())
  var provenance: String?

  @Option(
    help: ArgumentHelp(
      "Write the results of the gates there as JUnit's XML. (default: nowhere)", valueName: "file"),
    completion: .file())
  var junit: String?

  /// The files that are asked for.
  var files: SideFiles {
    var files = SideFiles()
    (files.csv, files.metrics, files.provenance, files.junit) = (table, metrics, provenance, junit)
    return files
  }
}
