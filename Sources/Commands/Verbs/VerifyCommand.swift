import ArgumentParser
import Certification
import DualBounds
import FileAccess
import PropertyFiles
import Runs
import Verification

/// `certify verify MODEL PROPERTY`: whether a network has a property of VNN-LIB; `certify verify REPORT`:
/// whether a report is what its files make.
struct VerifyCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Decides a property in the form of VNN-LIB, or makes a report again.",
    usage: """
      certify verify <model> <property> [<options>]
      certify verify <report> [<options>]
      """,
    discussion: """
      Prints 'unsat' where no input of the property's boxes has outputs as it says: proved. Prints 'sat' \
      with such an input, proved, too; else 'unknown', or 'timeout' where a budget was used up. \
      Ends with status 0 for 'unsat' alone, and with 1 for the others. A report in place of the model, \
      without a property: its files are hashed, its run is done again, and the bytes are compared; \
      status 1 where they differ. Of the options those of the work and of its data count then.
      """)

  @Argument(
    help: "The network, in any form that a run reads, or a report; '-' reads standard input.",
    completion: .network)
  var model: String

  @Argument(
    help:
      "The property: VNN-LIB 1.0, gzip or not; '-' reads standard input. (default: none, for a report)",
    completion: .file(extensions: ["vnnlib", "gz"]))
  var property: String?

  @Option(
    help: ArgumentHelp(
      "Which network the answer speaks of: exact, or as deployed.", valueName: "kind"))
  var arithmetic: Arithmetic = .float32

  @Option(
    help: ArgumentHelp(
      "Where float16 and bfloat16 networks sum up: in float32, or in their own type.",
      valueName: "type"))
  var accumulation: Accumulation = .float32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Most boxes bounded, >= 1; the answer is the same every time. (default: 10000000)",
      valueName: "count"))
  var splits: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End after so many seconds, > 0; the answer may depend on the machine. (default: never)",
      valueName: "seconds"))
  var timeout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random starts of descents, >= 0, for each disjunct. (default: 8)", valueName: "count"))
  var restarts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seeds the random starts, >= 0. (default: 0)", valueName: "number"))
  var seed: Int?

  @OptionGroup(title: "The work") var work: WorkArguments
  @OptionGroup(title: "The work") var result: ResultArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments
  @OptionGroup(title: "The data of a report") var storedData: StoredDataArguments

  func execute() throws -> ExitStatus {
    let begun = secondsOfClock()
    guard let property else { return try verifyReport() }
    try storedData.refuse(beside: property)
    let plan = try VerificationPlan(self, property: property)
    let output = try AtomicFile(plan.outputPath)
    defer { output.discard() }
    let inputs = try VerificationInputs(plan)
    let diagnostics = Diagnostics(isQuiet: plan.isQuiet)
    inputs.say(diagnostics)
    let deadline = plan.timeout.map { begun + $0 }
    let progress = ProgressLine(isEnabled: !plan.isQuiet)
    let result = verify(
      chain: inputs.chain, property: inputs.property, options: try inputs.options(plan),
      isOver: { deadline.map { secondsOfClock() >= $0 } ?? false },
      progress: { progress.show("\($0) boxes, \($1) open") })
    progress.clear()
    let answer = CompetitionResult(result.answer, inputs.property)
    try output.write(answer.text)
    try output.commit()
    if plan.outputPath != "-" {
      let stream = try AtomicFile("-")
      try stream.write(answer.word + "\n")
      try stream.commit()
    }
    diagnostics.text(VerificationSummary(plan, inputs, result, answer).lines)
    return answer == .unsat ? .done : .gateFailed
  }

  /// What stands in the model's place is a report.
  private func verifyReport() throws -> ExitStatus {
    try FilesInUse(reports: [model], output: result.output).check()
    let output = try AtomicFile(result.output ?? "-")
    defer { output.discard() }
    guard
      let rebuild = try ReportRebuild(
        model, work: work, data: storedData, output: result.output)
    else {
      throw InputError(
        .usage, file: "verify", found: "no property, and \(quoted(model)) is no report of certify",
        expected: "a model and a property, or a report")
    }
    return try rebuild.execute(output: output)
  }
}

extension CompetitionResult {
  /// The answer in the competition's words.
  init(_ answer: Answer, _ property: Property) {
    switch answer {
    case .holds: self = .unsat
    case .undecided: self = .unknown
    case .outOfBudget: self = .timeout
    case .violated(let violation):
      let box = property.cases[violation.caseIndex].box
      self = .sat(
        inputs: violation.stated.enumerated().map { box.numeral(of: $1, feature: $0) },
        outputs: violation.outputs.map(plainNumeral))
    }
  }
}
