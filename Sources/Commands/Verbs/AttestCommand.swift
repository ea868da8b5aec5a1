import ArgumentParser
import FileAccess
import Reports
import Runs

/// `certify attest REPORT`: a statement about a report that others can sign.
struct AttestCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "attest",
    abstract: "Writes an in-toto statement about a report.",
    discussion: """
      The statement names the network and the data by their SHA-256, and says what was asked, what \
      came out, by which version, and what an audit said; programs like cosign sign it.
      """)

  @Argument(help: ArgumentHelp("The report.", valueName: "report"), completion: .report)
  var report: String

  @Option(
    help: ArgumentHelp(
      "What 'certify audit --output' wrote of the report. (default: none)", valueName: "file"),
    completion: .file())
  var audit: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the statement there, whole or not at all. (default: standard output)",
      valueName: "file"), completion: .file())
  var output: String?

  func execute() throws -> ExitStatus {
    try FilesInUse(
      inputs: [("the report", report), ("--audit", audit)], outputs: [("--output", output ?? "-")]
    ).check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    let result = try audit.map { (path) throws(InputError) in (try readFile(path), path) }
    let attestation = try Attestation((try readFile(report), report), audit: result)
    try output.write(attestation.text)
    try output.commit()
    return .done
  }
}
