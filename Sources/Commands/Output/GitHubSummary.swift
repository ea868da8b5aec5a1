import CertificateRecords
import FileAccess
import Glibc
import Reports

/// What a run says to GitHub: a summary of the job in Markdown, and annotations by its commands.
struct GitHubSummary {
  let reports: [Report]
  /// Where the report lies; nil for standard output.
  let reportPath: String?

  /// The job's summary.
  var markdown: String {
    let lines = reports.flatMap { report -> [String] in
      let counts = report.summary.counts
      let question = report.run.options.words(sayingScope: true)
      let title = "\(report.run.model.file.path) on \(report.run.data.file.path)"
      let rows = [
        ("certified", counts.certified), ("falsified", counts.falsified),
        ("misclassified", counts.misclassified), ("unknown", counts.unknown),
      ]
      return ["### certify: \(Self.escaped(title))", "", Self.escaped(question), ""]
        + ["| | examples |", "| :-- | --: |"] + rows.map { "| \($0) | \($1) |" }
        + ["", Self.escaped(HumanSummary(report).errorSentence), ""]
    }
    let place = reportPath.map {
      ["The report is in `\(printed($0).replacing("`", with: "'"))`.", ""]
    }
    return (lines + (place ?? [])).joined(separator: "\n") + "\n"
  }

  /// Adds the summary to the file that the job names, or says that there is none.
  func append(_ diagnostics: Diagnostics) throws(OutputError) {
    try Self.append(markdown, diagnostics)
  }

  /// Adds Markdown to the file that the job names, or says that there is none.
  static func append(_ markdown: String, _ diagnostics: Diagnostics) throws(OutputError) {
    guard try append(markdown) else {
      return diagnostics.note(
        "--summary-format github: no GITHUB_STEP_SUMMARY, which names the summary's file")
    }
  }

  private static func append(_ markdown: String) throws(OutputError) -> Bool {
    guard let name = getenv("GITHUB_STEP_SUMMARY").map({ String(cString: $0) }), !name.isEmpty
    else { return false }
    let descriptor = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw OutputError(.cannotCreate, file: name, found: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    writeAll(markdown, to: descriptor)
    return true
  }

  /// A command of the workflow: a line that the job's log shows as an annotation.
  static func annotation(_ level: String, _ message: String) -> String {
    let escaped = message.replacing("%", with: "%25").replacing("\r", with: "%0D")
      .replacing("\n", with: "%0A")
    return "::\(level) title=certify::\(escaped)"
  }

  /// The annotation of a gate that failed.
  static func annotation(_ result: GateResult, of report: String = "") -> String {
    let place = report.isEmpty ? "" : "\(report): "
    return annotation("error", "\(place)\(result.option): \(result.words)")
  }

  /// Names from files in Markdown: nothing of them is markup.
  static func escaped(_ text: String) -> String {
    printed(text).unicodeScalars.reduce(into: "") { written, scalar in
      if "\\`*_{}[]<>()#+!|~&".unicodeScalars.contains(scalar) { written += "\\" }
      written.unicodeScalars.append(scalar)
    }
  }
}

/// What `certify gate` says to GitHub of reports at hand.
struct GitHubGates {
  let suites: [(name: String, results: [GateResult])]

  var markdown: String {
    let rows = suites.flatMap { suite in
      suite.results.map { result in
        let cells = [
          suite.name, "\(result.option) \(result.limit)", result.found,
          result.isPassed ? "passed" : "failed",
        ]
        return "| " + cells.map(GitHubSummary.escaped).joined(separator: " | ") + " |"
      }
    }
    return
      (["### certify: gates", "", "| report | gate | found | |", "| :-- | :-- | :-- | :-- |"]
      + rows + [""]).joined(separator: "\n") + "\n"
  }

  /// Adds to the job's summary, and says an annotation for each gate that failed.
  func say(_ diagnostics: Diagnostics) throws(OutputError) {
    try GitHubSummary.append(markdown, diagnostics)
    for suite in suites {
      for result in suite.results where !result.isPassed {
        diagnostics.command(GitHubSummary.annotation(result, of: suite.name))
      }
    }
  }
}
