import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify gate REPORT...`: whether reports at hand keep to limits.
struct GateCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Holds reports against limits.",
    usage: """
      certify gate <reports> ... --max-robust-error <share> [<options>]
      """,
    discussion: """
      Prints a line for each gate, report and eps, and ends with status 1 where one failed. The gates \
      are those of a run; several reports are each held against all of them.
      """)

  @Argument(help: .reports, completion: .report)
  var reports: [String]

  @OptionGroup(title: "The gates") var gates: GateArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the lines there, whole or not at all. (default: standard output)", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write the results there as JUnit's XML. (default: nowhere)", valueName: "file"),
    completion: .file())
  var junit: String?

  @Option(
    help: ArgumentHelp(
      "Nothing more, or for GitHub: into the job's summary, with annotations.", valueName: "form"))
  var summaryFormat: SummaryName = .text

  func execute() throws -> ExitStatus {
    let gates = try gates.gates()
    guard !gates.isEmpty else {
      throw InputError(
        .usage, file: "gate", found: "no gate",
        expected: "one or more, such as --max-robust-error 6%")
    }
    try FilesInUse(
      inputs: reports.map { ("one of the reports", $0) },
      outputs: [("--output", output ?? "-"), ("--junit", junit)]
    ).check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    let junit = try junit.map { path throws(OutputError) in try AtomicFile(path) }
    defer { junit?.discard() }
    var suites: [(name: String, results: [GateResult])] = []
    for path in reports {
      let file = try ReportFile(path: path)
      let results = try Gate.results(gates, of: file)
      suites.append((file.path, results))
      for result in results {
        let word = result.isPassed ? "passed" : "failed"
        try output.write(lines: ["\(word): \(file.path): \(result.option): \(result.words)"])
      }
    }
    try junit?.write(GateXML(suites).text)
    try AtomicFile.commit([junit].compactMap(\.self) + [output])
    if summaryFormat == .github { try GitHubGates(suites: suites).say(Diagnostics()) }
    return suites.flatMap(\.results).allSatisfy(\.isPassed) ? .done : .gateFailed
  }
}
