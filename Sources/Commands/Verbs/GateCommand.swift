import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify gate REPORT...`: whether reports at hand keep to limits.
struct GateCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Holds reports against limits.",
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

  func execute() throws -> ExitStatus {
    let gates = try gates.gates()
    guard !gates.isEmpty else {
      throw InputError(
        .usage, file: "gate", found: "no gate",
        expected: "one or more, such as --max-robust-error 6%")
    }
    try FilesInUse(reports: reports, output: output).check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    var isPassed = true
    for path in reports {
      let file = try ReportFile(path: path)
      for result in try Gate.results(gates, of: file) {
        isPassed = isPassed && result.isPassed
        let word = result.isPassed ? "passed" : "failed"
        try output.write(lines: ["\(word): \(file.path): \(result.option): \(result.words)"])
      }
    }
    try output.commit()
    return isPassed ? .done : .gateFailed
  }
}
