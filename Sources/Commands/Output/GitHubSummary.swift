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

  /// Adds the summary to the file that the job names; returns whether there is one.
  func append() throws(OutputError) -> Bool {
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

  /// Names from files in Markdown: nothing of them is markup.
  private static func escaped(_ text: String) -> String {
    printed(text).unicodeScalars.reduce(into: "") { written, scalar in
      if "\\`*_{}[]<>()#+!|~&".unicodeScalars.contains(scalar) { written += "\\" }
      written.unicodeScalars.append(scalar)
    }
  }
}
