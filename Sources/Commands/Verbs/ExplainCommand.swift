import ArgumentParser
import CertificateRecords
import Certification
import FileAccess
import Reports
import Runs

/// `certify explain MODEL --eps E --data D --index I`: why one example is certified or not.
struct ExplainCommand: CertifyingVerb {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows why one example is certified or not.",
    usage: """
      certify explain <model> --eps <eps> --data <file> --index <position>
                      [<options>]
      """,
    discussion: """
      Bounds and unstable units layer by layer, and where bounds widen; the margin against every \
      class; the features that the worst of them depends on; and the eps at which the example would \
      be certified. The options are those of a run.
      """)

  @Argument(help: .model, completion: .network)
  var model: String

  @Option(help: ArgumentHelp("Form of the explanation.", valueName: "form"))
  var format: ExplanationFormName = .text

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Features listed, >= 0. (default: 10)", valueName: "count"))
  var features: Int?

  @OptionGroup(title: "The question") var question: QuestionArguments
  @OptionGroup(title: "The data") var data: DataArguments
  @OptionGroup(title: "The radii") var radii: RadiusArguments
  @OptionGroup(title: "The attacks") var attacks: AttackArguments
  @OptionGroup(title: "The search") var search: SearchArguments
  @OptionGroup(title: "The work") var work: WorkArguments
  @OptionGroup(title: "The work") var result: ResultArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  var splits: Int? { search.splits }
  var output: String? { result.output }

  func execute() throws -> ExitStatus {
    let plan = try RunPlan(self)
    try plan.refuseReportOptions(verb: "explain")
    guard plan.isSingle else {
      throw InputError(
        .usage, file: "explain", found: "no --index", expected: "the position of one example")
    }
    let count = try RunPlan.whole(features, "--features", least: 0) ?? 10
    let output = try AtomicFile(plan.outputPath)
    defer { output.discard() }
    let inputs = try RunInputs(plan)
    inputs.say(plan, diagnostics)
    let run = try Run(plan, inputs)
    guard let certificate = try run.certificates().first?.first, let epsilon = plan.epsilons.first
    else {
      preconditionFailure("one epsilon, one example")
    }
    let report = ExplanationReport(
      run: run.description(epsilon),
      explanation: explain(
        certificate, chain: inputs.chain, source: ExampleSource(inputs), options: run.options),
      featureCount: count)
    switch format {
    case .json: try output.write(report.jsonText)
    case .text: try output.write(lines: report.lines)
    }
    try output.commit()
    return .done
  }
}

/// Forms of an explanation by their names.
enum ExplanationFormName: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
