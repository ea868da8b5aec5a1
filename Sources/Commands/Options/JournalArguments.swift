import ArgumentParser
import FileAccess
import Runs

/// What is kept of a run before its end.
struct JournalArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep every example there as soon as it is finished. (default: nowhere)", valueName: "file"),
    completion: .file())
  var journal: String?

  @Flag(help: "Go on with what --journal has of this very run. (default: a new journal)")
  var resume = false

  /// nil where nothing is kept.
  func plan() throws(InputError) -> JournalPlan? {
    guard let journal else {
      guard resume else { return nil }
      throw InputError(
        .usage, file: "--resume", found: "no --journal", expected: "the journal to go on with")
    }
    guard journal != "-" else {
      throw InputError(
        .usage, file: "--journal", found: "'-'", expected: "a file, which a later run can read")
    }
    return JournalPlan(path: journal, resumes: resume)
  }
}
