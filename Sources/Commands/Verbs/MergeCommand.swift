import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify merge REPORT...`: the report of a whole run from those of its parts.
struct MergeCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins the reports of the parts of a run.",
    discussion: """
      The parts were made by --shard, or by --offset and --limit, with everything else alike, and are \
      given in any order. What comes out has the bytes of the report that one run over all of them writes.
      """)

  @Argument(help: .reports, completion: .report)
  var reports: [String]

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the report there, whole or not at all. (default: standard output)",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(name: [.short, .long], help: .quiet)
  var quiet = false

  func execute() throws -> ExitStatus {
    try FilesInUse(reports: reports, output: output).check()
    try OutputEnding.check(output, .report)
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    var files: [ReportFile] = []
    for path in reports { files.append(try ReportFile(path: path)) }
    let joined = try JoinedReports(files)
    for piece in ReportText(joined) { try output.write(piece) }
    try output.commit()
    for warning in joined.warnings { Diagnostics().warning(warning) }
    let range = joined.range
    Diagnostics(isQuiet: quiet).note(
      "\(joined.exampleCount) examples, \(range.lowerBound) to \(range.upperBound - 1), of "
        + (files.count == 1 ? "1 file" : "\(files.count) files"))
    return .done
  }
}
