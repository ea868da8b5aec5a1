import ArgumentParser
import FileAccess
import Pages
import Reports
import Runs

/// `certify plot REPORT...`: several reports in one picture.
struct PlotCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draws several reports in one picture.",
    discussion: """
      An SVG picture. 'radii': every report's certified radii in increasing order, as in Figure 5 of \
      the paper, a line each. 'errors': a bar for each report, from what is proved wrong to what is \
      certified.
      """)

  @Argument(help: .reports, completion: .report)
  var reports: [String]

  @Option(
    help: ArgumentHelp(
      "What is drawn: radii or errors. (default: radii where every report has them)",
      valueName: "kind"))
  var kind: PlotKindName?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the picture there, whole or not at all. (default: standard output)",
      valueName: "file"),
    completion: .file())
  var output: String?

  func execute() throws -> ExitStatus {
    try FilesInUse(reports: reports, output: output).check()
    try OutputEnding.check(output, .picture)
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    var files: [ReportFile] = []
    for path in reports { files.append(try ReportFile(path: path)) }
    let kind = kind?.kind ?? ComparisonPlot.kind(for: files)
    try output.write(ComparisonPlot(files, kind: kind).text)
    try output.commit()
    return .done
  }
}

/// Kinds of plots by their names.
enum PlotKindName: String, ExpressibleByArgument, CaseIterable {
  case radii, errors

  fileprivate var kind: ComparisonPlot.Kind {
    switch self {
    case .radii: .radii
    case .errors: .errors
    }
  }
}
