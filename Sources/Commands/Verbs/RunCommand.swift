import ArgumentParser
import Certification
import Runs

/// `certify MODEL --eps E --data FILE`: certificates for every example of a data set.
struct RunCommand: CertifyingVerb {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Proves how robust a ReLU network is.",
    usage: """
      certify <model> --eps <list> --data <file> [<options>]
      certify inspect <model>
      certify merge <report> ... [--output <file>]
      certify gate <report> ... --max-robust-error <share>
      certify diff <report> <report> [--format <form>]
      certify table <report> ... [--format <form>]
      certify report <report> [--data <file>] [--output <page>]
      certify plot <report> ... [--kind <kind>] [--output <picture>]
      certify explain <model> --eps <eps> --data <file> --index <position>
      certify plane <model> --eps <eps> --data <points> --output <picture>
      certify verify <model> <property> [--output <result>]
      certify verify <report>
      certify audit <report> --model <model> --data <file> [--proofs <file>]
      certify attest <report> [--audit <result>] [--output <file>]
      certify convert <model> [--output <file>]
      certify export-vnnlib <model> --eps <eps> --data <file> -o <folder>
      """,
    discussion: """
      For every example: can any input within eps of this one change the class? \
      The report is one JSON document; a short summary goes to standard error. \
      'man certify' says what is proved and what is not.
      """,
    shouldDisplay: false
  )

  @Argument(help: .model, completion: .network)
  var model: String

  @OptionGroup(title: "The question") var question: QuestionArguments
  @OptionGroup(title: "The data") var data: DataArguments
  @OptionGroup(title: "The radii") var radii: RadiusArguments
  @OptionGroup(title: "The attacks") var attacks: AttackArguments
  @OptionGroup(title: "The search") var search: SearchArguments
  @OptionGroup(title: "The run") var run: RunArguments
  @OptionGroup(title: "The gates") var gates: GateArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  var work: WorkArguments { run.work }
  var output: String? { run.result.output }
  var splits: Int? { search.splits }

  func execute() throws -> ExitStatus {
    let plan = try RunPlan(self, run, gates: gates.gates())
    return try CertificationRun(
      plan: plan, diagnostics: diagnostics, progress: run.streams.progress,
      summary: run.streams.summaryFormat
    ).execute()
  }
}

/// A command that certifies examples: its options are those of a run.
protocol CertifyingVerb: Verb {
  var model: String { get }
  var question: QuestionArguments { get }
  var data: DataArguments { get }
  var radii: RadiusArguments { get }
  var attacks: AttackArguments { get }
  /// As typed; nil for the standard.
  var splits: Int? { get }
  var work: WorkArguments { get }
  /// Where the result goes, as typed; nil for standard output.
  var output: String? { get }
  var network: NetworkArguments { get }
  var limits: LimitArguments { get }
}

extension CertifyingVerb {
  /// What looks at bounds has no search.
  var splits: Int? { 0 }
  var diagnostics: Diagnostics { Diagnostics(isQuiet: work.quiet) }
}

/// What a command line asks of the engine: its examples, and its options before they are fitted into
/// the memory.
package func engineQuestion(
  _ arguments: [String]
) throws -> (source: ExampleSource, options: CertificationOptions) {
  let plan = try RunPlan(RunCommand.parse(arguments))
  let inputs = try RunInputs(plan)
  return (ExampleSource(inputs), CertificationOptions(plan, inputs))
}
